#include "base/nearest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace weir {

namespace {

/// What one changed letter costs; a letter in the wrong case costs 1.
constexpr size_t kStep = 8;
/// Nobody means a word by something this long, and the table grows with the square.
constexpr size_t kLongestWord = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

size_t change(char a, char b) {
  if (a == b) return 0;
  return lower(a) == lower(b) ? 1 : kStep;
}

size_t distance(std::string_view a, std::string_view b) {
  // Three rows of the table are enough: a swap looks two rows back.
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j * kStep;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i * kStep;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min(
          {above[j] + kStep, row[j - 1] + kStep, above[j - 1] + change(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + kStep);
      }
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kLongestWord) return {};
  std::string_view best;
  size_t best_distance = kStep * std::max<size_t>(1, word.size() / 3) + kStep / 2;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kLongestWord) continue;
    const size_t away = distance(word, candidate);
    // A word of one or two letters is not "near" another that shares none of them.
    if (away >= best_distance || away >= kStep * std::max(word.size(), candidate.size())) continue;
    best = candidate;
    best_distance = away;
  }
  return best;
}

}  // namespace weir
