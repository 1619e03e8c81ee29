// Writing events to a queue on the bus.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "bus/session.h"
#include "sink/sink.h"

namespace weir {

/// How a queue is written.
struct QueueSinkOptions {
  bool envelopes = false;   ///< the events are whole envelopes, as `from --envelope` gives them
  uint8_t stage_index = 0;  ///< under which rows that cannot be written are rejected
};

/// Fills in that `event` was caused by row `row`, where that was read from a queue; `eid` holds the
/// text that the event points to.
void set_cause(const Batch& batch, uint32_t row, std::string& eid, BlockBuilder::Event& event);

/// A sink for the queue. Each event gets an envelope, in which an event that was read from a queue
/// is the cause. A run without a bot commits each full block, and the rest where the source has
/// nothing to say; what a bot writes waits for the bot's commit.
std::unique_ptr<Sink> make_queue_sink(std::string queue, QueueSinkOptions options,
                                      std::shared_ptr<BusSession> session);

}  // namespace weir
