#include "event/select.h"

#include <algorithm>
#include <utility>

#include "event/json_bytes.h"
#include "event/json_value.h"
#include "event/object.h"
#include "event/record.h"

namespace weir {

namespace {

/// Where a selected field stands in the text.
struct Found {
  const char* value;
  std::vector<std::string_view> keys;  ///< that lead to it from the outermost object on, as spelled
};

/// Adds to each of `fields` the keys that lead from the object at `start` to it.
void find_keys(const char* start, const char* end, std::span<Found*> fields) {
  size_t left = fields.size();
  std::vector<Found*> inside;
  walk_members(start, end, [&](const Member& member) {
    const char* const value = member.value.data();
    inside.clear();
    for (Found* field : fields) {
      if (field->value < value || field->value >= value + member.value.size()) continue;
      field->keys.emplace_back(member.key.data() - 1, member.key.size() + 2);
      --left;
      if (field->value != value) inside.push_back(field);
    }
    if (!inside.empty()) find_keys(value, end, inside);
    return left > 0;
  });
}

/// The object that is made: members in the order that they were asked for.
class SelectedMembers {
 public:
  void add(const Found& field, const char* end) {
    size_t at = 0;
    for (const std::string_view key : field.keys) {
      if (!members_[at].value.empty()) return;  // the whole of it is selected already
      const std::vector<size_t>& inside = members_[at].inside;
      // In one object a key is told by its place.
      const auto known = std::ranges::find_if(
          inside, [&](size_t member) { return members_[member].key.data() == key.data(); });
      if (known != inside.end()) {
        at = *known;
        continue;
      }
      members_.push_back({key, {}, {}});
      members_[at].inside.push_back(members_.size() - 1);
      at = members_.size() - 1;
    }
    const char* const after = skip_value(field.value, end);
    members_[at].value = {field.value, static_cast<size_t>(after - field.value)};
  }

  void write(std::string& out, size_t at = 0) const {
    out += '{';
    for (const size_t member : members_[at].inside) {
      if (out.back() != '{') out += ',';
      out += members_[member].key;
      out += ':';
      if (members_[member].value.empty()) {
        write(out, member);
      } else {
        out += members_[member].value;
      }
    }
    out += '}';
  }

 private:
  struct Member {
    std::string_view key;
    std::string_view value;  ///< its text if the whole of it is selected
    std::vector<size_t> inside;
  };
  std::vector<Member> members_ = {{}};
};

/// Where a value that was read stands in the text.
const char* place_of(const Value& value) {
  return value.kind == Kind::kString ? value.quote : value.data;
}

/// Adds the member whose key, spelled `"name":`, stands right before `value`. False if it is not
/// spelled so.
bool append_member(const char* start, const char* value, const char* end, std::string_view name,
                   std::string& out) {
  const auto before = static_cast<size_t>(value - start);
  const size_t size = name.size() + 3;
  const char* const key = value - size;
  if (before <= size || key[0] != '"' || value[-1] != ':' || value[-2] != '"' ||
      std::string_view(key + 1, name.size()) != name) {
    return false;
  }
  if (out.back() != '{') out += ',';
  out.append(key, skip_value(value, end));
  return true;
}

/// Appends the object of the fields if each is a member of the outermost object, and no key of it
/// has escapes or spaces behind it, as nearly all events have it. False else: `out` is as it was.
bool append_plain_members(const char* start, const char* end, std::span<const Path> fields,
                          std::span<const Value> values, std::string& out) {
  constexpr size_t kFewFields = 16;
  if (fields.size() > kFewFields) return false;
  const size_t before = out.size();
  out += '{';
  for (size_t i = 0; i < fields.size(); ++i) {
    if (values[i].is_missing()) continue;
    const Path& field = fields[i];
    if (std::ranges::count(fields.first(i), field) > 0) continue;
    if (field.names.size() == 1 &&
        append_member(start, place_of(values[i]), end, field.names[0].text, out)) {
      continue;
    }
    out.resize(before);
    return false;
  }
  out += '}';
  return true;
}

/// Appends the object of the fields, wherever they stand.
void append_members(const char* start, const char* end, std::span<const Value> values,
                    std::string& out) {
  std::vector<Found> found;
  for (const Value& value : values) {
    if (!value.is_missing()) found.push_back({place_of(value), {}});
  }
  std::vector<Found*> fields;
  for (Found& field : found) fields.push_back(&field);
  find_keys(start, end, fields);
  SelectedMembers members;
  for (const Found& field : found) members.add(field, end);
  members.write(out);
}

std::vector<int> slots_apart(const std::vector<Path>& fields, const PathTable& paths) {
  const std::vector<int> touched = paths.overlapping(fields);
  std::vector<int> apart;
  for (int slot = 0; slot < paths.size(); ++slot) {
    const bool is_field = paths.path(slot).root == Path::Root::kEvent;
    if (is_field && !std::ranges::binary_search(touched, slot)) apart.push_back(slot);
  }
  return apart;
}

/// The columns whose values may be others when only `fields` are left: all that meet one, but for a
/// field itself that meets no other.
std::vector<int> slots_touched(const std::vector<Path>& fields, const PathTable& paths) {
  std::vector<int> slots = paths.overlapping(fields);
  std::erase_if(slots, [&](int slot) {
    const Path& path = paths.path(slot);
    return std::ranges::all_of(
        fields, [&](const Path& field) { return field == path || !overlaps(field, path); });
  });
  return slots;
}

}  // namespace

std::string select_fields(std::string_view json, std::span<const Path> paths,
                          const PathScanner& scanner, std::vector<bool>& met, std::string& out) {
  const char* const end = json.data() + json.size();
  const char* const start = skip_space(json.data(), end);
  if (start >= end || *start != '{') return "the event is no object, so it has no fields to select";
  std::vector<Value> values(scanner.size());
  Arena arena;
  std::string broken = scanner.scan(json, values, arena);
  if (!broken.empty()) return broken;
  for (size_t i = 0; i < values.size(); ++i) met[i] = met[i] || !values[i].is_missing();
  out.append(json.data(), start);
  if (!append_plain_members(start, end, paths, values, out)) {
    append_members(start, end, values, out);
  }
  // What stands behind the object stays: a carriage return.
  const char* last = end;
  while (is_space(last[-1])) --last;
  out.append(last, end);
  return {};
}

FieldSelector::FieldSelector(std::vector<Path> fields, const PathTable& paths)
    : fields_(std::move(fields)),
      scanner_(fields_),
      gone_(slots_apart(fields_, paths)),
      touched_(paths, slots_touched(fields_, paths)) {}

std::string FieldSelector::select(Batch& batch, uint32_t row, std::vector<bool>& met) const {
  Row& event = batch.rows[row];
  if (event.is_record()) {
    select_cells(batch, event, met);
  } else {
    std::string selected;
    std::string problem = select_fields(event.json(), fields_, scanner_, met, selected);
    if (!problem.empty()) return problem;
    event.set_text(batch.arena.copy(selected));
  }
  for (const int slot : gone_) put_column(batch, slot, row, Value::missing());
  touched_.refill(batch, row);
  return {};
}

void FieldSelector::select_cells(Batch& batch, Row& row, std::vector<bool>& met) const {
  struct Pick {
    size_t column;
    bool whole;
    std::vector<Path> inside;  ///< else only these of it
  };
  std::vector<Pick> picks;
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Path& field = fields_[i];
    const RecordPlace place = find_place(row, field, batch.arena);
    if (read_record(row, field, batch.arena).is_missing()) continue;
    met[i] = true;
    auto pick = std::ranges::find(picks, place.column, &Pick::column);
    if (pick == picks.end()) pick = picks.insert(picks.end(), {place.column, false, {}});
    pick->whole = pick->whole || place.names == field.names.size();
    if (pick->whole) continue;
    Path& rest = pick->inside.emplace_back();
    rest.names.assign(field.names.begin() + static_cast<std::ptrdiff_t>(place.names),
                      field.names.end());
  }
  std::vector<std::string_view> names;
  auto* cells = batch.arena.make_array<Value>(picks.size());
  for (size_t i = 0; i < picks.size(); ++i) {
    names.emplace_back(row.schema->names[picks[i].column]);
    cells[i] = row.cells[picks[i].column];
    if (picks[i].whole) continue;
    std::string json;
    std::string selected;
    write_json(cells[i], json);
    std::vector<bool> inside(picks[i].inside.size());
    select_fields(json, picks[i].inside, PathScanner(picks[i].inside), inside, selected);
    cells[i] = Value::raw(Kind::kMap, batch.arena.copy(selected));
  }
  row.cells = cells;
  row.schema = batch.schema_of(names);
}

}  // namespace weir
