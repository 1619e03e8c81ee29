#include "event/remove.h"

#include <algorithm>
#include <utility>

#include "event/json_value.h"
#include "event/members.h"

namespace weir {

namespace {

/// The ends of fields that may stand inside of a cell.
struct Inside {
  std::vector<Path> rests;
  std::vector<size_t> fields;  ///< whose ends they are
};

/// What becomes of a cell called `name`: true if one of the fields is all of it.
bool goes(std::string_view name, std::span<const Path> fields, Inside& inside,
          std::vector<bool>* met) {
  inside.rests.clear();
  inside.fields.clear();
  bool all = false;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Path& field = fields[i];
    const size_t spelled = names_spelled(name, field, 0);
    if (spelled == 0) continue;
    if (spelled == field.names.size()) {
      all = true;
      if (met != nullptr) (*met)[i] = true;
      continue;
    }
    Path& rest = inside.rests.emplace_back();
    rest.names.assign(field.names.begin() + static_cast<std::ptrdiff_t>(spelled),
                      field.names.end());
    inside.fields.push_back(i);
  }
  return all;
}

}  // namespace

bool remove_fields(std::string_view json, std::span<const Path> fields, std::string& out,
                   std::vector<bool>* met) {
  return edit_members(
      json, fields,
      [met](std::span<const MemberMet> ends) {
        for (size_t i = 0; met != nullptr && i < ends.size(); ++i) (*met)[ends[i].path] = true;
        return MemberEdit{.goes = true, .key = {}};
      },
      out);
}

bool edit_record(Batch& batch, Row& row, std::span<const Path> fields,
                 std::span<const std::string> new_names, std::vector<bool>* met) {
  const std::vector<std::string>& before = row.schema->names;
  std::vector<std::string_view> names;
  std::vector<Value> cells;
  Inside inside;
  bool changed = false;
  for (size_t i = 0; i < before.size(); ++i) {
    if (!new_names.empty() && !new_names[i].empty()) {
      names.emplace_back(new_names[i]);
      cells.push_back(row.cells[i]);
      changed = true;
      continue;
    }
    if (goes(before[i], fields, inside, met)) {
      changed = true;
      continue;
    }
    names.emplace_back(before[i]);
    cells.push_back(row.cells[i]);
    if (inside.rests.empty() || row.cells[i].kind != Kind::kMap) continue;
    std::string json;
    std::string left;
    std::vector<bool> found(inside.rests.size());
    if (!write_json(row.cells[i], json).empty()) continue;
    if (!remove_fields(json, inside.rests, left, &found)) continue;
    for (size_t f = 0; met != nullptr && f < found.size(); ++f) {
      if (found[f]) (*met)[inside.fields[f]] = true;
    }
    cells.back() = Value::raw(Kind::kMap, batch.arena.copy(left));
    changed = true;
  }
  if (!changed) return false;
  auto* kept = batch.arena.make_array<Value>(cells.size());
  std::ranges::copy(cells, kept);
  row.cells = kept;
  row.schema = batch.schema_of(names);
  return true;
}

FieldRemover::FieldRemover(std::vector<Path> fields, const PathTable& paths)
    : fields_(std::move(fields)), touched_(paths, paths.overlapping(fields_)) {}

void FieldRemover::remove(Batch& batch, uint32_t row, std::vector<bool>* met) const {
  Row& event = batch.rows[row];
  if (event.is_record()) {
    if (!edit_record(batch, event, fields_, {}, met)) return;
  } else {
    std::string left;
    if (!remove_fields(event.json(), fields_, left, met)) return;
    event.set_text(batch.arena.copy(left));
  }
  touched_.refill(batch, row);
}

}  // namespace weir
