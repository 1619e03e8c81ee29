#include "event/append.h"

#include <algorithm>
#include <utility>

#include "event/json_bytes.h"
#include "event/json_value.h"
#include "event/record.h"

namespace weir {

namespace {

std::vector<Path> single_paths(const std::vector<std::string>& names) {
  std::vector<Path> paths;
  paths.reserve(names.size());
  for (const std::string& name : names) paths.push_back(Path::single(name));
  return paths;
}

/// True if reading `path` finds just the member called `name`.
bool is_same(const Path& path, const std::string& name) {
  return path.root == Path::Root::kEvent && path.names.size() == 1 && path.names[0].text == name;
}

std::vector<int> leading_slots(const std::vector<std::string>& names, const PathTable& paths) {
  std::vector<int> slots;
  for (int slot = 0; slot < paths.size(); ++slot) {
    const Path& path = paths.path(slot);
    const bool leads = std::ranges::any_of(names, [&](const std::string& name) {
      return overlaps(Path::single(name), path) && !is_same(path, name);
    });
    if (leads) slots.push_back(slot);
  }
  return slots;
}

}  // namespace

FieldAppender::FieldAppender(std::vector<std::string> names, const PathTable& paths)
    : names_(std::move(names)),
      paths_of_names_(single_paths(names_)),
      scanner_(paths_of_names_),
      touched_(paths, leading_slots(names_, paths)) {
  for (const std::string& name : names_) {
    std::string& prefix = prefixes_.emplace_back();
    write_json_string(name, prefix);
    prefix += ':';
    std::vector<int>& same = same_slots_.emplace_back();
    for (int slot = 0; slot < paths.size(); ++slot) {
      if (is_same(paths.path(slot), name)) same.push_back(slot);
    }
  }
}

std::string FieldAppender::append(Batch& batch, uint32_t row, std::span<const Value> values) const {
  Row& event = batch.rows[row];
  std::vector<bool> added(names_.size(), false);
  if (event.is_record()) {
    append_cells(batch, event, values, added);
  } else {
    std::string problem = append_text(batch, event, values, added);
    if (!problem.empty()) return problem;
  }
  for (size_t i = 0; i < names_.size(); ++i) {
    if (!added[i]) continue;
    for (const int slot : same_slots_[i]) put_column(batch, slot, row, values[i]);
  }
  touched_.refill(batch, row);
  return {};
}

std::string FieldAppender::append_text(Batch& batch, Row& row, std::span<const Value> values,
                                       std::vector<bool>& added) const {
  const std::string_view json = row.json();
  const char* const end = json.data() + json.size();
  const char* const open = skip_space(json.data(), end);
  if (open >= end || *open != '{') return "the event is no object, so it takes no fields";
  std::vector<Value> there(names_.size());
  std::string broken = scanner_.scan(json, there, batch.arena);
  if (!broken.empty()) return broken;

  // The new members stand before the closing brace, behind what white space there is.
  const char* close = end;
  while (*--close != '}') {
  }
  const char* last = close;
  while (is_space(last[-1])) --last;
  bool is_first = last[-1] == '{';
  std::string changed(json.data(), close);
  for (size_t i = 0; i < names_.size(); ++i) {
    if (values[i].is_missing() || !there[i].is_missing()) continue;
    if (!is_first) changed += ',';
    is_first = false;
    changed += prefixes_[i];
    std::string problem = write_json(values[i], changed, 1);
    if (!problem.empty()) return names_[i] + ": " + problem;
    added[i] = true;
  }
  changed.append(close, end);
  row.set_text(batch.arena.copy(changed));
  return {};
}

void FieldAppender::append_cells(Batch& batch, Row& row, std::span<const Value> values,
                                 std::vector<bool>& added) const {
  const Row before = row;
  std::vector<Value> cells(row.cells, row.cells + row.schema->names.size());
  for (size_t i = 0; i < names_.size(); ++i) {
    if (values[i].is_missing()) continue;
    if (!read_record(before, paths_of_names_[i], batch.arena).is_missing()) continue;
    row.schema = batch.extend(row.schema, names_[i]);
    cells.push_back(values[i]);
    added[i] = true;
  }
  auto* kept = batch.arena.make_array<Value>(cells.size());
  std::ranges::copy(cells, kept);
  row.cells = kept;
}

}  // namespace weir
