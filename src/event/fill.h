// Filling the columns that stages demand, and checking the events that go on.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "event/batch.h"
#include "event/json_scan.h"
#include "event/path.h"

namespace weir {

/// Fills the columns of some slots for the alive rows of a batch: text rows by the scan, records
/// cell by cell, `meta.*` from the row's origin.
class ColumnFiller {
 public:
  /// `paths` must outlive the filler, and so must `number`: what the stage that it fills for needs
  /// in an event, or null.
  ColumnFiller(const PathTable& paths, std::span<const int> slots,
               const NumberNeedle* number = nullptr);

  /// Fills. A row that the scan finds broken is rejected on behalf of `stage`; that cannot happen
  /// to a row that was checked. One that lacks the number is filtered instead. A slot that asks for
  /// the whole event has every row checked first.
  void fill(Batch& batch, uint8_t stage) const;

  /// How the text of events is scanned, in a few words for people; empty where none is.
  std::string describe_scan() const;

  /// Fills these slots again for one row whose text or cells were changed.
  void refill(Batch& batch, uint32_t row) const;

 private:
  void size_columns(Batch& batch) const;
  /// The column to fill, if it is one of events' fields and the only one; else null.
  Value* only_column(Batch& batch) const;
  /// Answers an empty text, or why the row is broken.
  std::string fill_row(Batch& batch, uint32_t row, std::span<Value> scratch) const;

  const PathTable& paths_;
  const NumberNeedle* number_;
  std::vector<int> event_slots_;
  std::vector<int> whole_slots_;
  std::vector<int> meta_slots_;
  PathScanner scanner_;
};

/// Puts a value into the column of a slot, for one row. A column that was never filled stays as it
/// is: nobody reads it.
void put_column(Batch& batch, int slot, uint32_t row, const Value& value);

/// Checks every alive text row whole (RFC 8259, UTF-8, depth) and rejects those that fail, on
/// behalf of `stage`. Records are made of checked parts and pass.
void check_rows(Batch& batch, uint8_t stage);

/// The members that `meta` may have; or those of its member `name`, none if that is no map.
std::span<const std::string_view> meta_names(std::string_view name = {});

}  // namespace weir
