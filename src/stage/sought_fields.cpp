#include "stage/sought_fields.h"

#include <algorithm>

namespace weir {
namespace {

bool lies_inside(const Path& field, const Path& other) {
  return other.names.size() < field.names.size() &&
         std::equal(other.names.begin(), other.names.end(), field.names.begin());
}

}  // namespace

SoughtFields::SoughtFields(std::span<const Path> fields) {
  for (const Path& field : fields) {
    fields_.push_back({.slot = -1, .path = field, .by_itself = true});
    covered_.push_back(
        std::ranges::any_of(fields, [&](const Path& other) { return lies_inside(field, other); }));
  }
}

void SoughtFields::note(Batch& batch, uint8_t stage, uint8_t born,
                        const std::vector<bool>& met) const {
  for (size_t i = 0; i < fields_.size(); ++i) {
    batch.sightings.push_back({.field = &fields_[i],
                               .number = i,
                               .stage = stage,
                               .born = born,
                               .seen = met[i] || covered_[i]});
  }
}

}  // namespace weir
