// Reading a queue on the bus.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "bus/bounds.h"
#include "bus/session.h"
#include "source/commit_rule.h"
#include "source/queue_shard.h"
#include "source/source.h"

namespace weir {

struct QueueSourceOptions {
  Bounds bounds = {};
  std::optional<Eid> only = {};        ///< instead of the bounds: this one event
  bool by_event_time = false;          ///< the bounds mean event_source_timestamp
  std::optional<uint64_t> limit = {};  ///< the most events
  std::optional<uint64_t> size = {};   ///< the most bytes of payloads, where it is not one event
  bool follow = false;                 ///< wait for more at the end of the queue
  bool envelopes = false;              ///< give whole envelopes instead of payloads
  size_t batch_rows = 0;               ///< the most rows in a batch; 0: as many as a block has
  CommitRule commit = {};              ///< of a bot: when it commits
};

/// A source that gives the events of a queue in order; with `shard`, those that belong to it. Of a
/// bot it begins behind its checkpoint.
std::unique_ptr<Source> make_queue_source(std::string queue, QueueSourceOptions options,
                                          std::unique_ptr<QueueShard> shard,
                                          std::shared_ptr<BusSession> session);

}  // namespace weir
