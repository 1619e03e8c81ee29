#include "event/fill.h"

#include <array>
#include <string>

#include "base/utf8.h"
#include "event/json_bytes.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "event/number_needle.h"
#include "event/record.h"
#include "event/time.h"

namespace weir {

namespace {

constexpr std::array<std::string_view, 11> kMetaNames = {
    "file",          "peer", "line", "offset",    "queue",
    "eid",           "id",   "time", "timestamp", "event_source_timestamp",
    "correlation_id"};
constexpr std::array<std::string_view, 4> kCorrelationNames = {"source", "start", "end", "units"};

std::vector<int> pick(const PathTable& paths, std::span<const int> slots, auto&& wanted) {
  std::vector<int> picked;
  for (const int slot : slots) {
    if (wanted(paths.path(slot))) picked.push_back(slot);
  }
  return picked;
}

Value whole_event(const Row& row, Arena& arena) {
  if (row.is_record()) return read_record(row, Path{}, arena);
  const char* begin = row.text;
  const char* end = row.text + row.text_size;
  begin = skip_space(begin, end);
  while (end > begin && is_space(end[-1])) --end;
  return read_json_value({begin, static_cast<size_t>(end - begin)}, arena);
}

Value of_ms(int64_t ms) {
  const int64_t seconds = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
  return to_value(Timestamp{seconds, static_cast<uint32_t>(ms - seconds * 1000) * 1'000'000});
}

/// What `meta.correlation_id` says; an event that was made of one has no end.
Value correlation_member(const Correlation& made_of, std::string_view name, Arena& arena) {
  if (!made_of.is_there()) return Value::missing();
  if (name == "source") return Value::of_string(arena.copy(made_of.source));
  if (name == "start") return Value::of_string(arena.copy(made_of.start));
  if (name == "units") return Value::of_int(made_of.units);
  if (name != "end" || made_of.end.empty()) return Value::missing();
  return Value::of_string(arena.copy(made_of.end));
}

/// A map of those of the names that `member` gives a value for.
template <typename Member>
Value map_of(std::span<const std::string_view> names, Arena& arena, Member&& member) {
  auto* keys = arena.make_array<Value>(names.size());
  auto* values = arena.make_array<Value>(names.size());
  auto* map = arena.make_array<MapValue>(1);
  *map = {keys, values, 0};
  for (const std::string_view name : names) {
    const Value value = member(name);
    if (value.is_missing()) continue;
    keys[map->size] = Value::of_string(name);
    values[map->size++] = value;
  }
  return Value::of_map(map);
}

/// What an envelope of `all` says; `time` is its event_source_timestamp as a time. What was made of
/// several events has no eid so far, nor has anybody written it.
Value envelope_member(const Envelope& envelope, const Envelopes& all, std::string_view name,
                      Arena& arena) {
  if (all.made && (name == "eid" || name == "id" || name == "timestamp")) return Value::missing();
  if (name == "queue") return Value::of_string(arena.copy(all.queue));
  if (name == "eid") return Value::of_string(arena.copy(eid_text(envelope.eid)));
  if (name == "id") return Value::of_string(arena.copy(envelope.id));
  if (name == "time") {
    const Value time = of_ms(envelope.source_time);
    return in_range(timestamp_of(time)) ? time : Value::missing();
  }
  if (name == "timestamp") return Value::of_int(envelope.timestamp);
  if (name == "event_source_timestamp") return Value::of_int(envelope.source_time);
  const Correlation& made_of = envelope.correlation;
  if (name != "correlation_id" || !made_of.is_there()) return Value::missing();
  return map_of(kCorrelationNames, arena, [&](std::string_view member) {
    return correlation_member(made_of, member, arena);
  });
}

/// A file has a name and a connection a peer. A name need not be UTF-8, but what an event says must
/// be.
Value meta_member(const Batch& batch, uint32_t row, std::string_view name, Arena& arena) {
  const Origin* const origin = batch.origin_of(row).get();
  if (origin == nullptr) return Value::missing();
  if (const Envelope* const envelope = batch.envelope_of(row); envelope != nullptr) {
    return envelope_member(*envelope, *origin->envelopes, name, arena);
  }
  if (name == "file" || name == "peer") {
    if (origin->is_peer != (name == "peer")) return Value::missing();
    return Value::of_string(arena.copy(well_formed_utf8(origin->name)));
  }
  if (name == "line") return Value::of_int(static_cast<int64_t>(batch.line_of(row)));
  if (name == "offset") return Value::of_int(static_cast<int64_t>(batch.offset_of(row)));
  return Value::missing();
}

/// What is at a path into `meta`: itself, one of its members, or one of those of correlation_id.
Value meta_value(Batch& batch, uint32_t row, const Path& path) {
  if (path.names.empty()) {
    return map_of(kMetaNames, batch.arena, [&](std::string_view name) {
      return meta_member(batch, row, name, batch.arena);
    });
  }
  if (path.names.size() == 1) return meta_member(batch, row, path.names[0].text, batch.arena);
  const Envelope* const envelope = batch.envelope_of(row);
  if (envelope == nullptr) return Value::missing();
  return correlation_member(envelope->correlation, path.names[1].text, batch.arena);
}

}  // namespace

std::span<const std::string_view> meta_names(std::string_view name) {
  if (name.empty()) return kMetaNames;
  if (name == "correlation_id") return kCorrelationNames;
  return {};
}

ColumnFiller::ColumnFiller(const PathTable& paths, std::span<const int> slots,
                           const NumberNeedle* number)
    : paths_(paths),
      number_(number),
      event_slots_(pick(
          paths, slots,
          [](const Path& path) { return path.root == Path::Root::kEvent && !path.is_whole(); })),
      whole_slots_(pick(paths, slots, [](const Path& path) { return path.is_whole(); })),
      meta_slots_(
          pick(paths, slots, [](const Path& path) { return path.root == Path::Root::kMeta; })),
      scanner_(paths, event_slots_) {}

void ColumnFiller::fill(Batch& batch, uint8_t stage) const {
  size_columns(batch);
  if (!whole_slots_.empty()) check_rows(batch, stage);
  std::vector<Value> scratch(event_slots_.size());
  Value* const only = only_column(batch);
  batch.retain([&](uint32_t row) {
    if (only != nullptr && !batch.rows[row].is_record()) {
      const Row& event = batch.rows[row];
      const char* const readable = batch.readable_end(event);
      if (readable != nullptr &&
          scanner_.scan_quickly(event.json(), {only + row, 1}, batch.arena, readable)) {
        return true;
      }
    }
    std::string broken = fill_row(batch, row, scratch);
    if (broken.empty()) return true;
    if (number_ != nullptr && number_->is_lacked_by(batch.rows[row].json())) {
      batch.end(row, stage, Fate::kFiltered);
    } else {
      batch.reject(row, stage, std::move(broken));
    }
    return false;
  });
}

std::string ColumnFiller::describe_scan() const {
  if (!whole_slots_.empty()) return "all of the event, which is checked first";
  if (event_slots_.empty()) return {};
  return scanner_.uses_kernels()
             ? "64 bytes at a time"
             : "byte by byte: too many keys of one object, or a name that is long or has escapes";
}

void ColumnFiller::refill(Batch& batch, uint32_t row) const {
  if (event_slots_.empty() && whole_slots_.empty()) return;
  size_columns(batch);
  std::vector<Value> scratch(event_slots_.size());
  fill_row(batch, row, scratch);
}

void ColumnFiller::size_columns(Batch& batch) const {
  batch.columns.resize(static_cast<size_t>(paths_.size()));
  for (const auto* slots : {&event_slots_, &whole_slots_, &meta_slots_}) {
    for (const int slot : *slots)
      batch.columns[static_cast<size_t>(slot)].resize(batch.rows.size());
  }
}

Value* ColumnFiller::only_column(Batch& batch) const {
  if (event_slots_.size() != 1 || !whole_slots_.empty() || !meta_slots_.empty()) return nullptr;
  return batch.columns[static_cast<size_t>(event_slots_[0])].data();
}

std::string ColumnFiller::fill_row(Batch& batch, uint32_t row, std::span<Value> scratch) const {
  const Row& event = batch.rows[row];
  const auto column = [&](int slot) -> Value& {
    return batch.columns[static_cast<size_t>(slot)][row];
  };
  if (event.is_record()) {
    for (const int slot : event_slots_) {
      column(slot) = read_record(event, paths_.path(slot), batch.arena);
    }
  } else if (!event_slots_.empty()) {
    std::string broken =
        scanner_.scan(event.json(), scratch, batch.arena, batch.readable_end(event));
    if (!broken.empty()) return broken;
    for (size_t i = 0; i < event_slots_.size(); ++i) column(event_slots_[i]) = scratch[i];
  }
  for (const int slot : whole_slots_) column(slot) = whole_event(event, batch.arena);
  for (const int slot : meta_slots_) column(slot) = meta_value(batch, row, paths_.path(slot));
  return {};
}

void put_column(Batch& batch, int slot, uint32_t row, const Value& value) {
  const auto index = static_cast<size_t>(slot);
  if (index >= batch.columns.size() || row >= batch.columns[index].size()) return;
  batch.columns[index][row] = value;
}

void check_rows(Batch& batch, uint8_t stage) {
  batch.retain([&](uint32_t row) {
    const Row& event = batch.rows[row];
    if (event.is_record()) return true;
    std::string problem = check_json(event.json(), 0, batch.readable_end(event));
    if (problem.empty()) return true;
    batch.reject(row, stage, std::move(problem));
    return false;
  });
}

}  // namespace weir
