// Fields that a stage finds in the events by itself, without columns.
#pragma once

#include <span>
#include <vector>

#include "event/batch.h"
#include "event/path.h"

namespace weir {

/// Fields that somebody named and that one event at least should have. They need no columns, and
/// stand in no `expects`: the stage tells of each batch which of them it met.
class SoughtFields {
 public:
  explicit SoughtFields(std::span<const Path> fields);

  /// An element for each field, to become true where a row has it.
  std::vector<bool> none_met() const { return std::vector<bool>(fields_.size()); }
  /// Notes what the rows of a batch had; `born` is where these came from.
  void note(Batch& batch, uint8_t stage, uint8_t born, const std::vector<bool>& met) const;

 private:
  std::vector<ExpectedField> fields_;
  std::vector<bool> covered_;  ///< by another one that it lies inside of
};

}  // namespace weir
