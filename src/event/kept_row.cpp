#include "event/kept_row.h"

#include <algorithm>

namespace weir {

KeptRow::KeptRow(const Batch& batch, uint32_t row)
    : origin_(batch.origin_of(row)), line_(batch.line_of(row)), born_(batch.rows[row].born) {
  const Row& event = batch.rows[row];
  if (event.source != nullptr) {
    offset_ = batch.offset_of(row);
    has_source_ = event.source == event.text && event.source_size == event.text_size
                      ? Source::kText
                      : Source::kOther;
    if (has_source_ == Source::kOther) source_ = event.original();
  }
  if (event.is_record()) {
    const auto shared =
        std::ranges::find(batch.schemas, event.schema, &std::shared_ptr<const Schema>::get);
    schema_ = *shared;
    for (size_t i = 0; i < schema_->names.size(); ++i) keep_value(event.cells[i]);
  } else {
    text_ = event.json();
  }
  for (const std::vector<Value>& column : batch.columns) {
    keep_value(row < column.size() ? column[row] : Value::missing());
  }
  bytes_ += sizeof(KeptRow) + text_.size() + source_.size() + values_.size() * sizeof(KeptValue);
}

void KeptRow::keep_value(const Value& value) {
  values_.emplace_back().keep(value);
  if (value.data != nullptr) bytes_ += value.size;
}

bool KeptRow::append_to(Batch& out) const {
  if (out.rows.empty()) {
    out.origin = origin_;
    out.first_line = line_;
  } else if (out.origin != origin_ || line_ < out.first_line ||
             line_ - out.first_line > UINT32_MAX) {
    return false;
  }
  const auto index = static_cast<uint32_t>(out.rows.size());
  const auto line = static_cast<uint32_t>(line_ - out.first_line);
  size_t cells = 0;
  if (schema_ != nullptr) {
    if (out.schemas.empty() || out.schemas.back() != schema_) out.schemas.push_back(schema_);
    cells = schema_->names.size();
    auto* copies = out.arena.make_array<Value>(cells);
    for (size_t i = 0; i < cells; ++i) copies[i] = copy_value(values_[i].get(), out.arena);
    out.add_record(schema_.get(), copies, {}, line);
  } else {
    out.add_text(out.arena.copy(text_), line);
  }
  Row& event = out.rows.back();
  event.born = born_;
  if (has_source_ != Source::kText) {
    const std::string_view source = out.arena.copy(source_);
    event.source = has_source_ == Source::kNone ? nullptr : source.data();
    event.source_size = static_cast<uint32_t>(source.size());
  }
  out.offsets.push_back(offset_);
  out.columns.resize(std::max(out.columns.size(), values_.size() - cells));
  for (size_t i = cells; i < values_.size(); ++i) {
    std::vector<Value>& column = out.columns[i - cells];
    column.resize(index + 1);
    column[index] = copy_value(values_[i].get(), out.arena);
  }
  return true;
}

void move_to_batch(std::deque<KeptRow>& held, Batch& out) {
  constexpr size_t kMostRows = 1024;
  constexpr size_t kEnough = size_t{1} << 20;
  // The arena may hold memory from its last use, so that what it holds says nothing.
  const uint64_t before = out.arena.handed_out();
  while (!held.empty() && out.rows.size() < kMostRows &&
         out.arena.handed_out() - before < kEnough && held.front().append_to(out)) {
    held.pop_front();
  }
}

}  // namespace weir
