#include "event/record.h"

#include "event/json_value.h"

namespace weir {

namespace {

/// The first member whose key spells the path, wholly or in part with the rest inside its value. Of
/// equal keys, which spell equally many names, only the first is looked at.
template <typename KeyAt, typename ValueAt>
Value find_member(size_t count, KeyAt&& key_at, ValueAt&& value_at, const Path& path, size_t first,
                  Arena& arena) {
  for (size_t i = 0; i < count; ++i) {
    const size_t spelled = names_spelled(key_at(i), path, first);
    if (spelled == 0) continue;
    bool again = false;
    for (size_t before = 0; before < i && !again; ++before) again = key_at(before) == key_at(i);
    if (again) continue;
    const Value found = read_inside(value_at(i), path, first + spelled, arena);
    if (!found.is_missing()) return found;
  }
  return Value::missing();
}

}  // namespace

Value read_inside(const Value& value, const Path& path, size_t first, Arena& arena) {
  if (first == path.names.size()) return value;
  if (value.kind != Kind::kMap) return Value::missing();
  const Value map = decode_container(value, arena);
  if (map.kind != Kind::kMap) return Value::missing();
  return find_member(
      map.map->size, [&](size_t i) { return map.map->keys[i].text(); },
      [&](size_t i) { return map.map->values[i]; }, path, first, arena);
}

Value read_record(const Row& row, const Path& path, Arena& arena) {
  const std::vector<std::string>& names = row.schema->names;
  if (path.is_whole()) {
    auto* keys = arena.make_array<Value>(names.size());
    for (size_t i = 0; i < names.size(); ++i) keys[i] = Value::of_string(names[i]);
    auto* map = arena.make_array<MapValue>(1);
    *map = {keys, row.cells, static_cast<uint32_t>(names.size())};
    return Value::of_map(map);
  }
  return find_member(
      names.size(), [&](size_t i) { return std::string_view(names[i]); },
      [&](size_t i) { return row.cells[i]; }, path, 0, arena);
}

std::string write_record(const Row& row, std::string& out, int inside) {
  const size_t start = out.size();
  out += '{';
  for (size_t i = 0; i < row.schema->names.size(); ++i) {
    if (row.cells[i].is_missing()) continue;
    if (out.size() > start + 1) out += ',';
    write_json_string(row.schema->names[i], out);
    out += ':';
    const std::string problem = write_json(row.cells[i], out, inside + 1);
    if (problem.empty()) continue;
    out.resize(start);
    return "field '" + row.schema->names[i] + "' cannot be written: " + problem;
  }
  out += '}';
  return {};
}

RecordPlace find_place(const Row& row, const Path& path, Arena& arena) {
  const std::vector<std::string>& names = row.schema->names;
  RecordPlace best = {names.size(), 0};
  for (size_t i = 0; i < names.size(); ++i) {
    const size_t spelled = names_spelled(names[i], path, 0);
    if (spelled == 0) continue;
    if (!read_inside(row.cells[i], path, spelled, arena).is_missing()) return {i, spelled};
    if (spelled > best.names) best = {i, spelled};
  }
  return best;
}

}  // namespace weir
