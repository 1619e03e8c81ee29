// What caused an event, and what it caused, by the correlations of the envelopes of a bus.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bus/bus.h"

namespace weir {

/// An event, and how it is related to the one that was asked for.
struct Relative {
  std::string queue;
  Eid eid;
  std::string id;  ///< the bot that wrote it
  int64_t timestamp = 0;
  int64_t source_time = 0;
  std::string source;  ///< of its correlation; empty if it has none
  std::string start;
  std::string end;     ///< empty if it was made of one event
  uint64_t units = 0;  ///< how many events it was made of
  bool gone = false;   ///< it is no longer there: no more is known than queue and eid
  int depth = 0;       ///< negative: so many steps up
  /// How many events lie between start and end, where that was looked up: more than `units`, if
  /// some of them were not taken.
  uint64_t among = 0;
  /// Since the one that it was found by, or the last of those that it was made of, was written.
  std::optional<int64_t> lag_ms;
};

/// Walks through the queues of a bus. No payload is read for that.
class Lineage {
 public:
  /// At most `most` events are looked up on each way.
  Lineage(Bus& bus, std::vector<QueueFacts> queues, size_t most)
      : bus_(bus), queues_(std::move(queues)), most_(most) {}

  /// All events with this id; `only` names the queue, if it is not empty.
  Result<std::vector<Relative>> find(const Eid& eid, std::string_view only);
  /// An event with this id in each queue that some event names as where it was made of that one,
  /// the first or the last of several: for what `find` does not find, and what is gone.
  Result<std::vector<Relative>> find_gone(const Eid& eid, std::string_view only);
  /// What caused it, each behind its own causes, and last the event itself. Everything between the
  /// first and the last that it was made of counts: which of them were, nobody wrote down.
  Result<std::vector<Relative>> causes(const Relative& event);
  /// What it caused, each in front of what that caused; without itself.
  Result<std::vector<Relative>> effects(const Relative& event);
  /// There were more events than were looked up.
  bool is_cut() const { return cut_; }

 private:
  /// An event, and the ones found by it that no other had led to before.
  struct Node {
    Relative event;
    std::vector<size_t> found = {};
  };
  struct Graph;
  /// The block that was read last.
  struct Seen {
    std::string queue;
    Eid first;
    Eid last;
    Envelopes envelopes;
  };

  template <typename See>
  Result<void> look(const std::string& queue, const Eid& from, const See& see);
  Result<bool> load(const std::string& queue, const Eid& from);

  Bus& bus_;
  std::vector<QueueFacts> queues_;
  size_t most_;
  std::optional<Seen> seen_;
  bool cut_ = false;
};

}  // namespace weir
