#include "codec/columns.h"

#include "event/record.h"

namespace weir {

namespace {

std::vector<Path> paths_of(const std::vector<std::string>& columns) {
  std::vector<Path> paths;
  paths.reserve(columns.size());
  for (const std::string& column : columns) paths.push_back(Path::dotted(column));
  return paths;
}

}  // namespace

ColumnPicker::ColumnPicker(const std::vector<std::string>& columns)
    : paths_(paths_of(columns)), scanner_(paths_) {}

std::string ColumnPicker::pick(const Row& row, Arena& arena, std::span<Value> values) const {
  if (row.is_record()) {
    for (size_t i = 0; i < paths_.size(); ++i) values[i] = read_record(row, paths_[i], arena);
    return {};
  }
  const std::string_view json = row.json();
  const size_t first = json.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || json[first] != '{') {
    return "the event is no object, and --columns names fields";
  }
  return scanner_.scan(json, values, arena);
}

}  // namespace weir
