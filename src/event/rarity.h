// Which bytes are worth looking for first.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir {

/// How seldom a byte stands in events: the commonest are told apart, and all others are as rare.
inline size_t rarity(char c) {
  constexpr std::string_view kCommon = "\" e,:taoinsr01l2d3c45hu_6789mp-g./TZ{}fybvwk[]";
  const size_t place = kCommon.find(c);
  return place == std::string_view::npos ? kCommon.size() : place;
}

}  // namespace weir
