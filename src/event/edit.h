// Changing one field of an event and nothing else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/fill.h"
#include "event/json_scan.h"
#include "event/needle.h"
#include "event/path.h"

namespace weir {

/// Writes one field of events. The field is found as it is read: of its spellings and of doubled
/// keys the first in the text is replaced, and all others are removed, so that nobody downstream
/// reads what was meant to be gone. A new `a.b` is made nested, in the object that is there.
/// Everything else keeps its bytes.
class FieldWriter {
 public:
  /// Writes `target`; `paths` are the paths of the pipeline, whose columns follow the change. Made
  /// when all of them are known (when the stage opens), and `paths` must outlive it.
  FieldWriter(Path target, const PathTable& paths);

  /// Sets the field of one row; the value is copied. Answers an empty text, or why
  /// the event cannot take it: it is no object, something that is no object stands where the path
  /// goes on, or the value has no JSON form.
  std::string write(Batch& batch, uint32_t row, const Value& value) const;

  const Path& target() const { return target_; }

 private:
  std::string write_text(Batch& batch, Row& row, std::string_view json) const;
  std::string write_record(Batch& batch, Row& row, const Value& value) const;

  Path target_;
  PathScanner scanner_;           ///< the target, then the objects around it, outermost first
  Needle key_end_;                ///< no other place of the target is where this is not
  std::optional<int> same_slot_;  ///< the column of the target itself
  ColumnFiller touched_;          ///< columns that lead into the target or out of it
};

/// The text of object `json` with the field at `target` set to `replacement`, appended to `out`;
/// see FieldWriter. Answers an empty text or why it cannot be done.
std::string set_field(std::string_view json, const Path& target, std::string_view replacement,
                      std::string& out);

}  // namespace weir
