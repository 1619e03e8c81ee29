#include "base/exact_sum.h"

#include <bit>
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

/// True if the sum of `huge`, which are scaled down, is far from the end of the range. What cancels
/// may leave any small sum; it has room to be scaled up.
bool has_room(const std::vector<double>& huge) {
  return huge.empty() || std::fabs(huge.back()) < 0x1p1022 * kDown;
}

/// The sum of `huge`, which has no room to be scaled up, and `all`: scaled down, too.
std::vector<double> scaled_down(std::vector<double> huge, const std::vector<double>& all) {
  // Nothing cancels any more. Beside a sum this large, small parts decide no more than a tie, and
  // that by the sign of the largest of them.
  double small = 0;
  for (const double partial : all) {
    if (std::fabs(partial) < 0x1p800) {
      small = partial;
    } else {
      add_to(huge, partial * kDown);
    }
  }
  if (small != 0) add_to(huge, std::copysign(0x1p500, small));
  return huge;
}

/// On which side of the middle between two doubles the quotient lies: less than 0, 0 or more. Half
/// the divisor times each of the two adds up to what the sum is there, and all of it is exact.
double side_of_middle(std::vector<double> partials, double divisor, double low, double high) {
  const double half = divisor / 2;
  for (const double bound : {low, high}) {
    const double product = half * bound;
    add_to(partials, -product);
    add_to(partials, -std::fma(half, bound, -product));
  }
  return partials.empty() ? 0 : partials.back();
}

/// The nearest double to the quotient of what the partial sums add up to (ties to even).
double divide(std::vector<double> partials, double divisor) {
  double quotient = round(partials) / divisor;
  if (partials.size() < 2) return quotient;
  // So near to 0 the error of a product is no double, unless all is scaled up.
  const double scale = std::fabs(quotient) < 0x1p-900 ? 0x1p700 : 1;
  for (double& partial : partials) partial *= scale;
  // The sum was rounded before it was divided, so it may be the neighbour.
  while (true) {
    const bool is_odd = (std::bit_cast<uint64_t>(quotient) & 1) != 0;
    const auto beyond = [&](double neighbour) {
      const double side = side_of_middle(partials, divisor, quotient * scale, neighbour * scale);
      return side == 0 ? is_odd : (side > 0) == (neighbour > quotient);
    };
    const double above = std::nextafter(quotient, HUGE_VAL);
    const double below = std::nextafter(quotient, -HUGE_VAL);
    if (beyond(above)) {
      quotient = above;
    } else if (beyond(below)) {
      quotient = below;
    } else {
      return quotient;
    }
  }
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

std::vector<double> ExactSum::small_parts() const {
  // The integers join as three doubles that are exact: 43 bits each.
  std::vector<double> all = partials_;
  const bool negative = whole_ < 0;
  __extension__ using Uint128 = unsigned __int128;
  auto magnitude =
      negative ? Uint128{0} - static_cast<Uint128>(whole_) : static_cast<Uint128>(whole_);
  double scale = 1;
  while (magnitude != 0) {
    const auto piece =
        static_cast<double>(static_cast<uint64_t>(magnitude & ((Uint128{1} << 43) - 1)));
    add_to(all, (negative ? -piece : piece) * scale);
    magnitude >>= 43;
    scale *= 0x1p43;
  }
  return all;
}

double ExactSum::real() const {
  if (has_special_) return special_;
  std::vector<double> all = small_parts();
  if (huge_ == nullptr) return round(all);
  if (!has_room(*huge_)) return round(scaled_down(*huge_, all)) * kUp;
  for (const double partial : *huge_) add_to(all, partial * kUp);
  return round(all);
}

double ExactSum::mean(uint64_t count) const {
  const auto divisor = static_cast<double>(count);
  if (has_special_) return special_ / divisor;
  std::vector<double> all = small_parts();
  if (huge_ == nullptr) return divide(std::move(all), divisor);
  if (!has_room(*huge_)) {
    return divide(scaled_down(*huge_, all), divisor) * kUp;
  }
  for (const double partial : *huge_) add_to(all, partial * kUp);
  return divide(std::move(all), divisor);
}

}  // namespace weir
