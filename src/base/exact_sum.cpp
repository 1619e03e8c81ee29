#include "base/exact_sum.h"

#include <cmath>
#include <utility>

namespace weir {

namespace {

/// Doubles from here on are added up scaled, so that sums of more of them than can ever be counted
/// stay in the range of doubles; and so do sums of those below.
constexpr double kHuge = 0x1p900;
constexpr double kDown = 0x1p-200;
constexpr double kUp = 0x1p200;

/// Adds `value` to non-overlapping partial sums.
void add_to(std::vector<double>& partials, double value) {
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
  if (value != 0) partials.push_back(value);
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

/// The nearest double to the sum of `huge`, which are scaled down, and `all`.
double round_with(const std::vector<double>& huge, std::vector<double>& all) {
  // What cancels may leave any small sum; it has room to be scaled up.
  if (huge.empty() || std::fabs(huge.back()) < 0x1p1022 * kDown) {
    for (const double partial : huge) add_to(all, partial * kUp);
    return round(all);
  }
  // Nothing cancels any more. Beside a sum this large, small parts decide no more than a tie, and
  // that by the sign of the largest of them.
  std::vector<double> sum = huge;
  double small = 0;
  for (const double partial : all) {
    if (std::fabs(partial) < 0x1p800) {
      small = partial;
    } else {
      add_to(sum, partial * kDown);
    }
  }
  if (small != 0) add_to(sum, std::copysign(0x1p500, small));
  return round(sum) * kUp;
}

}  // namespace

void ExactSum::add(double value) {
  has_real_ = true;
  if (!std::isfinite(value)) {
    has_special_ = true;
    special_ += value;
  } else if (std::fabs(value) < kHuge) {
    add_to(partials_, value);
  } else {
    if (huge_ == nullptr) huge_ = std::make_unique<std::vector<double>>();
    add_to(*huge_, value * kDown);
  }
}

void ExactSum::merge(const ExactSum& other) {
  whole_ += other.whole_;
  has_real_ = has_real_ || other.has_real_;
  has_special_ = has_special_ || other.has_special_;
  special_ += other.special_;
  for (const double partial : other.partials_) add_to(partials_, partial);
  if (other.huge_ == nullptr) return;
  if (huge_ == nullptr) huge_ = std::make_unique<std::vector<double>>();
  for (const double partial : *other.huge_) add_to(*huge_, partial);
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
  return huge_ == nullptr ? round(all) : round_with(*huge_, all);
}

}  // namespace weir
