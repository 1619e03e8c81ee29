// Keeping some fields of an event and nothing else.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/fill.h"
#include "event/json_scan.h"
#include "event/path.h"

namespace weir {

/// Makes events that have only certain fields, in a certain order. A field stays nested, or flat,
/// as the event has it; its key and value keep their bytes. Fields out of one object share that
/// object again, which stands where the first of them is asked for.
class FieldSelector {
 public:
  /// `paths` are the paths of the pipeline, whose columns follow the change. Made when all of them
  /// are known (when the stage opens), and `paths` must outlive it.
  FieldSelector(std::vector<Path> fields, const PathTable& paths);

  /// Leaves one row only the fields; those that it lacks it lacks still. Answers an empty text, or
  /// why it cannot be done: the event is no object. `met`, an element for each field, becomes true
  /// for those that the row has.
  std::string select(Batch& batch, uint32_t row, std::vector<bool>& met) const;

 private:
  void select_cells(Batch& batch, Row& row, std::vector<bool>& met) const;

  std::vector<Path> fields_;
  PathScanner scanner_;
  std::vector<int> gone_;  ///< slots of what no selected field leads into or out of
  ColumnFiller touched_;   ///< columns that one of the fields leads into or out of
};

/// Appends an object with those of the fields `paths` that object `json` has, in this order; see
/// FieldSelector. `scanner` reads these paths. Answers an empty text or why it cannot be done.
std::string select_fields(std::string_view json, std::span<const Path> paths,
                          const PathScanner& scanner, std::vector<bool>& met, std::string& out);

}  // namespace weir
