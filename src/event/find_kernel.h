// Included by the kernels behind block_masks.h: where single bytes and short texts stand.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "event/block_masks.h"
#include "event/kernels.h"

namespace weir {
namespace {

WEIR_TARGET size_t find_byte_in_blocks(std::string_view text, char wanted, size_t most,
                                       uint32_t* places) {
  const char* const end = text.data() + text.size();
  size_t count = 0;
  for (const char* p = text.data(); p < end && count < most; p += 64) {
    char copy[kKernelReach];
    const Block block(readable_block(p, end, end, copy));
    uint64_t left = block.equal(wanted) & bits_before(p, end);
    const auto at = static_cast<uint32_t>(p - text.data());
    const auto in_block = static_cast<size_t>(std::popcount(left));
    // Two are noted even where there are none, since the processor would guess wrong how many there
    // are.
    size_t noted = 0;
    do {
      places[count + noted++] = at + static_cast<uint32_t>(std::countr_zero(left));
      left &= left - 1;
    } while (noted < 2 || left != 0);
    count += in_block;
  }
  return count;
}

WEIR_TARGET size_t count_byte_in_blocks(std::string_view text, char wanted) {
  const char* const end = text.data() + text.size();
  size_t count = 0;
  for (const char* p = text.data(); p < end; p += 64) {
    char copy[kKernelReach];
    const Block block(readable_block(p, end, end, copy));
    count += static_cast<size_t>(std::popcount(block.equal(wanted) & bits_before(p, end)));
  }
  return count;
}

/// Adds the line feeds of a block, as far as `valid`, to the count. `behind_blank` is 1 if white
/// space stands in front of the block, and becomes that of the next one.
WEIR_TARGET inline void count_lines(const Block& block, uint64_t valid, uint64_t& behind_blank,
                                    LineCount& count) {
  const uint64_t feeds = block.equal('\n') & valid;
  const uint64_t blanks = block.below(' ' + 1);
  count.has_blanks |= (feeds & (blanks << 1 | behind_blank)) != 0;
  count.feeds += static_cast<size_t>(std::popcount(feeds));
  behind_blank = blanks >> 63;
}

template <bool kCounting>
WEIR_TARGET inline const char* find_and_count(const NeedleBytes& needle, std::string_view json,
                                              const char* readable, LineCount& count) {
  const char* const end = json.data() + json.size();
  const size_t size = needle.text.size();
  uint64_t behind_blank = 1;  // what stands in front of the first line is a line feed
  for (const char* p = json.data(); p < end; p += 64) {
    char copy[kKernelReach];
    const char* const bytes = readable_block(p, end, readable, copy);
    const Block block(bytes);
    uint64_t left =
        Block::either(Block(bytes + needle.first), needle.text[needle.first],
                      Block(bytes + needle.second), needle.text[needle.second], block, '\\');
    for (; left != 0; left &= left - 1) {
      const char* const at = p + std::countr_zero(left);
      const size_t behind = at < end ? static_cast<size_t>(end - at) : 0;
      if ((behind >= size && std::memcmp(at, needle.text.data(), size) == 0) ||
          (behind >= 2 && at[0] == '\\' && at[1] == 'u')) {
        if constexpr (kCounting) count_lines(block, bits_before(p, at), behind_blank, count);
        return at;
      }
    }
    if constexpr (kCounting) count_lines(block, bits_before(p, end), behind_blank, count);
  }
  return end;
}

WEIR_TARGET const char* find_needle_in_blocks(const NeedleBytes& needle, std::string_view json,
                                              const char* readable) {
  LineCount none;
  return find_and_count<false>(needle, json, readable, none);
}

WEIR_TARGET const char* find_needle_in_lines_in_blocks(const NeedleBytes& needle,
                                                       std::string_view lines, const char* readable,
                                                       LineCount& count) {
  return find_and_count<true>(needle, lines, readable, count);
}

}  // namespace
}  // namespace weir
