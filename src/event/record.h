// Reading records: rows that are names and values instead of JSON text.
#pragma once

#include <string>
#include <string_view>

#include "event/batch.h"

namespace weir {

/// Reads a path out of a record by the rules that the scan has for text: columns in order, the
/// first spelling wins; a path that goes on is followed into a map. The empty path gives the record
/// as a map. Answers kMissing where there is nothing.
Value read_record(const Row& row, const Path& path, Arena& arena);

/// Reads `names` (from `first` on) inside a value: a map, decoded or raw.
Value read_inside(const Value& value, const Path& path, size_t first, Arena& arena);

/// Appends a record as a JSON object; cells that are missing are left out. Answers an empty text,
/// or why it has no JSON form where it is written `inside` so many lists and objects (see
/// write_json).
std::string write_record(const Row& row, std::string& out, int inside = 0);

/// Where in a record a field stands, or would be written.
struct RecordPlace {
  size_t column = 0;  ///< the cell that is the field or holds it; the number of cells: a new one
  size_t names = 0;   ///< how many names of the path that cell's name spells; 0 for a new one
};

/// Finds the place of `path` (not empty): the cell that reading finds, else the cell whose name
/// spells most of the path.
RecordPlace find_place(const Row& row, const Path& path, Arena& arena);

}  // namespace weir
