#include "base/arena.h"

#include <algorithm>

namespace weir {

namespace {
constexpr size_t kFirstBlock = size_t{16} << 10;
constexpr size_t kLargestStep = size_t{1} << 20;
/// What holds that much is a table, or a batch of events made large: its blocks are huge pages.
constexpr size_t kLargeStep = size_t{2} << 20;
}  // namespace

void Arena::grow(size_t at_least) {
  // Blocks double up to a bound, so that a small batch stays small and a large one allocates
  // rarely.
  const size_t step =
      bytes_ < kLargeStep ? std::clamp(bytes_, kFirstBlock, kLargestStep) : kLargeStep;
  const size_t capacity = std::max(step, at_least);
  blocks_.push_back(Block(static_cast<char*>(allocate_large(capacity)), Free{capacity}));
  current_ = blocks_.back().get();
  capacity_ = capacity;
  used_ = 0;
  bytes_ += capacity;
}

void Arena::reset() {
  used_ = 0;
  if (blocks_.empty() || (blocks_.size() == 1 && capacity_ <= kLargeStep)) return;
  // The largest block up to a large step is kept; a block made for one huge event is given back.
  const auto capacity_of = [](const Block& block) { return block.get_deleter().capacity; };
  auto best = blocks_.end();
  for (auto block = blocks_.begin(); block != blocks_.end(); ++block) {
    if (capacity_of(*block) > kLargeStep) continue;
    if (best == blocks_.end() || capacity_of(*block) > capacity_of(*best)) best = block;
  }
  std::vector<Block> kept;
  if (best != blocks_.end()) kept.push_back(std::move(*best));
  blocks_ = std::move(kept);
  current_ = blocks_.empty() ? nullptr : blocks_.front().get();
  capacity_ = blocks_.empty() ? 0 : capacity_of(blocks_.front());
  bytes_ = capacity_;
}

}  // namespace weir
