// The kernels for registers of 16 bytes, which every x86-64 has (SSE2).
#include "event/kernels.h"

#if defined(__x86_64__)

#include <emmintrin.h>

#define WEIR_TARGET

namespace weir {
namespace {

class Block {
 public:
  explicit Block(const char* p) {
    for (int i = 0; i < 4; ++i) {
      parts_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
    }
  }

  uint64_t equal(char c) const {
    const __m128i wanted = _mm_set1_epi8(c);
    return mask([&](__m128i part) { return _mm_cmpeq_epi8(part, wanted); });
  }
  uint64_t equal_folded(char c) const {
    const __m128i fold = _mm_set1_epi8(0x20);
    const __m128i wanted = _mm_set1_epi8(c);
    return mask([&](__m128i part) { return _mm_cmpeq_epi8(_mm_or_si128(part, fold), wanted); });
  }
  uint64_t below(uint8_t c) const { return within(0, static_cast<uint8_t>(c - 1)); }
  uint64_t within(uint8_t a, uint8_t z) const {
    const __m128i first = _mm_set1_epi8(static_cast<char>(a));
    const __m128i span = _mm_set1_epi8(static_cast<char>(z - a));
    return mask([&](__m128i part) {
      const __m128i moved = _mm_sub_epi8(part, first);
      return _mm_cmpeq_epi8(_mm_min_epu8(moved, span), moved);
    });
  }
  uint64_t high() const {
    return mask([](__m128i part) { return part; });
  }

  static uint64_t either(Block a, char x, Block b, char y, Block c, char z) {
    return (a.equal(x) & b.equal(y)) | c.equal(z);
  }

  static uint64_t prefix_xor(uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
  }

 private:
  template <typename Test>
  uint64_t mask(Test&& test) const {
    uint64_t bits = 0;
    for (int i = 0; i < 4; ++i) {
      bits |= static_cast<uint64_t>(_mm_movemask_epi8(test(parts_[i]))) << (16 * i);
    }
    return bits;
  }

  __m128i parts_[4];
};

}  // namespace
}  // namespace weir

#include "event/kernel_set.h"

namespace weir {

const Kernels kSse2Kernels = kernel_set("sse2");

}  // namespace weir

#endif
