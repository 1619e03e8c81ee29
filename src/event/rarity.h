// Which bytes are worth looking for first.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace weir {

/// How seldom a byte stands in events: the commonest are told apart, and all others are as rare.
inline size_t rarity(char c) {
  constexpr std::string_view kCommon = "\" e,:taoinsr01l2d3c45hu_6789mp-g./TZ{}fybvwk[]";
  const size_t place = kCommon.find(c);
  return place == std::string_view::npos ? kCommon.size() : place;
}

/// Where the two rarest bytes of a text stand: one place, twice, if there is one byte only.
inline std::pair<size_t, size_t> rarest_two(std::string_view text) {
  size_t first = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (rarity(text[i]) > rarity(text[first])) first = i;
  }
  size_t second = first == 0 && text.size() > 1 ? 1 : 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i != first && rarity(text[i]) > rarity(text[second])) second = i;
  }
  return {first, second};
}

}  // namespace weir
