// Included by the kernels, once for each size of registers: what masks of 64 bytes have in common.
// The includer defines WEIR_TARGET, the attribute that lets a function use the registers, and the
// type Block, of which a mask has bit i for byte i:
//
//   explicit Block(const char* p)         loads 64 bytes
//   uint64_t equal(char c) const          bytes that are c
//   uint64_t equal_folded(char c) const   bytes that are c once bit 0x20 is set in them
//   uint64_t below(uint8_t c) const       bytes that are less than c
//   uint64_t within(uint8_t a, uint8_t z) const   bytes from a to z
//   uint64_t high() const                 bytes beyond ASCII
//   static uint64_t either(Block a, char x, Block b, char y, Block c, char z)
//                                         where a has x and b has y, or c has z
//   static uint64_t prefix_xor(uint64_t)  bit i: the xor of bits 0 to i
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "event/kernels.h"

namespace weir {
namespace {

/// What the bytes before a block say about it.
struct StringState {
  uint64_t inside = 0;   ///< all ones in a string
  uint64_t escaped = 0;  ///< 1 if its first byte is behind a backslash
};

/// The bytes that a backslash takes along. `state.escaped` becomes that of the next block.
WEIR_TARGET inline uint64_t find_escaped(uint64_t backslashes, StringState& state) {
  uint64_t escaped = state.escaped;
  state.escaped = 0;
  for (uint64_t left = backslashes & ~escaped; left != 0;) {
    const uint64_t first = left & -left;
    left &= ~(first | first << 1);
    escaped |= first << 1;
    if (first >> 63 != 0) state.escaped = 1;
  }
  return escaped;
}

/// The quotes and the insides of strings in a block.
struct Strings {
  uint64_t quotes;  ///< that open or close a string
  uint64_t inside;  ///< from the opening quote to before the closing one
};

WEIR_TARGET inline Strings find_strings(const Block& block, uint64_t backslashes,
                                        StringState& state) {
  uint64_t quotes = block.equal('"');
  if ((backslashes | state.escaped) != 0) quotes &= ~find_escaped(backslashes, state);
  const uint64_t inside = Block::prefix_xor(quotes) ^ state.inside;
  state.inside = -(inside >> 63);
  return {quotes, inside};
}

/// The bits of a block that starts at p and whose text ends at `end`.
inline uint64_t bits_before(const char* p, const char* end) {
  return end - p >= 64 ? ~uint64_t{0} : (uint64_t{1} << (end - p)) - 1;
}

/// Makes a block's bytes readable, with what a kernel may look at behind it: in place where that is
/// allowed, else in `copy`, which zeros follow.
inline const char* readable_block(const char* p, const char* end, const char* readable,
                                  char (&copy)[kKernelReach]) {
  if (readable - p >= static_cast<std::ptrdiff_t>(kKernelReach)) return p;
  const auto left = static_cast<size_t>(end - p);
  const size_t size = left < kKernelReach ? left : kKernelReach;
  std::memset(copy, 0, kKernelReach);
  std::memcpy(copy, p, size);
  return copy;
}

}  // namespace
}  // namespace weir
