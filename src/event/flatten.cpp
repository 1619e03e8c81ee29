#include "event/flatten.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/utf8.h"
#include "event/json_bytes.h"
#include "event/json_value.h"
#include "event/object.h"

namespace weir {

namespace {

bool is_empty_container(std::string_view value) {
  const char* const inside = skip_space(value.data() + 1, value.data() + value.size());
  return inside + 1 == value.data() + value.size();
}

bool is_container(std::string_view value) { return value[0] == '{' || value[0] == '['; }

/// Writes what is inside of a member as members of their own.
class Flattener {
 public:
  Flattener(const Flatness& flatness, size_t most, std::string& out) : most_(most), out_(out) {
    write_json_string(flatness.separator, separator_);
    separator_ = separator_.substr(1, separator_.size() - 2);
  }

  /// Appends the values inside of `member`, commas between them. False if the text grows too long.
  bool expand(const Member& member) {
    key_ = member.key;
    made_ = 0;
    return expand_value(member.value);
  }

  /// How many members the last one became.
  size_t made() const { return made_; }

 private:
  // As deep as the event, at most kMaxDepth.
  bool expand_value(std::string_view value) {
    if (!is_container(value) || is_empty_container(value)) return emit(value);
    const size_t size = key_.size();
    key_ += separator_;
    const size_t prefix = key_.size();
    const char* const end = value.data() + value.size();
    bool fits = true;
    if (value[0] == '{') {
      walk_members(value.data(), end, [&](const Member& member) {
        key_.resize(prefix);
        key_ += member.key;
        return fits = expand_value(member.value);
      });
    } else {
      const char* p = skip_space(value.data() + 1, end);
      for (size_t i = 0; fits && p < end && *p != ']'; ++i) {
        const char* const after = skip_value(p, end);
        key_.resize(prefix);
        key_ += std::to_string(i);
        fits = expand_value({p, after});
        p = skip_space(after, end);
        if (p < end && *p == ',') p = skip_space(p + 1, end);
      }
    }
    key_.resize(size);
    return fits;
  }

  bool emit(std::string_view value) {
    if (out_.size() + key_.size() + value.size() > most_) return false;
    if (made_++ > 0) out_ += ',';
    out_ += '"';
    out_ += key_;
    out_ += "\":";
    out_ += value;
    return true;
  }

  size_t most_;  ///< bytes of `out_`
  std::string& out_;
  std::string separator_;  ///< as it stands inside of a JSON string
  std::string key_;        ///< of the value that is looked at, as it stands inside of a JSON string
  size_t made_ = 0;
};

/// A key of the object `json` that comes twice, once or more because it was made; `made` tells by
/// member which ones were. Empty if there is none.
std::string find_collision(std::string_view json, const std::vector<bool>& made) {
  Arena arena;
  std::unordered_map<std::string_view, bool> keys;
  keys.reserve(made.size());
  std::string twice;
  size_t i = 0;
  for_each_member(json, arena, [&](std::string_view key, std::string_view) {
    const bool is_made = made[i++];
    const auto [known, is_new] = keys.try_emplace(key, is_made);
    if (!is_new && (is_made || known->second)) twice = shown_key(key);
    return twice.empty();
  });
  return twice;
}

}  // namespace

bool Flatness::is_meant(std::string_view name) const {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

void Flatness::note(std::string_view name, std::vector<bool>& met) const {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) met[i] = true;
  }
}

std::string shown_key(std::string_view key) {
  constexpr size_t kShown = 100;
  if (key.size() <= kShown) return "'" + std::string(key) + "'";
  const std::string_view front = key.substr(0, kShown);
  // Not inside of a character.
  return "'" + std::string(front.substr(0, std::min(find_bad_utf8(front), kShown))) + "...'";
}

Reshaped flatten(std::string_view json, const Flatness& flatness, std::string& out,
                 std::vector<bool>* met) {
  constexpr size_t kAlways = size_t{64} << 10;
  constexpr size_t kGrowth = 16;
  const char* const end = json.data() + json.size();
  const char* const start = skip_space(json.data(), end);
  if (start >= end || *start != '{') return {};
  Flattener flattener(flatness, std::max(kAlways, kGrowth * json.size()), out);
  Arena arena;
  std::vector<bool> made;
  const char* copied = json.data();
  bool fits = true;
  walk_members(start, end, [&](const Member& member) {
    if (met != nullptr) flatness.note(decode_key(member.key, arena), *met);
    const bool opens = is_container(member.value) && !is_empty_container(member.value) &&
                       flatness.is_meant(decode_key(member.key, arena));
    if (!opens) {
      made.push_back(false);
      return true;
    }
    out.append(copied, member.key.data() - 1);
    fits = flattener.expand(member);
    made.resize(made.size() + flattener.made(), true);
    copied = member.value.data() + member.value.size();
    return fits;
  });
  if (copied == json.data()) return {};
  if (!fits) {
    return {.changed = false,
            .problem = "flattened, the event would be more than 16 times as long as it was"};
  }
  out.append(copied, end);
  if (const std::string twice = find_collision(out, made); !twice.empty()) {
    return {.changed = false, .problem = "flattened, the key " + twice + " would be there twice"};
  }
  return {.changed = true, .problem = {}};
}

Reshaped reshape_row(Batch& batch, uint32_t row, const Flatness& flatness, Reshape reshape,
                     std::vector<bool>* met) {
  Row& event = batch.rows[row];
  std::string changed;
  if (!event.is_record()) {
    const Reshaped done = reshape(event.json(), flatness, changed, met);
    if (done.changed) event.set_text(batch.arena.copy(changed));
    return done;
  }
  // Through the text of the record. A cell that comes out as it went in is the same cell: it may be
  // a text that reads as a number.
  std::vector<std::string> cell_texts(event.schema->names.size());
  std::unordered_map<std::string_view, size_t> columns;
  std::string json = "{";
  for (size_t i = 0; i < cell_texts.size(); ++i) {
    if (event.cells[i].is_missing()) continue;
    const std::string& name = event.schema->names[i];
    std::string problem = write_json(event.cells[i], cell_texts[i]);
    if (!problem.empty()) return {.changed = false, .problem = name + ": " + problem};
    columns.emplace(name, i);
    if (json.size() > 1) json += ',';
    write_json_string(name, json);
    json += ':' + cell_texts[i];
  }
  json += '}';
  Reshaped done = reshape(json, flatness, changed, met);
  if (!done.changed) return done;
  std::vector<std::string_view> names;
  std::vector<Value> cells;
  for_each_member(
      batch.arena.copy(changed), batch.arena, [&](std::string_view name, std::string_view value) {
        const auto known = columns.find(name);
        const bool same = known != columns.end() && cell_texts[known->second] == value;
        names.push_back(name);
        cells.push_back(same ? event.cells[known->second] : read_json_value(value, batch.arena));
        return true;
      });
  auto* kept = batch.arena.make_array<Value>(cells.size());
  std::ranges::copy(cells, kept);
  event.schema = batch.schema_of(names);
  event.cells = kept;
  return done;
}

}  // namespace weir
