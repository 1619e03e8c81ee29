// Adding fields at the end of an event.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "event/batch.h"
#include "event/fill.h"
#include "event/json_scan.h"
#include "event/path.h"

namespace weir {

/// Adds a fixed set of fields to events that do not have them: what the event has, it keeps. Each
/// name is taken as it stands, dots and all. Cheaper than a FieldWriter a name: the event is
/// scanned once and its text copied once.
class FieldAppender {
 public:
  /// `paths` are the paths of the pipeline, whose columns follow the change; it must outlive this.
  FieldAppender(std::vector<std::string> names, const PathTable& paths);

  /// Adds those of `values` (one a name, which live as long as the batch) that are not kMissing and
  /// whose name the event lacks. Answers an empty text, or why it cannot be done: the event is no
  /// object, or a value has no JSON form.
  std::string append(Batch& batch, uint32_t row, std::span<const Value> values) const;

 private:
  std::string append_text(Batch& batch, Row& row, std::span<const Value> values,
                          std::vector<bool>& added) const;
  void append_cells(Batch& batch, Row& row, std::span<const Value> values,
                    std::vector<bool>& added) const;

  std::vector<std::string> names_;
  std::vector<std::string> prefixes_;  ///< `"name":` for each name
  std::vector<Path> paths_of_names_;
  PathScanner scanner_;
  std::vector<std::vector<int>> same_slots_;  ///< by name: columns of the field itself
  ColumnFiller touched_;                      ///< columns that lead into one of the fields
};

}  // namespace weir
