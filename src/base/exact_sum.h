// Sums that do not depend on the order of what is added.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace weir {

__extension__ using Int128 = __int128;

/// Adds integers and doubles without rounding; only the result is rounded, once. So the bits of the
/// result are the same however the numbers were split and ordered. Doubles are kept as partial sums
/// that do not overlap (J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997). Only
/// a sum that is too large itself is infinite: no intermediate sum leaves the range of doubles.
class ExactSum {
 public:
  void add(int64_t value) { whole_ += value; }
  void add(uint64_t value) { whole_ += static_cast<Int128>(value); }
  void add(double value);
  /// Adds all that `other` holds.
  void merge(const ExactSum& other);

  /// True if only integers were added; then `whole()` is the sum.
  bool is_whole() const { return !has_real_; }
  Int128 whole() const { return whole_; }
  /// The sum as the nearest double (ties to even). Infinities and NaN add up as IEEE 754 has it.
  double real() const;
  /// The sum divided by `count`, which is not 0 and at most 2^53, as the nearest double. It is in
  /// the range of doubles where all that was added is, also if the sum is not.
  double mean(uint64_t count) const;

 private:
  /// The partial sums of all doubles that are not huge and of the integers.
  std::vector<double> small_parts() const;

  Int128 whole_ = 0;
  std::vector<double> partials_;               ///< rising magnitude, no two overlap
  std::unique_ptr<std::vector<double>> huge_;  ///< the same of huge doubles, scaled down
  double special_ = 0;                         ///< the sum of infinities and NaN met
  bool has_real_ = false;
  bool has_special_ = false;
};

}  // namespace weir
