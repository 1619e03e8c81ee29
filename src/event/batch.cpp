#include "event/batch.h"

#include <algorithm>
#include <utility>

namespace weir {

void Batch::reset() {
  buffer = Buffer();
  arena.reset();
  schemas.clear();
  rows.clear();
  alive.clear();
  for (std::vector<Value>& column : columns) column.clear();
  notes.clear();
  extensions_.clear();
  origin = nullptr;
  first_line = 0;
  buffer_offset = 0;
  born = 0;
}

Row& Batch::add_text(std::string_view event, uint32_t line) {
  alive.push_back(static_cast<uint32_t>(rows.size()));
  Row& row = rows.emplace_back();
  row.text = row.source = event.data();
  row.text_size = row.source_size = static_cast<uint32_t>(event.size());
  row.line = line;
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

void Batch::truncate(uint32_t count) {
  if (count >= rows.size()) return;
  rows.resize(count);
  while (!alive.empty() && alive.back() >= count) alive.pop_back();
  std::erase_if(notes, [count](const Note& note) { return note.row >= count; });
}

}  // namespace weir
