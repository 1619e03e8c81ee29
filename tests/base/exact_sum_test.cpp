#include "base/exact_sum.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

using weir::ExactSum;

TEST_CASE("integers add up beyond 64 bits") {
  ExactSum sum;
  sum.add(INT64_MAX);
  sum.add(INT64_MAX);
  CHECK(sum.is_whole());
  CHECK(sum.whole() == weir::Int128{INT64_MAX} * 2);
  sum.add(INT64_MIN);
  sum.add(INT64_MIN);
  CHECK(sum.whole() == -2);
  CHECK(sum.real() == -2.0);
}

TEST_CASE("doubles are rounded once, at the end") {
  ExactSum sum;
  for (const double value : {1e100, 1.0, -1e100, 0.1, 0.2, 0.3}) sum.add(value);
  CHECK_FALSE(sum.is_whole());
  CHECK(sum.real() == 1.6);
  ExactSum tenths;
  for (int i = 0; i < 10; ++i) tenths.add(0.1);
  CHECK(tenths.real() == 1.0);
}

TEST_CASE("half way between two doubles the rest decides") {
  ExactSum sum;
  sum.add(1.0);
  sum.add(std::ldexp(1.0, -53));
  CHECK(sum.real() == 1.0);
  sum.add(std::ldexp(1.0, -100));
  CHECK(sum.real() == std::nextafter(1.0, 2.0));
}

TEST_CASE("any order and any split give the same bits") {
  std::vector<double> values;
  uint64_t state = 42;
  for (int i = 0; i < 2000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    values.push_back(std::ldexp(static_cast<double>(static_cast<int64_t>(state)) * 0x1p-63,
                                static_cast<int>(state >> 58) - 32));
  }
  const auto total = [](const std::vector<double>& numbers, size_t split) {
    ExactSum whole;
    ExactSum part;
    for (size_t i = 0; i < numbers.size(); ++i) {
      part.add(numbers[i]);
      part.add(static_cast<int64_t>(i));
      if ((i + 1) % split == 0) {
        whole.merge(part);
        part = ExactSum();
      }
    }
    whole.merge(part);
    return std::bit_cast<uint64_t>(whole.real());
  };
  const uint64_t expected = total(values, 1);
  for (const size_t split : {size_t{7}, size_t{100}, size_t{5000}})
    CHECK(total(values, split) == expected);
  std::reverse(values.begin(), values.end());
  CHECK(total(values, 13) == expected);
}

TEST_CASE("infinities and NaN behave as in IEEE 754") {
  ExactSum sum;
  sum.add(HUGE_VAL);
  sum.add(1.0);
  CHECK(sum.real() == HUGE_VAL);
  sum.add(-HUGE_VAL);
  CHECK(std::isnan(sum.real()));
}

TEST_CASE("only a sum that is too large itself is infinite") {
  constexpr double kMax = std::numeric_limits<double>::max();
  const auto total = [](const std::vector<double>& numbers, size_t split) {
    ExactSum whole;
    ExactSum part;
    for (size_t i = 0; i < numbers.size(); ++i) {
      part.add(numbers[i]);
      if ((i + 1) % split != 0) continue;
      whole.merge(part);
      part = ExactSum();
    }
    whole.merge(part);
    return whole.real();
  };
  const double half_step = std::ldexp(1.0, 970);  // half the distance from kMax to what is beyond
  const std::vector<std::pair<std::vector<double>, double>> sums = {
      {{kMax, kMax, -kMax}, kMax},
      {{kMax, kMax, -kMax, -kMax}, 0.0},
      {{kMax, kMax, -kMax, -kMax, 1e-320}, 1e-320},
      {{kMax, kMax}, HUGE_VAL},
      {{-kMax, -kMax, 1.0}, -HUGE_VAL},
      {{kMax, half_step}, HUGE_VAL},
      {{kMax, half_step, -1e-320}, kMax},
      {{kMax, -half_step, 1e-320}, kMax},
      {{0x1p900, -0x1p899, -0x1p899, 1e-300}, 1e-300},
      {{0x1p900, 0x1p899, -0x1p900}, 0x1p899},
      {{1e308, 1e308, -1e308, 5.0, -1e308}, 5.0},
  };
  for (const auto& [numbers, expected] : sums) {
    CAPTURE(expected);
    for (const size_t split : {size_t{1}, size_t{2}, size_t{3}, size_t{100}}) {
      CHECK(total(numbers, split) == expected);
    }
  }
}

TEST_CASE("a mean is rounded once") {
  constexpr double kMax = std::numeric_limits<double>::max();
  const auto mean = [](const std::vector<double>& numbers) {
    ExactSum sum;
    for (const double number : numbers) sum.add(number);
    return sum.mean(numbers.size());
  };
  CHECK(mean({0.0, 0.0}) == 0.0);
  CHECK(mean({1.0, 2.0, 2.0}) == 5.0 / 3.0);
  CHECK(mean({5e-324, 5e-324, 1e-323}) == 5e-324);
  CHECK(mean({0.2, 0.7, 3.3}) == 1.4);
  CHECK(mean({kMax, kMax}) == kMax);
  CHECK(mean({kMax, kMax, kMax, -kMax}) == kMax / 2);
  CHECK(mean({-kMax, -kMax, -kMax, 1.0}) == -kMax * 0.75);
  CHECK(mean({HUGE_VAL, 1.0}) == HUGE_VAL);
  // Half way between two doubles what is left of the sum decides, however small.
  CHECK(mean({0x1p53, 0x1p53, 0x1p53 + 2, 0}) == 0x3p51);
  CHECK(mean({0x1p53, 0x1p53, 0x1p53 + 2, 5e-324}) == 0x3p51 + 1);
  CHECK(mean({0x1p53, 0x1p53 + 2, 0x1p53 + 4, 0}) == 0x3p51 + 2);
  CHECK(mean({0x1p53, 0x1p53 + 2, 0x1p53 + 4, -5e-324}) == 0x3p51 + 1);
  CHECK(mean({-0x1p53, -0x1p53, -0x1p53 - 2, -5e-324}) == -0x3p51 - 1);
  CHECK(mean({0x1p-910, 0x1p-910, 0x1p-910 + 0x1p-962, 5e-324}) == 0x3p-912 + 0x1p-963);
  CHECK(mean({0x1p1000, 0x1p1000, 0x1p1000 + 0x1p948, 1}) == 0x3p998 + 0x1p947);
  CHECK(mean({5e-324, 0.0}) == 0.0);
  CHECK(mean({5e-324, 1e-323}) == 1e-323);
  ExactSum whole;
  for (int i = 0; i < 3; ++i) whole.add(INT64_MAX);
  CHECK(whole.mean(3) == 0x1p63);
  whole.add(int64_t{1});
  CHECK(whole.mean(4) == 0x3p61);
}
