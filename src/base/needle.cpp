#include "base/needle.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir {
namespace {

/// How often a byte stands in events, as far as the commonest go: the earlier here, the more often.
size_t rarity(char c) {
  constexpr std::string_view kCommon = "\" e,:taoinsr01l2d3c45hu_6789mp-g./TZ{}fybvwk[]";
  const size_t place = kCommon.find(c);
  return place == std::string_view::npos ? kCommon.size() : place;
}

}  // namespace

Needle::Needle(std::string text) : text_(std::move(text)) {
  for (size_t i = 1; i < text_.size(); ++i) {
    if (rarity(text_[i]) > rarity(text_[first_])) first_ = i;
  }
  second_ = first_ == 0 && text_.size() > 1 ? 1 : 0;
  for (size_t i = 0; i < text_.size(); ++i) {
    if (i != first_ && rarity(text_[i]) > rarity(text_[second_])) second_ = i;
  }
}

bool Needle::is_in(std::string_view hay) const {
#if defined(__SSE2__)
  constexpr size_t kPlaces = 16;
  if (text_.empty()) return true;
  if (hay.size() >= text_.size() + kPlaces - 1) {
    const __m128i first = _mm_set1_epi8(text_[first_]);
    const __m128i second = _mm_set1_epi8(text_[second_]);
    const auto load = [](const char* p) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    };
    // The last places are looked at together with some that were looked at before.
    const size_t last = hay.size() - text_.size() - (kPlaces - 1);
    for (size_t at = 0;; at = at + kPlaces < last ? at + kPlaces : last) {
      const char* const p = hay.data() + at;
      const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(load(p + first_), first),
                                         _mm_cmpeq_epi8(load(p + second_), second));
      for (auto found = static_cast<uint32_t>(_mm_movemask_epi8(both)); found != 0;
           found &= found - 1) {
        const char* const place = p + std::countr_zero(found);
        if (std::memcmp(place, text_.data(), text_.size()) == 0) return true;
      }
      if (at == last) return false;
    }
  }
#endif
  return hay.find(text_) != std::string_view::npos;
}

}  // namespace weir
