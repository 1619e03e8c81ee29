#include "base/char_width.h"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace weir;

TEST_CASE("characters take no column, one or two") {
  CHECK(char_width('a') == 1);
  CHECK(char_width(0xe9) == 1);      // e with acute
  CHECK(char_width(0x301) == 0);     // combining acute
  CHECK(char_width(0x200d) == 0);    // joiner
  CHECK(char_width(0x4e2d) == 2);    // a Chinese character
  CHECK(char_width(0xff21) == 2);    // fullwidth A
  CHECK(char_width(0x1f600) == 2);   // a face
  CHECK(char_width(0x2026) == 1);    // ellipsis
  CHECK(char_width(0xe0100) == 0);   // variation selector
  CHECK(char_width(0x10ffff) == 1);  // private use
}

TEST_CASE("what steers a terminal is not printable") {
  for (const uint32_t point : {0x0U, 0xaU, 0x1bU, 0x7fU, 0x9bU, 0x202eU, 0x2066U, 0xfeffU}) {
    CAPTURE(point);
    CHECK(is_unprintable(point));
  }
  for (const uint32_t point : {0x20U, 0xa0U, 0xadU, 0x200dU, 0x2026U, 0xfe0fU}) {
    CAPTURE(point);
    CHECK_FALSE(is_unprintable(point));
  }
}
