#include "runtime/progress.h"

#include <doctest/doctest.h>

using weir::progress_line;
using weir::Standing;

namespace {

constexpr std::chrono::duration<double> kTenSeconds{10};

}  // namespace

TEST_CASE("the line of progress tells what is known") {
  CHECK(progress_line({.in = 1234567,
                       .out = 89,
                       .bytes = {.read = 250'000'000, .total = 1'000'000'000},
                       .elapsed = kTenSeconds}) ==
        "25%  0:30 left  1,234,567 in  89 out  250.0 MB  123,456 events/s  25.0 MB/s");
  CHECK(progress_line({.in = 20, .bytes = {.read = 1234, .total = {}}, .elapsed = kTenSeconds}) ==
        "20 in  0 out  1.2 kB  2 events/s  0.1 kB/s");
  CHECK(progress_line({.in = 20, .elapsed = kTenSeconds}) == "20 in  0 out  2 events/s");
}

TEST_CASE("the time left may be long, unknown or over") {
  const auto begin_of = [](uint64_t read, uint64_t total) {
    const std::string line =
        progress_line({.bytes = {.read = read, .total = total}, .elapsed = kTenSeconds});
    return line.substr(0, line.find("0 in"));
  };
  CHECK(begin_of(1, 362) == "0%  1:00:10 left  ");
  CHECK(begin_of(0, 362) == "0%  ");
  CHECK(begin_of(362, 362) == "100%  0:00 left  ");
  CHECK(begin_of(400, 362) == "100%  0:00 left  ");
  CHECK(begin_of(0, 0) == "100%  0:00 left  ");
}
