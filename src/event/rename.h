// Giving fields of events other names.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "event/batch.h"
#include "event/edit.h"
#include "event/fill.h"
#include "event/json_scan.h"
#include "event/path.h"

namespace weir {

struct Renaming {
  Path to;
  Path from;
};

/// Renames fields, all at once: a swap works. A field keeps its place and its bytes where the new
/// name can stand there (beside where it was, or flat where it was flat); else it is set at the
/// new path as a FieldWriter does it. What stood under the new name is gone, and so are doubled
/// keys and other spellings of both.
class FieldRenamer {
 public:
  /// No two of the old paths and no two of the new ones lead into each other. `paths` are the paths
  /// of the pipeline, whose columns follow the change; it must outlive this.
  FieldRenamer(std::vector<Renaming> renamings, const PathTable& paths);

  /// Renames in one row. `values` are the fields' values, one a renaming: where one is kMissing,
  /// that renaming does nothing. Answers an empty text, or why a field cannot have its new name:
  /// something that is no object is in the way.
  std::string rename(Batch& batch, uint32_t row, std::span<const Value> values) const;

 private:
  /// Takes the fields that are there from under their old names. `stayed[i]` becomes true for one
  /// that has its new name already.
  std::string rename_text(Batch& batch, Row& row, std::vector<bool>& stayed) const;
  void rename_cells(Batch& batch, Row& row, std::span<const Value> values,
                    std::vector<bool>& stayed) const;
  std::string new_key(size_t i, size_t done) const;

  std::vector<Path> fields_;  ///< the old paths, then the new ones
  size_t count_;
  PathScanner scanner_;  ///< for the old paths
  std::vector<std::unique_ptr<FieldWriter>> writers_;
  std::vector<std::vector<int>> slots_;  ///< by renaming: columns of the new path itself
  ColumnFiller touched_;                 ///< columns that any of the paths leads into or out of
};

}  // namespace weir
