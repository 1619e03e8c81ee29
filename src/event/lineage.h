// What caused an event that is made of several.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event/batch.h"
#include "event/envelope.h"

namespace weir {

/// Adds up where the events come from that one is to be made of: the first and the last of them in
/// their queue, how many they are, and when the earliest happened. Owns what it keeps.
class Lineage {
 public:
  /// Adds a row. One that is from no queue says nothing, nor does one from another queue than those
  /// before it. Neighbours that were made of the same event of the queue count as that one.
  void add(const Batch& batch, uint32_t row);
  /// Adds what another one has added up of the rows behind those of this one.
  void add(const Lineage& later);

  /// True if none that was added is from a queue.
  bool empty() const { return units_ == 0; }
  void clear() { units_ = 0; }

  /// All of it as a text, and from such a text; nothing if it is none.
  std::string text() const;
  static std::optional<Lineage> parse(std::string_view text);

 private:
  friend class MadeEnvelopes;

  std::string queue_;
  Eid first_;
  Eid last_;
  Eid earliest_;  ///< of the row that was added first
  Eid latest_;    ///< of the row that was added last
  int64_t latest_units_ = 0;
  int64_t units_ = 0;
  int64_t source_time_ = 0;  ///< the earliest
};

/// Collects the envelopes of the events that a stage makes for one batch, each of several.
class MadeEnvelopes {
 public:
  /// Answers the `line` of a row with `is_made` set: the place of its envelope, or 0 for none.
  uint32_t add(const Lineage& lineage);

  /// What becomes the batch's `made`; null where there is nothing to say. Begins anew.
  std::shared_ptr<const Origin> take();

 private:
  std::shared_ptr<Envelopes> envelopes_;
};

}  // namespace weir
