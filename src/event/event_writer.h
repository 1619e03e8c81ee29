// Giving an event many fields at once, or other content altogether.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/fill.h"
#include "event/path.h"

namespace weir {

/// Changes events where only the data tells which fields there will be. Afterwards the columns
/// follow the event.
class EventWriter {
 public:
  /// `paths` are the paths of the pipeline, all of them known (when a stage opens); it must outlive
  /// this.
  explicit EventWriter(const PathTable& paths);

  /// The event becomes `value`, which lives as long as the batch: a decoded map becomes a record,
  /// anything else (no error, and without line ends in its JSON text) the event's text.
  void replace(Batch& batch, uint32_t row, const Value& value) const;

  /// The event becomes what `json` says, one value, which lives as long as the batch.
  void replace_text(Batch& batch, uint32_t row, std::string_view json) const;

  /// Sets the members of `fields` on the event, each as FieldWriter would set Path::single(name):
  /// the first field of that name is replaced and the others go; new ones come to the end, in
  /// order. The keys are strings that differ; the values live as long as the batch. Answers an
  /// empty text, or why it cannot be done, and the event is as it was then.
  std::string merge(Batch& batch, uint32_t row, const MapValue& fields) const;

  /// Tells the columns what is text (see Value::is_text) in the decoded map `value` that was
  /// written at `at`: the JSON of the event does not say so.
  void mark_text(Batch& batch, uint32_t row, const Path& at, const Value& value) const;

 private:
  std::string merge_text(Batch& batch, Row& row, const MapValue& fields) const;
  void merge_cells(Batch& batch, Row& row, const MapValue& fields) const;

  const PathTable& paths_;
  std::vector<int> slots_;  ///< of all paths into events
  ColumnFiller columns_;
};

}  // namespace weir
