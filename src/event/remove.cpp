#include "event/remove.h"

#include <algorithm>
#include <utility>

#include "event/json_value.h"
#include "event/members.h"

namespace weir {

namespace {

/// What becomes of a cell called `name`: true if one of the fields is all of it. `inside` gets the
/// fields that may stand inside of it.
bool goes(std::string_view name, std::span<const Path> fields, std::vector<Path>& inside) {
  inside.clear();
  for (const Path& field : fields) {
    const size_t spelled = names_spelled(name, field, 0);
    if (spelled == 0) continue;
    if (spelled == field.names.size()) return true;
    Path& rest = inside.emplace_back();
    rest.names.assign(field.names.begin() + static_cast<std::ptrdiff_t>(spelled),
                      field.names.end());
  }
  return false;
}

}  // namespace

bool remove_fields(std::string_view json, std::span<const Path> fields, std::string& out) {
  return edit_members(
      json, fields, [](std::span<const MemberMet>) { return MemberEdit{.goes = true, .key = {}}; },
      out);
}

bool edit_record(Batch& batch, Row& row, std::span<const Path> fields,
                 std::span<const std::string> new_names) {
  const std::vector<std::string>& before = row.schema->names;
  std::vector<std::string_view> names;
  std::vector<Value> cells;
  std::vector<Path> inside;
  bool changed = false;
  for (size_t i = 0; i < before.size(); ++i) {
    if (!new_names.empty() && !new_names[i].empty()) {
      names.emplace_back(new_names[i]);
      cells.push_back(row.cells[i]);
      changed = true;
      continue;
    }
    if (goes(before[i], fields, inside)) {
      changed = true;
      continue;
    }
    names.emplace_back(before[i]);
    cells.push_back(row.cells[i]);
    if (inside.empty() || row.cells[i].kind != Kind::kMap) continue;
    std::string json;
    std::string left;
    if (!write_json(row.cells[i], json).empty() || !remove_fields(json, inside, left)) continue;
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

void FieldRemover::remove(Batch& batch, uint32_t row) const {
  Row& event = batch.rows[row];
  if (event.is_record()) {
    if (!edit_record(batch, event, fields_, {})) return;
  } else {
    std::string left;
    if (!remove_fields(event.json(), fields_, left)) return;
    event.set_text(batch.arena.copy(left));
  }
  touched_.refill(batch, row);
}

}  // namespace weir
