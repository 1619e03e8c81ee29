// "Did you mean ...?"
#pragma once

#include <span>
#include <string_view>

namespace weir {

/// The word of `known` that `word` was most likely meant to be, or an empty text if none is near:
/// at most a third of its letters differ (one in short words). Counted are letters left out, added,
/// changed, and two neighbours swapped (the restricted Damerau-Levenshtein distance); a difference
/// of case alone counts less than any of them. The first of equally near words wins.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace weir
