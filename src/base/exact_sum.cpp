#include "base/exact_sum.h"

#include <cmath>
#include <utility>

namespace weir {

namespace {

/// Adds `value` to non-overlapping partial sums. False if an intermediate sum leaves the range of
/// doubles; the partial sums are lost then.
bool add_to(std::vector<double>& partials, double value) {
  size_t kept = 0;
  for (size_t i = 0; i < partials.size(); ++i) {
    double other = partials[i];
    if (std::fabs(value) < std::fabs(other)) std::swap(value, other);
    const double high = value + other;
    const double low = other - (high - value);
    if (low != 0) partials[kept++] = low;
    value = high;
  }
  partials.resize(kept);
  if (!std::isfinite(value)) return false;
  if (value != 0) partials.push_back(value);
  return true;
}

/// The nearest double to the sum of the partial sums.
double round(const std::vector<double>& partials) {
  size_t left = partials.size();
  if (left == 0) return 0;
  double high = partials[--left];
  double low = 0;
  while (left > 0) {
    const double before = high;
    const double next = partials[--left];
    high = before + next;
    low = next - (high - before);
    if (low != 0) break;
  }
  // What is left decides between two neighbours when `low` is exactly half of their distance.
  if (left > 0 && ((low < 0 && partials[left - 1] < 0) || (low > 0 && partials[left - 1] > 0))) {
    const double twice = low * 2;
    const double rounded = high + twice;
    if (twice == rounded - high) high = rounded;
  }
  return high;
}

}  // namespace

void ExactSum::add(double value) {
  has_real_ = true;
  if (!std::isfinite(value)) {
    has_special_ = true;
    special_ += value;
    return;
  }
  if (!add_to(partials_, value)) {
    // The sum of finite numbers left the range of doubles on the way.
    has_special_ = true;
    special_ += std::copysign(HUGE_VAL, value);
  }
}

void ExactSum::merge(const ExactSum& other) {
  whole_ += other.whole_;
  has_real_ = has_real_ || other.has_real_;
  has_special_ = has_special_ || other.has_special_;
  special_ += other.special_;
  for (const double partial : other.partials_) add(partial);
}

double ExactSum::real() const {
  if (has_special_) return special_;
  // The integers join as three doubles that are exact: 43 bits each.
  std::vector<double> all = partials_;
  Int128 rest = whole_;
  const bool negative = rest < 0;
  __extension__ using Uint128 = unsigned __int128;
  auto magnitude = negative ? Uint128{0} - static_cast<Uint128>(rest) : static_cast<Uint128>(rest);
  double scale = 1;
  while (magnitude != 0) {
    const auto piece =
        static_cast<double>(static_cast<uint64_t>(magnitude & ((Uint128{1} << 43) - 1)));
    add_to(all, (negative ? -piece : piece) * scale);
    magnitude >>= 43;
    scale *= 0x1p43;
  }
  return round(all);
}

}  // namespace weir
