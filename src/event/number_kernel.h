// Included by the kernels behind block_masks.h: where keys may be in lines (see NumberSearch).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <tuple>

#include "event/block_masks.h"
#include "event/kernels.h"

namespace weir {
namespace {

/// The two bytes of a needle that it is found by, and their places in it.
struct NeedlePair {
  size_t first;
  size_t second;
  char first_byte;
  char second_byte;
};

/// Notes the places of a block, at `at` in the text, as far as `valid`; what lies behind `count` is
/// overwritten.
WEIR_TARGET inline void note_block(const NeedlePair pair, const char* p, uint64_t valid, size_t at,
                                   LinePlaces::Place* all, size_t& count, uint32_t& feeds) {
  const Block block(p);
  const uint64_t ends = block.equal('\n') & valid;
  const uint64_t strange = ends & ~Block(p + 1).equal('{');
  uint64_t found = Block::either(Block(p + pair.first), pair.first_byte, Block(p + pair.second),
                                 pair.second_byte, block, '\\') &
                   valid;
  found |= strange;
  const auto in_block = static_cast<size_t>(std::popcount(found));
  // One is noted even where there is none, since the processor would guess wrong.
  LinePlaces::Place* noted = all + count;
  do {
    const uint64_t before = ends & (found ^ (found - 1));
    noted->at = static_cast<uint32_t>(at) + static_cast<uint32_t>(std::countr_zero(found));
    noted->line = feeds + static_cast<uint32_t>(std::popcount(before));
    ++noted;
    found &= found - 1;
  } while (found != 0);
  count += in_block;
  feeds += static_cast<uint32_t>(std::popcount(ends));
}

WEIR_TARGET void note_places_in_blocks(const NeedleBytes& needle, std::string_view lines,
                                       const char* readable, LinePlaces& places) {
  const char* const end = lines.data() + lines.size();
  // A block has up to 64, and one more is written.
  constexpr size_t kMost = std::tuple_size_v<decltype(places.all)> - 64;
  static_assert(kMost > 0);
  const NeedlePair pair = {needle.first, needle.second, needle.text[needle.first],
                           needle.text[needle.second]};
  LinePlaces::Place* const all = places.all.data();
  size_t at = places.searched;
  size_t count = 0;
  uint32_t feeds = places.feeds;
  const auto margin = static_cast<size_t>(readable - end);
  const size_t reach = margin >= kKernelReach ? 64 : kKernelReach;
  for (; at + reach <= lines.size() && count < kMost; at += 64) {
    note_block(pair, lines.data() + at, ~uint64_t{0}, at, all, count, feeds);
  }
  for (; at < lines.size() && count < kMost; at += 64) {
    const char* const p = lines.data() + at;
    char copy[kKernelReach];
    note_block(pair, readable_block(p, end, readable, copy), bits_before(p, end), at, all, count,
               feeds);
  }
  places.searched = std::min(at, lines.size());
  places.count = count;
  places.feeds = feeds;
}

}  // namespace
}  // namespace weir
