// Taking fields out of events.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/fill.h"
#include "event/path.h"

namespace weir {

/// Removes fields from events, in all their spellings and of doubled keys all: nobody downstream
/// reads what was meant to be gone. Everything else keeps its bytes.
class FieldRemover {
 public:
  /// `paths` are the paths of the pipeline, whose columns follow the change. Made when all of them
  /// are known (when the stage opens), and `paths` must outlive it.
  FieldRemover(std::vector<Path> fields, const PathTable& paths);

  /// Removes the fields from one row. An event that has none of them stays as it is. `met`, an
  /// element for each field, becomes true for those that the row had; it may be null.
  void remove(Batch& batch, uint32_t row, std::vector<bool>* met = nullptr) const;

 private:
  std::vector<Path> fields_;
  ColumnFiller touched_;  ///< columns that lead into one of the fields or out of it
};

/// Appends the text of object `json` without `fields`. Answers false, and appends nothing, if there
/// is none of them. For `met` see FieldRemover.
bool remove_fields(std::string_view json, std::span<const Path> fields, std::string& out,
                   std::vector<bool>* met = nullptr);

/// Removes `fields` from a record, columns and what is inside of cells, and gives columns the names
/// of `new_names` (none, or one a column: empty leaves the name and lets the column go with the
/// fields). Answers false if that changes nothing. For `met` see FieldRemover.
bool edit_record(Batch& batch, Row& row, std::span<const Path> fields,
                 std::span<const std::string> new_names, std::vector<bool>* met = nullptr);

}  // namespace weir
