#include "stage/lookup_table.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "base/interrupt.h"
#include "base/nearest.h"
#include "event/fill.h"
#include "event/json_value.h"
#include "event/keep.h"
#include "event/key.h"
#include "event/object.h"

namespace weir {

namespace {

/// Doubled keys that are told one by one; the rest is counted.
constexpr uint64_t kWarningsInFull = 3;

/// The number that a text reads as, or kMissing.
Value number_in(const Value& value) {
  if (value.kind != Kind::kString || !value.is_text) return Value::missing();
  const Value number = read_number(value.text());
  return number.is_error() ? Value::missing() : number;
}

/// Calls `use(key bytes, mask)` for each way to read the keys: every text that can be a number once
/// as text and once as that number; bit i of the mask tells how key i was read. Keys that match
/// nothing give no call. `use` answers true to stop.
template <typename Use>
void for_each_reading(std::span<const Value> keys, Use&& use) {
  for (size_t mask = 0; mask < (size_t{1} << keys.size()); ++mask) {
    std::string bytes;
    bool possible = true;
    for (size_t i = 0; i < keys.size() && possible; ++i) {
      const Value part = (mask >> i & 1) != 0 ? number_in(keys[i]) : keys[i];
      possible = part.kind != Kind::kNull && !part.is_error();
      append_key(part, bytes);
      possible = possible && bytes.size() <= GroupKeys::kLongestKey;
    }
    if (possible && use(std::move(bytes), mask)) return;
  }
}

}  // namespace

Result<void> LookupTable::load(Source& source, const std::string& name,
                               const std::vector<std::string>& key_columns,
                               const MemoryBudget& memory, Warnings& warnings) {
  name_ = name;
  key_columns_ = key_columns;
  key_seen_.assign(key_columns.size(), false);
  if (auto opened = source.open(); !opened) return opened;
  Batch batch;
  while (true) {
    batch.reset();
    auto pulled = source.next(batch);
    if (!pulled) return std::unexpected(pulled.error());
    if (*pulled == Pull::kEnd) break;
    if (*pulled == Pull::kIdle) {
      const bool goes_on = source.takes_breath();
      if (wait_for(goes_on ? -1 : source.wait_fd(), POLLIN, goes_on ? 0 : -1) ==
          Waited::kInterrupted) {
        return machine_error(name + ": interrupted while it was read");
      }
      continue;
    }
    if (auto taken = take(batch, memory, warnings); !taken) return taken;
  }
  if (auto checked = check_key_columns(); !checked) return checked;
  // A row that was read before a column first came has no value for it.
  for (Cells& row : rows_) {
    if (row.size() < columns_.size()) row = kept(row, columns_.size());
  }
  if (doubled_ > kWarningsInFull) {
    warnings.push_back(name_ + ": " + std::to_string(doubled_ - kWarningsInFull) +
                       " more doubled keys; the first row of each wins");
  }
  return {};
}

Result<void> LookupTable::take(Batch& batch, const MemoryBudget& memory, Warnings& warnings) {
  check_rows(batch, 0);
  if (!batch.notes.empty()) {
    const Note& first = batch.notes.front();
    return machine_error(name_ + ":" + std::to_string(batch.line_of(first.row)) + ": " +
                         first.reason);
  }
  for (const uint32_t row : batch.alive) {
    const std::string problem = add_row(batch, row, warnings);
    if (problem.empty()) continue;
    return machine_error(name_ + ":" + std::to_string(batch.line_of(row)) + ": " + problem);
  }
  if (!memory.exceeded()) return {};
  return machine_error("the table " + name_ + " takes more memory than --memory allows (" +
                       std::to_string(memory.limit() >> 20) + " MiB)");
}

Result<void> LookupTable::check_key_columns() const {
  for (size_t i = 0; i < key_columns_.size(); ++i) {
    if (key_seen_[i]) continue;
    if (rows_.empty()) {
      // Without a row the header has not been seen; a table that is empty by mistake is likelier
      // than one that is meant to be.
      return machine_error(name_ + " has no rows to look anything up in");
    }
    const std::vector<std::string_view> known(columns_.begin(), columns_.end());
    const std::string_view near = nearest(key_columns_[i], known);
    std::string hint = near.empty() ? "; it has " : ": did you mean '" + std::string(near) + "'?";
    for (size_t c = 0; near.empty() && c < columns_.size(); ++c) {
      hint += (c > 0 ? ", " : "") + columns_[c];
    }
    return usage_error(name_ + " has no column '" + key_columns_[i] + "'" + hint);
  }
  return {};
}

void LookupTable::add_cell(const std::string& name, const Value& value, std::vector<Value>& keys,
                           std::vector<Value>& values) {
  for (size_t i = 0; i < key_columns_.size(); ++i) {
    if (key_columns_[i] != name) continue;
    if (keys[i].is_missing()) keys[i] = value;
    key_seen_[i] = true;
    return;
  }
  const auto [place, is_new] = column_numbers_.emplace(name, columns_.size());
  if (is_new) columns_.push_back(name);
  const size_t number = place->second;
  if (number >= values.size()) values.resize(number + 1);
  if (values[number].is_missing()) values[number] = copy_value(value, arena_);
}

LookupTable::Cells LookupTable::kept(Cells values, size_t columns) {
  Value* const cells = arena_.make_array<Value>(columns);
  std::ranges::copy(values, cells);
  return {cells, columns};
}

std::string LookupTable::add_row(const Batch& batch, uint32_t row, Warnings& warnings) {
  const Row& event = batch.rows[row];
  std::vector<Value> keys(key_columns_.size());
  std::vector<Value> values(columns_.size());
  Arena scratch;  // the keys may point into it
  if (event.is_record()) {
    for (size_t i = 0; i < event.schema->names.size(); ++i) {
      add_cell(event.schema->names[i], event.cells[i], keys, values);
    }
  } else {
    const bool is_object =
        for_each_member(event.json(), scratch, [&](std::string_view key, std::string_view json) {
          add_cell(std::string(key), read_json_value(json, scratch), keys, values);
          return true;
        });
    if (!is_object) return "a row of a table is an object";
  }

  bool doubled = false;
  for_each_reading(keys, [&](std::string bytes, size_t mask) {
    const bool is_new = index_.number(bytes, GroupKeys::hash(bytes)).is_new;
    if (is_new) row_of_.push_back(rows_.size());
    doubled = doubled || (!is_new && mask == 0);
    return false;
  });
  rows_.push_back(kept(values, values.size()));
  if (!doubled || ++doubled_ > kWarningsInFull) return {};
  std::string shown;
  for (const Value& key : keys) {
    shown += shown.empty() ? "" : ", ";
    write_json(key, shown);
  }
  warnings.push_back(name_ + ":" + std::to_string(batch.line_of(row)) + ": the key " + shown +
                     " stands there again; the first row wins");
  return {};
}

std::vector<const LookupTable::Cells*> LookupTable::find_all(std::span<const Value> keys) const {
  const size_t width = key_columns_.size();
  std::vector<const Cells*> found(keys.size() / width);
  GroupKeys wanted;
  std::vector<std::pair<size_t, uint32_t>> readings;  // of which key, and their numbers in `wanted`
  for (size_t i = 0; i < found.size(); ++i) {
    for_each_reading(keys.subspan(i * width, width), [&](const std::string& bytes, size_t) {
      readings.emplace_back(i, wanted.number(bytes, GroupKeys::hash(bytes)).number);
      return false;
    });
  }
  std::vector<uint32_t> numbers;
  index_.find_all(wanted, numbers);
  for (const auto& [i, reading] : readings) {
    const uint32_t number = numbers[reading];
    if (found[i] == nullptr && number != GroupKeys::kNone) found[i] = &rows_[row_of_[number]];
  }
  return found;
}

}  // namespace weir
