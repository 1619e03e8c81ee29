#include "stage/each_field.h"

#include <utility>

#include "expr/expr.h"

namespace weir {

Result<void> EachField::add(std::span<const std::string> words) {
  auto fields = expr::parse_fields(words);
  if (!fields) return std::unexpected(fields.error());
  fields_ = std::move(*fields);
  for (const Path& field : fields_) {
    slots_.push_back(paths_.slot(field));
    reads_.push_back(slots_.back());
    expects_.push_back({.slot = slots_.back(), .path = field, .by_itself = true});
  }
  return {};
}

Result<void> EachField::open() {
  for (const Path& field : fields_) {
    writers_.push_back(std::make_unique<FieldWriter>(field, paths_));
  }
  return {};
}

void EachField::apply(Batch& batch) const {
  Arena arena;
  batch.retain([&](uint32_t row) {
    for (size_t i = 0; i < fields_.size(); ++i) {
      arena.reset();
      std::string problem = change_field(batch, row, i, arena);
      if (problem.empty()) continue;
      batch.reject(row, index_, std::move(problem));
      return false;
    }
    return true;
  });
}

std::string EachField::change_field(Batch& batch, uint32_t row, size_t i, Arena& arena) const {
  const Value value = batch.columns[static_cast<size_t>(slots_[i])][row];
  if (value.is_missing()) {
    std::string reason = "the field '" + fields_[i].to_string() + "' is missing";
    if (strict_) return reason;
    batch.note(row, index_, Note::Kind::kMissing, std::move(reason));
    return {};
  }
  const Value changed = change(value, arena);
  if (changed.is_error()) return fields_[i].to_string() + ": " + std::string(changed.text());
  return writers_[i]->write(batch, row, changed);
}

}  // namespace weir
