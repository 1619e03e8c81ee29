#include "runtime/absent_fields.h"

#include <algorithm>
#include <cstring>

#include "base/foreign_words.h"
#include "base/nearest.h"
#include "event/json_check.h"
#include "event/object.h"
#include "expr/compare.h"
#include "expr/function.h"

namespace weir {

namespace {

/// What is looked at in an event for its names: enough for any that people write by hand.
constexpr size_t kMostNames = 1000;
constexpr int kDeepestName = 8;

bool holds(std::string_view text, std::string_view part) {
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

/// True if the JSON text could have a member of that name somewhere: its bytes are there, or an
/// escape, which can spell any letter.
bool may_have(std::string_view json, std::string_view name) {
  const bool plain = name.find_first_of("\"\\/") == std::string_view::npos;
  return !plain || holds(json, name) || holds(json, "\\u");
}

/// A leading filter has ruled the row out by its text, or found it broken, and read no field of it.
bool is_unread(const Row& row, uint8_t stage) {
  return row.text != nullptr && row.fate != Fate::kAlive && row.fate_stage == stage;
}

bool is_there(const Batch& batch, uint8_t stage, const ExpectedField& field) {
  const auto index = static_cast<size_t>(field.slot);
  if (index >= batch.columns.size()) return true;
  const std::vector<Value>& column = batch.columns[index];
  for (const uint32_t row : batch.alive) {
    if (row >= column.size() || !column[row].is_missing()) return true;
  }
  const std::string& name = field.path.names.back().text;
  return std::ranges::any_of(
             batch.rows,
             [&](const Row& row) { return is_unread(row, stage) && may_have(row.json(), name); }) ||
         std::ranges::any_of(batch.ruled_out, [&](const RuledOut& run) {
           return run.stage == stage && may_have(run.text, name);
         });
}

/// Is the value of another type what is wanted?
bool is_counterpart(const Value& value, const Counterpart& wanted) {
  if (wanted.as_text) return expr::compare(value, wanted.value) == 0;
  return value.kind == Kind::kString && value.text() == wanted.text;
}

/// What the rows have of a field that is compared with a constant.
void compare_types(const Batch& batch, const Counterpart& wanted, Sighting& sighting) {
  const auto index = static_cast<size_t>(sighting.field->slot);
  const std::vector<Value>& column = batch.columns[index];
  for (const uint32_t row : batch.alive) {
    sighting.seen = wanted.has_type_of(column[row]);
    if (sighting.seen) return;
    sighting.mismatched = sighting.mismatched || is_counterpart(column[row], wanted);
  }
}

/// Adds the names of an object's members, and of those inside of them, with dots between.
void add_names(std::string_view json, const std::string& prefix, int depth, Arena& arena,
               std::vector<std::string>& names) {
  for_each_member(json, arena, [&](std::string_view key, std::string_view value) {
    names.push_back(prefix + std::string(key));
    if (depth < kDeepestName) add_names(value, names.back() + ".", depth + 1, arena, names);
    return names.size() < kMostNames;
  });
}

}  // namespace

void look_for_fields(Batch& batch, const Stage& stage, uint8_t index) {
  if (stage.expects().empty()) return;
  const auto looked_at =
      batch.alive.empty()
          ? std::ranges::find_if(batch.rows, [&](const Row& row) { return is_unread(row, index); })
          : batch.rows.begin() + batch.alive.front();
  const bool is_none = looked_at == batch.rows.end();
  if (is_none && (batch.ruled_out.empty() || batch.ruled_out.front().stage != index)) return;
  const bool was_judged = std::ranges::any_of(
      batch.ruled_out, [&](const RuledOut& run) { return run.stage == index && run.was_judged; });
  for (size_t i = 0; i < stage.expects().size(); ++i) {
    const ExpectedField& field = stage.expects()[i];
    Sighting sighting{.field = &field, .number = i, .stage = index};
    if (!is_none) sighting.born = looked_at->born;
    if (was_judged) {
      sighting.seen = true;
    } else if (field.compared) {
      compare_types(batch, *field.compared, sighting);
    } else {
      sighting.seen = is_there(batch, index, field);
    }
    batch.sightings.push_back(sighting);
  }
}

void AbsentFields::settle(const Batch& batch) {
  for (const Sighting& sighting : batch.sightings) {
    const auto [place, is_new] = expected_.try_emplace({sighting.stage, sighting.number});
    Expected& expected = place->second;
    if (is_new) {
      expected.field = sighting.field;
      expected.born = sighting.born;
    }
    expected.seen = expected.seen || sighting.seen;
    expected.mismatched = expected.mismatched || sighting.mismatched;
  }
  look_for_examples(batch);
}

/// What was ruled out may be the first event as well as any row.
void AbsentFields::look_for_examples(const Batch& batch) {
  Example& first = examples_.front();
  auto run = batch.ruled_out.begin();
  for (uint32_t row = 0; row <= batch.rows.size(); ++row) {
    for (; run != batch.ruled_out.end() && run->row == row; ++run) {
      std::string_view lines = run->text;
      while (!first.found && !lines.empty()) {
        const size_t feed = lines.find('\n');
        first.found = take_example(lines.substr(0, feed), first);
        lines.remove_prefix(feed + 1);
      }
    }
    if (row == batch.rows.size()) return;
    Example& example = examples_[batch.rows[row].born];
    if (!example.found) example.found = take_example(batch.rows[row], example);
  }
}

bool AbsentFields::take_example(const Row& row, Example& example) {
  if (row.is_record()) {
    example.names = row.schema->names;
    return true;
  }
  return row.text != nullptr && take_example(row.json(), example);
}

bool AbsentFields::take_example(std::string_view json, Example& example) {
  if (!check_json(json).empty()) return false;
  Arena arena;
  add_names(json, "", 1, arena, example.names);
  const size_t start = json.find_first_not_of(" \t\r");
  example.is_list = json[start] == '[';
  return true;
}

/// What may be meant by a field that is not there, as the end of a message.
std::string AbsentFields::remedy(const ExpectedField& field, const Example& example) const {
  const Path& path = field.path;
  const std::string name = path.to_string();
  if (example.is_list) {
    return "; the first event is a list, and jq -c '.[]' in front makes events of its members";
  }
  if (const std::string_view constant = constant_for(name); !constant.empty() && !field.by_itself) {
    return ": did you mean " + std::string(constant) + "?";
  }
  // In an expression a-b is a subtraction.
  const std::vector<std::string_view> known(example.names.begin(), example.names.end());
  if (std::ranges::find(known, name) != known.end()) return " any more";
  const auto is_part_of = [&](std::string_view full) {
    return full.find('.') == std::string_view::npos &&
           (full.starts_with(name + "-") || full.ends_with("-" + name));
  };
  if (const auto whole = std::ranges::find_if(known, is_part_of); whole != known.end()) {
    return ": did you mean this['" + std::string(*whole) + "']?";
  }
  // A name as it stands, or one that stands deeper.
  std::vector<std::string_view> last_parts;
  for (const std::string_view full : known) last_parts.push_back(full.substr(full.rfind('.') + 1));
  const std::string_view near = nearest(name, known);
  const std::string_view deeper = near.empty() ? nearest(name, last_parts) : "";
  if (!near.empty() || !deeper.empty()) {
    const auto place = std::ranges::find(last_parts, deeper) - last_parts.begin();
    const std::string_view meant = near.empty() ? known[static_cast<size_t>(place)] : near;
    return ": did you mean '" + std::string(meant) + "'?";
  }
  if (field.by_itself) return {};
  if (expr::usage_of(name) == name + "()") return ": did you mean " + name + "()?";
  return path.names.size() == 1 && path.names[0].text == name
             ? " (a text stands in quotes: '" + name + "')"
             : "";
}

std::vector<std::string> AbsentFields::messages(
    const std::vector<std::string>& stages,
    const std::function<bool(size_t stage)>& got_all) const {
  std::vector<std::string> lines;
  std::pair<uint8_t, int> last_said;  // of several constants for a field the first will do
  for (const auto& [place, expected] : expected_) {
    if (expected.seen || !got_all(place.first)) continue;
    if (const auto& compared = expected.field->compared) {
      const std::pair<uint8_t, int> said = {place.first, expected.field->slot};
      if (!expected.mismatched || said == last_said) continue;
      last_said = said;
      lines.push_back(stages[place.first] + ": " + compared->mismatch);
      continue;
    }
    const Path& path = expected.field->path;
    lines.push_back(stages[place.first] + ": no event had the field '" + path.to_string() + "'" +
                    remedy(*expected.field, examples_[expected.born]));
  }
  return lines;
}

}  // namespace weir
