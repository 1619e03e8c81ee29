#include "base/exact_sum.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
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
