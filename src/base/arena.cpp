#include "base/arena.h"

#include <algorithm>

namespace weir {

namespace {
constexpr size_t kFirstBlock = size_t{16} << 10;
constexpr size_t kLargestStep = size_t{1} << 20;
}  // namespace

void Arena::grow(size_t at_least) {
  // Blocks double up to a bound, so that a small batch stays small and a large one allocates
  // rarely.
  const size_t step = std::clamp(bytes_, kFirstBlock, kLargestStep);
  const size_t capacity = std::max(step, at_least);
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(capacity), capacity});
  current_ = blocks_.back().data.get();
  capacity_ = capacity;
  used_ = 0;
  bytes_ += capacity;
}

void Arena::reset() {
  used_ = 0;
  if (blocks_.empty() || (blocks_.size() == 1 && capacity_ <= kLargestStep)) return;
  // The largest block up to one step is kept; a block made for one huge event is given back.
  auto best = blocks_.end();
  for (auto block = blocks_.begin(); block != blocks_.end(); ++block) {
    if (block->capacity > kLargestStep) continue;
    if (best == blocks_.end() || block->capacity > best->capacity) best = block;
  }
  std::vector<Block> kept;
  if (best != blocks_.end()) kept.push_back(std::move(*best));
  blocks_ = std::move(kept);
  current_ = blocks_.empty() ? nullptr : blocks_.front().data.get();
  capacity_ = blocks_.empty() ? 0 : blocks_.front().capacity;
  bytes_ = capacity_;
}

}  // namespace weir
