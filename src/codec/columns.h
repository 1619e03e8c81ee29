// Columns that a person chose (--columns).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "event/batch.h"
#include "event/json_scan.h"
#include "event/path.h"

namespace weir {

/// Reads chosen fields out of events.
class ColumnPicker {
 public:
  /// The columns as dotted paths.
  explicit ColumnPicker(const std::vector<std::string>& columns);

  /// Fills `values`, one a column; kMissing where the event has no such field. Answers an empty
  /// text, or why the event has no columns at all.
  std::string pick(const Row& row, Arena& arena, std::span<Value> values) const;

 private:
  std::vector<Path> paths_;
  PathScanner scanner_;
};

}  // namespace weir
