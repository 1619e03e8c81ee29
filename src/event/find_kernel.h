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

WEIR_TARGET const char* find_needle_in_blocks(const NeedleBytes& needle, std::string_view json,
                                              const char* readable) {
  const char* const end = json.data() + json.size();
  const size_t size = needle.text.size();
  for (const char* p = json.data(); p < end; p += 64) {
    char copy[kKernelReach];
    const char* const bytes = readable_block(p, end, readable, copy);
    const uint64_t both = Block(bytes + needle.first).equal(needle.text[needle.first]) &
                          Block(bytes + needle.second).equal(needle.text[needle.second]);
    for (uint64_t left = both | Block(bytes).equal('\\'); left != 0; left &= left - 1) {
      const char* const at = p + std::countr_zero(left);
      const size_t behind = at < end ? static_cast<size_t>(end - at) : 0;
      if (behind >= size && std::memcmp(at, needle.text.data(), size) == 0) return at;
      if (behind >= 2 && at[0] == '\\' && at[1] == 'u') return at;
    }
  }
  return end;
}

}  // namespace
}  // namespace weir
