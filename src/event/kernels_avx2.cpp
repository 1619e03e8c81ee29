// The kernels for registers of 32 bytes (AVX2).
#include "event/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WEIR_TARGET [[gnu::target("avx2,pclmul,bmi,bmi2,popcnt,lzcnt")]]

namespace weir {
namespace {

class Block {
 public:
  WEIR_TARGET explicit Block(const char* p)
      : low_(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))),
        high_(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))) {}

  WEIR_TARGET uint64_t equal(char c) const {
    const __m256i wanted = _mm256_set1_epi8(c);
    return mask(_mm256_cmpeq_epi8(low_, wanted), _mm256_cmpeq_epi8(high_, wanted));
  }
  WEIR_TARGET uint64_t equal_folded(char c) const {
    const __m256i fold = _mm256_set1_epi8(0x20);
    const __m256i wanted = _mm256_set1_epi8(c);
    return mask(_mm256_cmpeq_epi8(_mm256_or_si256(low_, fold), wanted),
                _mm256_cmpeq_epi8(_mm256_or_si256(high_, fold), wanted));
  }
  WEIR_TARGET uint64_t below(uint8_t c) const { return within(0, static_cast<uint8_t>(c - 1)); }
  WEIR_TARGET uint64_t within(uint8_t a, uint8_t z) const {
    const __m256i first = _mm256_set1_epi8(static_cast<char>(a));
    const __m256i span = _mm256_set1_epi8(static_cast<char>(z - a));
    const __m256i low = _mm256_sub_epi8(low_, first);
    const __m256i high = _mm256_sub_epi8(high_, first);
    return mask(_mm256_cmpeq_epi8(_mm256_min_epu8(low, span), low),
                _mm256_cmpeq_epi8(_mm256_min_epu8(high, span), high));
  }
  WEIR_TARGET uint64_t high() const { return mask(low_, high_); }

  WEIR_TARGET static uint64_t either(Block a, char x, Block b, char y, Block c, char z) {
    const __m256i first = _mm256_set1_epi8(x);
    const __m256i second = _mm256_set1_epi8(y);
    const __m256i other = _mm256_set1_epi8(z);
    const __m256i low =
        _mm256_and_si256(_mm256_cmpeq_epi8(a.low_, first), _mm256_cmpeq_epi8(b.low_, second));
    const __m256i high =
        _mm256_and_si256(_mm256_cmpeq_epi8(a.high_, first), _mm256_cmpeq_epi8(b.high_, second));
    return mask(_mm256_or_si256(low, _mm256_cmpeq_epi8(c.low_, other)),
                _mm256_or_si256(high, _mm256_cmpeq_epi8(c.high_, other)));
  }

  WEIR_TARGET static uint64_t prefix_xor(uint64_t bits) {
    const __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<int64_t>(bits)), _mm_set1_epi8(-1), 0);
    return static_cast<uint64_t>(_mm_cvtsi128_si64(product));
  }

 private:
  WEIR_TARGET static uint64_t mask(__m256i low, __m256i high) {
    return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
           static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
  }

  __m256i low_;
  __m256i high_;
};

}  // namespace
}  // namespace weir

#include "event/kernel_set.h"

namespace weir {

const Kernels kAvx2Kernels = kernel_set("avx2");

}  // namespace weir

#endif
