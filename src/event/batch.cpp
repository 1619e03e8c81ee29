#include "event/batch.h"

#include <algorithm>
#include <utility>

namespace weir {

void Batch::reset() {
  buffer = Buffer();
  arena.reset();
  schemas.clear();
  rows.clear();
  ruled_out.clear();
  alive.clear();
  for (std::vector<Value>& column : columns) column.clear();
  notes.clear();
  parent.reset();
  sightings.clear();
  meter = {};
  remark.clear();
  extensions_.clear();
  schemas_by_names_.clear();
  last_schema_ = nullptr;
  origin.reset();
  made.reset();
  first_line = 0;
  unnumbered = false;
  lines = 0;
  uncut = {};
  buffer_offset = 0;
  offsets.clear();
  born = 0;
  held_at = 0;
  shown_at = 0;
}

Row& Batch::add_text(std::string_view event, uint32_t line) {
  alive.push_back(static_cast<uint32_t>(rows.size()));
  Row& row = rows.emplace_back();
  row.text = row.source = event.data();
  row.text_size = row.source_size = static_cast<uint32_t>(event.size());
  row.line = line;
  row.born = born;
  return row;
}

Row& Batch::add_record(const Schema* schema, const Value* cells, std::string_view source,
                       uint32_t line) {
  alive.push_back(static_cast<uint32_t>(rows.size()));
  Row& row = rows.emplace_back();
  row.schema = schema;
  row.cells = cells;
  row.source = source.data();
  row.source_size = static_cast<uint32_t>(source.size());
  row.line = line;
  row.born = born;
  return row;
}

void Batch::reject(uint32_t row, uint8_t stage, std::string reason) {
  end(row, stage, Fate::kRejected);
  note(row, stage, Note::Kind::kReject, std::move(reason));
}

void Batch::note(uint32_t row, uint8_t stage, Note::Kind kind, std::string reason) {
  notes.push_back({.row = row, .stage = stage, .kind = kind, .reason = std::move(reason)});
}

const Schema* Batch::extend(const Schema* schema, std::string_view name) {
  const Schema*& known = extensions_[{schema, std::string(name)}];
  if (known != nullptr) return known;
  auto longer = std::make_shared<Schema>(*schema);
  longer->names.emplace_back(name);
  known = longer.get();
  schemas.push_back(std::move(longer));
  return known;
}

const Schema* Batch::schema_of(std::span<const std::string_view> names) {
  // Neighbours mostly are alike.
  if (last_schema_ != nullptr && std::ranges::equal(last_schema_->names, names)) {
    return last_schema_;
  }
  auto known = schemas_by_names_.find(names);
  if (known == schemas_by_names_.end()) {
    auto added = std::make_shared<Schema>();
    added->names.assign(names.begin(), names.end());
    known = schemas_by_names_.emplace(added->names, added.get()).first;
    schemas.push_back(std::move(added));
  }
  return last_schema_ = known->second;
}

std::string Batch::place_of(uint32_t row) const {
  const Origin* const from = origin_of(row).get();
  if (from == nullptr) return "a result";
  const Envelope* const envelope = envelope_of(row);
  if (envelope == nullptr) return from->name + ":" + std::to_string(line_of(row));
  std::string place = from->name + " " + eid_text(envelope->eid);
  const std::string_view end = from->envelopes->made ? envelope->correlation.end : "";
  if (!end.empty()) place.append(" to ").append(end);
  return place;
}

void Batch::truncate(uint32_t count) {
  // A filter stands in front of the tee that has written the rows, so that it has had its say.
  if (shown_at == 0) {
    std::erase_if(ruled_out, [&](const RuledOut& run) { return run.row >= count; });
  }
  if (count >= rows.size()) return;
  while (!alive.empty() && alive.back() >= count) alive.pop_back();
  std::erase_if(notes, [&](const Note& note) {
    return note.row >= count && (shown_at == 0 || note.stage > shown_at);
  });
  const auto cut_to = [&](uint32_t kept) {
    rows.resize(kept);
    for (std::vector<uint32_t>& bytes : meter.bytes) {
      if (bytes.size() > kept) bytes.resize(kept);
    }
  };
  if (shown_at == 0) return cut_to(count);
  // Rows that were made behind the tee go, those that it has written stay.
  uint32_t kept = count;
  std::vector<uint32_t> places(rows.size());
  for (uint32_t row = count; row < rows.size(); ++row) {
    if (rows[row].born > shown_at) continue;
    const bool ended_before = rows[row].fate != Fate::kAlive && rows[row].fate_stage <= shown_at;
    if (!ended_before) end(row, shown_at, Fate::kCut);
    rows[kept] = rows[row];
    if (!offsets.empty()) offsets[kept] = offsets[row];
    for (std::vector<uint32_t>& bytes : meter.bytes) {
      if (row < bytes.size()) bytes[kept] = bytes[row];
    }
    places[row] = kept++;
  }
  cut_to(kept);
  for (RuledOut& run : ruled_out) run.row = std::min(run.row, kept);
  for (Note& note : notes) {
    if (note.row >= count) note.row = places[note.row];
  }
}

}  // namespace weir
