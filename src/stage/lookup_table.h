// A table in memory: the rows of a file, found by key.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/large_memory.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "event/batch.h"
#include "source/source.h"
#include "stage/group_keys.h"
#include "stage/stage.h"

namespace weir {

/// Read once, constant afterwards. Of rows with equal keys the first counts. A cell of CSV that
/// reads as a number is found by that number as well as by its text: events write 7 where CSV can
/// only write "7".
class LookupTable {
 public:
  /// Reads all of `source`, which is called `name` in messages. The key columns must be there.
  /// Doubled keys are told in `warnings`; a row that is broken, and more rows than `memory` has
  /// room for, are errors.
  Result<void> load(Source& source, const std::string& name,
                    const std::vector<std::string>& key_columns, const MemoryBudget& memory,
                    Warnings& warnings);

  /// One value for each column that is no key, kMissing where the row has none.
  using Cells = std::span<const Value>;

  /// The columns that are no keys, in the order of the file.
  const std::vector<std::string>& columns() const { return columns_; }

  /// For each of many keys, one value a key column in a row, the row of the table whose key columns
  /// equal it, or null. They live as long as the table. Keys that are null, missing or errors match
  /// nothing.
  std::vector<const Cells*> find_all(std::span<const Value> keys) const;

 private:
  Result<void> take(Batch& batch, const MemoryBudget& memory, Warnings& warnings);
  /// Answers an empty text, or what is wrong with the row.
  std::string add_row(const Batch& batch, uint32_t row, Warnings& warnings);
  void add_cell(const std::string& name, const Value& value, std::vector<Value>& keys,
                std::vector<Value>& values);
  /// A copy in `arena_`, with kMissing behind it to make it `columns` long.
  Cells kept(Cells values, size_t columns);
  Result<void> check_key_columns() const;

  std::string name_;
  std::vector<std::string> key_columns_;
  std::vector<bool> key_seen_;
  std::vector<std::string> columns_;
  std::map<std::string, size_t, std::less<>> column_numbers_;
  LargeVector<Cells> rows_;
  GroupKeys index_;             ///< the bytes of the rows' keys
  LargeVector<size_t> row_of_;  ///< by the number of a key
  Arena arena_;                 ///< what the rows are in
  uint64_t doubled_ = 0;
};

}  // namespace weir
