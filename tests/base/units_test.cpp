#include "base/units.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("sizes") {
  CHECK(parse_size("0") == 0);
  CHECK(parse_size("4096") == 4096);
  CHECK(parse_size("64MiB") == uint64_t{64} << 20);
  CHECK(parse_size("64 mib") == uint64_t{64} << 20);
  CHECK(parse_size("8m") == uint64_t{8} << 20);
  CHECK(parse_size("1GB") == 1000000000);
  CHECK(parse_size("18446744073709551615") == UINT64_MAX);
  for (const char* text : {"", "x", "-1", "1.5MiB", "1 2", "64MiBs", "18446744073709551616",
                           "99999999999TiB", " 1", "1  k"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text).has_value());
  }
}

TEST_CASE("sizes for people") {
  CHECK(format_size(0) == "0 bytes");
  CHECK(format_size(1000) == "1000 bytes");
  CHECK(format_size(uint64_t{8} << 20) == "8 MiB");
  CHECK(format_size(UINT64_MAX) == "18446744073709551615 bytes");
}

TEST_CASE("counts for people") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1000) == "1,000");
  CHECK(format_count(123456) == "123,456");
  CHECK(format_count(UINT64_MAX) == "18,446,744,073,709,551,615");
}
