// The kernels for registers of 64 bytes (AVX-512).
#include "event/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WEIR_TARGET [[gnu::target("avx512f,avx512bw,avx2,pclmul,bmi,bmi2,popcnt,lzcnt")]]

namespace weir {
namespace {

class Block {
 public:
  WEIR_TARGET explicit Block(const char* p) : bytes_(_mm512_loadu_si512(p)) {}

  WEIR_TARGET uint64_t equal(char c) const {
    return plain(_mm512_cmpeq_epi8_mask(bytes_, _mm512_set1_epi8(c)));
  }
  WEIR_TARGET uint64_t equal_folded(char c) const {
    const __m512i folded = _mm512_or_si512(bytes_, _mm512_set1_epi8(0x20));
    return plain(_mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8(c)));
  }
  WEIR_TARGET uint64_t below(uint8_t c) const {
    return plain(_mm512_cmplt_epu8_mask(bytes_, _mm512_set1_epi8(static_cast<char>(c))));
  }
  WEIR_TARGET uint64_t within(uint8_t a, uint8_t z) const {
    const __m512i moved = _mm512_sub_epi8(bytes_, _mm512_set1_epi8(static_cast<char>(a)));
    return plain(_mm512_cmple_epu8_mask(moved, _mm512_set1_epi8(static_cast<char>(z - a))));
  }
  WEIR_TARGET uint64_t high() const { return plain(_mm512_movepi8_mask(bytes_)); }

  /// With one mask to be made instead of three: what is zero has matched.
  WEIR_TARGET static uint64_t either(Block a, char x, Block b, char y, Block c, char z) {
    const __m512i both = _mm512_or_si512(_mm512_xor_si512(a.bytes_, _mm512_set1_epi8(x)),
                                         _mm512_xor_si512(b.bytes_, _mm512_set1_epi8(y)));
    const __m512i one = _mm512_xor_si512(c.bytes_, _mm512_set1_epi8(z));
    const __m512i least = _mm512_min_epu8(both, one);
    return plain(_mm512_testn_epi8_mask(least, least));
  }

  WEIR_TARGET static uint64_t prefix_xor(uint64_t bits) {
    const __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<int64_t>(bits)), _mm_set1_epi8(-1), 0);
    return static_cast<uint64_t>(_mm_cvtsi128_si64(product));
  }

 private:
  /// What compilers like to work on in mask registers is worked on faster in those for integers.
  WEIR_TARGET static uint64_t plain(uint64_t mask) {
    asm("" : "+r"(mask));
    return mask;
  }

  __m512i bytes_;
};

}  // namespace
}  // namespace weir

#include "event/kernel_set.h"

namespace weir {

const Kernels kAvx512Kernels = kernel_set("avx512");

}  // namespace weir

#endif
