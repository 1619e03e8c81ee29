#include "event/event_writer.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "event/json_bytes.h"
#include "event/json_value.h"
#include "event/object.h"
#include "event/record.h"

namespace weir {

namespace {

std::vector<int> event_slots(const PathTable& paths) {
  std::vector<int> slots;
  for (int slot = 0; slot < paths.size(); ++slot) {
    if (paths.path(slot).root == Path::Root::kEvent) slots.push_back(slot);
  }
  return slots;
}

/// The fields to set, by name, and which of them are done.
class Wanted {
 public:
  explicit Wanted(const MapValue& fields) : done_(fields.size, false) {
    for (uint32_t i = 0; i < fields.size; ++i) by_name_.emplace(fields.keys[i].text(), i);
  }

  enum class Answer : uint8_t { kOther, kFirst, kAgain };
  /// What a field of the event is to the fields: another one, the first of the name of field
  /// `index`, or that name once more.
  Answer look_up(std::string_view name, uint32_t& index) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return Answer::kOther;
    index = found->second;
    if (done_[index]) return Answer::kAgain;
    done_[index] = true;
    return Answer::kFirst;
  }
  bool done(uint32_t index) const { return done_[index]; }

 private:
  std::unordered_map<std::string_view, uint32_t> by_name_;
  std::vector<bool> done_;
};

void set_text(Row& row, std::string_view json) {
  row.text = json.data();
  row.text_size = static_cast<uint32_t>(json.size());
  row.cells = nullptr;
  row.schema = nullptr;
}

void set_cells(Batch& batch, Row& row, std::span<const std::string_view> names,
               std::span<const Value> cells) {
  // A row without cells is still a record: it must point somewhere.
  auto* const kept = batch.arena.make_array<Value>(std::max<size_t>(cells.size(), 1));
  std::ranges::copy(cells, kept);
  row.schema = batch.schema_of(names);
  row.cells = kept;
  row.text = nullptr;
  row.text_size = 0;
}

}  // namespace

EventWriter::EventWriter(const PathTable& paths)
    : paths_(paths), slots_(event_slots(paths)), columns_(paths, slots_) {}

void EventWriter::replace(Batch& batch, uint32_t row, const Value& value) const {
  Row& event = batch.rows[row];
  if (value.kind == Kind::kMap && !value.is_raw()) {
    std::vector<std::string_view> names;
    names.reserve(value.map->size);
    for (uint32_t i = 0; i < value.map->size; ++i) names.push_back(value.map->keys[i].text());
    set_cells(batch, event, names, {value.map->values, value.map->size});
  } else if (value.is_raw()) {
    set_text(event, value.text());
  } else {
    std::string json;
    write_json(value, json);
    set_text(event, batch.arena.copy(json));
  }
  columns_.refill(batch, row);
}

void EventWriter::replace_text(Batch& batch, uint32_t row, std::string_view json) const {
  set_text(batch.rows[row], json);
  columns_.refill(batch, row);
}

std::string EventWriter::merge(Batch& batch, uint32_t row, const MapValue& fields) const {
  Row& event = batch.rows[row];
  if (event.is_record()) {
    merge_cells(batch, event, fields);
  } else if (std::string problem = merge_text(batch, event, fields); !problem.empty()) {
    return problem;
  }
  columns_.refill(batch, row);
  mark_text(batch, row, Path{}, Value::of_map(&fields));
  return {};
}

void EventWriter::mark_text(Batch& batch, uint32_t row, const Path& at, const Value& value) const {
  if (value.kind != Kind::kMap || value.is_raw()) return;
  for (const int slot : slots_) {
    const Path& path = paths_.path(slot);
    const bool is_inside =
        path.names.size() > at.names.size() &&
        std::ranges::equal(at.names, std::span(path.names).first(at.names.size()), {},
                           &Path::Name::text, &Path::Name::text);
    if (!is_inside) continue;
    const Value member = read_inside(value, path, at.names.size(), batch.arena);
    Value& column = batch.columns[static_cast<size_t>(slot)][row];
    // Of two spellings the column may have another one than what was written.
    if (member.is_text && column.kind == Kind::kString && column.text() == member.text()) {
      column.is_text = true;
    }
  }
}

std::string EventWriter::merge_text(Batch& batch, Row& row, const MapValue& fields) const {
  const std::string_view json = row.json();
  Arena scratch;
  Wanted wanted(fields);
  std::string changed;
  std::string problem;
  const char* copied = json.data();    // everything before it is in `changed`, or goes
  const char* previous = json.data();  // behind the member before, or behind the opening brace
  bool is_first = true;                // no member stays so far
  const bool is_object =
      for_each_member(json, scratch, [&](std::string_view key, std::string_view value) {
        uint32_t index = 0;
        const char* const end = value.data() + value.size();
        switch (wanted.look_up(key, index)) {
          case Wanted::Answer::kOther:
            break;
          case Wanted::Answer::kFirst:
            changed.append(copied, value.data());
            problem = write_json(fields.values[index], changed, 1);
            copied = end;
            break;
          case Wanted::Answer::kAgain:
            // It goes with the comma in front of it: a field of that name stands before.
            changed.append(copied, previous);
            copied = end;
            break;
        }
        previous = end;
        is_first = false;
        return problem.empty();
      });
  if (!is_object) return "the event is no object, so it takes no fields";
  if (!problem.empty()) return problem;

  // The new fields stand behind the last one, or behind the opening brace.
  if (is_first) previous = skip_space(json.data(), json.data() + json.size()) + 1;
  changed.append(copied, previous);
  for (uint32_t i = 0; i < fields.size; ++i) {
    if (wanted.done(i)) continue;
    if (!is_first) changed += ',';
    is_first = false;
    write_json_string(fields.keys[i].text(), changed);
    changed += ':';
    problem = write_json(fields.values[i], changed, 1);
    if (!problem.empty()) return problem;
  }
  changed.append(previous, json.data() + json.size());
  set_text(row, batch.arena.copy(changed));
  return {};
}

void EventWriter::merge_cells(Batch& batch, Row& row, const MapValue& fields) const {
  Wanted wanted(fields);
  std::vector<std::string_view> names;
  std::vector<Value> cells;
  for (size_t i = 0; i < row.schema->names.size(); ++i) {
    uint32_t index = 0;
    const std::string& name = row.schema->names[i];
    const Wanted::Answer answer = wanted.look_up(name, index);
    if (answer == Wanted::Answer::kAgain) continue;
    names.push_back(name);
    cells.push_back(answer == Wanted::Answer::kFirst ? fields.values[index] : row.cells[i]);
  }
  for (uint32_t i = 0; i < fields.size; ++i) {
    if (wanted.done(i)) continue;
    names.push_back(fields.keys[i].text());
    cells.push_back(fields.values[i]);
  }
  set_cells(batch, row, names, cells);
}

}  // namespace weir
