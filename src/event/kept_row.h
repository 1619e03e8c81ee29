// An event that outlives its batch.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "event/batch.h"
#include "event/keep.h"

namespace weir {

/// Owns a copy of one event: its text or cells as they are now, as it was read, where it came from,
/// and its columns. For stages that hold events (see Upstream::hold).
class KeptRow {
 public:
  KeptRow(const Batch& batch, uint32_t row);

  /// Bytes of what was copied.
  size_t bytes() const { return bytes_; }

  /// Appends a copy of the event to `out`, alive. False if it cannot stand there: the rows of a
  /// batch come from one source, line after line.
  bool append_to(Batch& out) const;

 private:
  void keep_value(const Value& value);

  std::shared_ptr<const Origin> origin_;
  uint64_t line_;
  uint64_t offset_ = 0;
  uint8_t born_;
  std::string text_;    ///< a text row's JSON
  std::string source_;  ///< the event as it was read, where that is something else
  enum class Source : uint8_t { kNone, kText, kOther } has_source_ = Source::kNone;
  std::shared_ptr<const Schema> schema_;  ///< of a record; else null
  std::vector<KeptValue> values_;         ///< a record's cells, then the columns by slot
  size_t bytes_ = 0;
};

/// Moves events from the front of `held` into `out`, which is empty: as many as make up a batch.
void move_to_batch(std::deque<KeptRow>& held, Batch& out);

}  // namespace weir
