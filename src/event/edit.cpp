#include "event/edit.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "event/json_bytes.h"
#include "event/json_value.h"
#include "event/object.h"
#include "event/record.h"

namespace weir {

namespace {

/// The target and the paths of the objects around it, innermost first.
std::vector<Path> with_parents(const Path& target) {
  std::vector<Path> paths = {target};
  for (size_t size = target.names.size() - 1; size > 0; --size) {
    Path parent = target;
    parent.names.resize(size);
    paths.push_back(std::move(parent));
  }
  return paths;
}

/// Where a value that the scan found starts in the text.
const char* place_of(const Value& value) {
  return value.kind == Kind::kString ? value.quote : value.data;
}

/// `{"b":{"c":VALUE}}` without the outermost braces, for the names of `target` from `first` on.
void append_nested(const Path& target, size_t first, std::string_view value, std::string& out) {
  for (size_t i = first; i < target.names.size(); ++i) {
    if (i > first) out += '{';
    write_json_string(target.names[i].text, out);
    out += ':';
  }
  out += value;
  out.append(target.names.size() - first - 1, '}');
}

/// Rewrites an object with one field replaced, inserted or removed wherever else it stands.
class Rewriter {
 public:
  Rewriter(const Path& target, std::string_view replacement, std::string& out)
      : target_(target), replacement_(replacement), out_(out) {}

  /// The value that starts here is the one that is replaced (null: there is none).
  const char* replaced = nullptr;
  /// The object that starts here gets the new member, names from `names_there` on.
  const char* parent = nullptr;
  size_t names_there = 0;

  /// Appends the object `json` of which `done` names of the target are behind us. Answers behind
  /// it.
  const char* object(const char* p, const char* end, size_t done) {
    const char* const start = p;
    out_ += '{';
    bool first = true;
    const char* member = p + 1;  // with the white space around it, up to the comma
    p = skip_space(member, end);
    while (p < end && *p == '"') {
      const char* const close = find_closing_quote(p + 1, end);
      const char* const value = skip_space(skip_space(close + 1, end) + 1, end);
      const char* const after = skip_value(value, end);
      const char* const next = skip_space(after, end);  // a comma or the closing brace
      const size_t mark = out_.size();
      if (!first) out_ += ',';
      const std::string_view key = decode_key({p + 1, static_cast<size_t>(close - p - 1)}, arena_);
      if (append_member(key, member, value, after, end, done)) {
        out_.append(after, next);
        first = false;
      } else {
        out_.resize(mark);
      }
      if (next >= end || *next != ',') {
        p = next;
        break;
      }
      member = next + 1;
      p = skip_space(member, end);
    }
    if (start == parent) {
      if (!first) out_ += ',';
      append_nested(target_, names_there, replacement_, out_);
    }
    out_ += '}';
    return p + 1;
  }

 private:
  /// Appends a member from `begin` (its white space and key) to `after` its value; false if it is
  /// one of the field's other places, which goes.
  bool append_member(std::string_view key, const char* begin, const char* value, const char* after,
                     const char* end, size_t done) {
    if (value == replaced) {
      out_.append(begin, value);
      out_ += replacement_;
      return true;
    }
    const size_t spelled = names_spelled(key, target_, done);
    if (spelled > 0 && done + spelled == target_.names.size()) return false;
    if (spelled > 0 && *value == '{') {
      out_.append(begin, value);
      object(value, end, done + spelled);
    } else {
      out_.append(begin, after);
    }
    return true;
  }

  const Path& target_;
  std::string_view replacement_;
  std::string& out_;
  Arena arena_;
};

/// Where in an event's text the target is, or is to be.
struct Place {
  const char* replaced = nullptr;  ///< its value; null: it is not there
  const char* parent = nullptr;    ///< else the object that gets it ...
  const char* parent_end = nullptr;
  size_t names_there = 0;  ///< ... from this name on
};

Place in_outermost(const char* start, const char* end) {
  while (is_space(end[-1])) --end;
  return {.parent = start, .parent_end = end};
}

/// Finds the target from what the scan found at with_parents. Answers an empty text, or why it can
/// not be set.
std::string find_target(const Path& target, std::span<const Value> found, const char* start,
                        const char* end, Place& place) {
  if (!found[0].is_missing()) {
    place.replaced = place_of(found[0]);
    return {};
  }
  place = in_outermost(start, end);
  for (size_t i = 1; i < found.size(); ++i) {
    if (found[i].is_missing()) continue;
    const size_t names = target.names.size() - i;
    if (found[i].kind != Kind::kMap) {
      Path parent = target;
      parent.names.resize(names);
      return "cannot set '" + target.to_string() + "': '" + parent.to_string() +
             "' is there and is no object";
    }
    place.parent = place_of(found[i]);
    place.parent_end = found[i].data + found[i].size;
    place.names_there = names;
    break;
  }
  return {};
}

/// Adds the target to its parent behind all other members. False if there are none: what white
/// space stands there is the Rewriter's business.
bool add_last(std::string_view json, const Path& target, const Place& place,
              std::string_view replacement, std::string& out) {
  const char* const end = json.data() + json.size();
  const char* const brace = place.parent_end - 1;
  if (skip_space(place.parent + 1, end) == brace) return false;
  out.append(json.data(), brace);
  out += ',';
  append_nested(target, place.names_there, replacement, out);
  out.append(brace, end);
  return true;
}

/// Sets the target where its key stands nowhere else, so that nothing is to be removed. False if
/// that is not so, or not seen at once: nothing is appended then.
bool set_alone(std::string_view json, const Path& target, const Needle& key_end, const Place& place,
               std::string_view replacement, std::string& out) {
  if (key_end.text().empty()) return false;
  const char* const end = json.data() + json.size();
  if (place.replaced != nullptr) {
    // Its own key, if no space stands between it and the value, ends two bytes before the value.
    const char* const value = place.replaced;
    if (value[-1] != ':' || key_end.may_be_in({json.data(), value - 2})) return false;
    const char* const after = skip_value(value, end);
    if (key_end.may_be_in({after, end})) return false;
    out.append(json.data(), value);
    out += replacement;
    out.append(after, end);
    return true;
  }
  return !key_end.may_be_in(json) && add_last(json, target, place, replacement, out);
}

std::string set_with(const PathScanner& scanner, std::string_view json, const Path& target,
                     const Needle& key_end, std::string_view replacement, std::string& out) {
  const char* const end = json.data() + json.size();
  const char* const start = skip_space(json.data(), end);
  if (start >= end || *start != '{') return "the event is no object, so it has no fields to set";
  // A new member of the event itself needs no scan.
  if (target.names.size() == 1 && !key_end.text().empty() && !key_end.may_be_in(json) &&
      add_last(json, target, in_outermost(start, end), replacement, out)) {
    return {};
  }
  Arena arena;
  std::vector<Value> found(scanner.size());
  std::string problem = scanner.scan(json, found, arena);
  if (!problem.empty()) return problem;
  Place place;
  problem = find_target(target, found, start, end, place);
  if (!problem.empty()) return problem;
  if (set_alone(json, target, key_end, place, replacement, out)) return {};

  Rewriter rewriter(target, replacement, out);
  rewriter.replaced = place.replaced;
  rewriter.parent = place.parent;
  rewriter.names_there = place.names_there;
  out.append(json.data(), start);
  const char* const after = rewriter.object(start, end, 0);
  out.append(after, end);
  return {};
}

/// How every spelling of the target without `\u` ends: its last name and a quote. Empty if JSON has
/// other ways to spell that name.
Needle key_end_of(const Path& target) {
  const std::string& name = target.names.back().text;
  const auto odd = [](char c) {
    return c == '"' || c == '\\' || c == '/' || static_cast<unsigned char>(c) < 0x20;
  };
  return Needle(std::ranges::any_of(name, odd) ? "" : name + '"');
}

/// The columns that lead into the target or out of it, without its own.
std::vector<int> touched_slots(const Path& target, const PathTable& paths) {
  std::vector<int> slots = paths.overlapping({&target, 1});
  std::erase_if(slots, [&](int slot) { return paths.path(slot) == target; });
  return slots;
}

}  // namespace

std::string set_field(std::string_view json, const Path& target, std::string_view replacement,
                      std::string& out) {
  return set_with(PathScanner(with_parents(target)), json, target, key_end_of(target), replacement,
                  out);
}

FieldWriter::FieldWriter(Path target, const PathTable& paths)
    : target_(std::move(target)),
      scanner_(with_parents(target_)),
      key_end_(key_end_of(target_)),
      touched_(paths, touched_slots(target_, paths)) {
  same_slot_ = paths.find(target_);
}

std::string FieldWriter::write(Batch& batch, uint32_t row, const Value& value) const {
  Row& event = batch.rows[row];
  std::string json;
  std::string problem = write_json(value, json, static_cast<int>(target_.names.size()));
  if (!problem.empty()) return target_.to_string() + ": " + problem;
  // What the columns get is what a reader of the event would get: bytes are a string from now on.
  Value kept = read_json_value(batch.arena.copy(json), batch.arena);
  kept.is_text = value.is_text;
  problem = event.is_record() ? write_record(batch, event, kept) : write_text(batch, event, json);
  if (!problem.empty()) return problem;
  if (same_slot_) put_column(batch, *same_slot_, row, kept);
  touched_.refill(batch, row);
  return {};
}

std::string FieldWriter::write_text(Batch& batch, Row& row, std::string_view json) const {
  std::string changed;
  changed.reserve(row.text_size + json.size() + 16);
  std::string problem = set_with(scanner_, row.json(), target_, key_end_, json, changed);
  if (!problem.empty()) return problem;
  row.set_text(batch.arena.copy(changed));
  return {};
}

std::string FieldWriter::write_record(Batch& batch, Row& row, const Value& value) const {
  const std::vector<std::string>& names = row.schema->names;
  const RecordPlace place = find_place(row, target_, batch.arena);
  Value cell = value;
  if (place.names < target_.names.size() &&
      (place.column < names.size() || target_.names.size() > 1)) {
    // The field stands inside a cell: that cell becomes an object's text with the field set.
    std::string json;
    std::string problem = write_json(value, json);
    if (!problem.empty()) return problem;
    std::string around = "{}";
    if (place.column < names.size()) {
      around.clear();
      problem = write_json(row.cells[place.column], around);
      if (!problem.empty()) return problem;
    }
    Path inside = target_;
    inside.names.erase(
        inside.names.begin(),
        inside.names.begin() + static_cast<std::ptrdiff_t>(std::max<size_t>(place.names, 1)));
    std::string changed;
    problem = set_field(around, inside, json, changed);
    if (!problem.empty()) {
      return "cannot set '" + target_.to_string() + "': '" + names[place.column] +
             "' is there and is no object";
    }
    cell = Value::raw(Kind::kMap, batch.arena.copy(changed));
  }

  const bool added = place.column == names.size();
  auto* cells = batch.arena.make_array<Value>(names.size() + (added ? 1 : 0));
  std::copy_n(row.cells, names.size(), cells);
  cells[place.column] = cell;
  if (added) row.schema = batch.extend(row.schema, target_.names[0].text);
  row.cells = cells;
  return {};
}

}  // namespace weir
