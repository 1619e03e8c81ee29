#include "base/arena.h"

#include <doctest/doctest.h>

using weir::Arena;

TEST_CASE("a reset arena keeps a block of usual size, and gives a huge one back") {
  Arena arena;
  arena.allocate(100);
  const size_t usual = arena.bytes();
  arena.reset();
  CHECK(arena.bytes() == usual);

  arena.allocate(size_t{32} << 20);
  CHECK(arena.bytes() > size_t{32} << 20);
  arena.reset();
  CHECK(arena.bytes() == usual);

  Arena huge;
  huge.allocate(size_t{32} << 20);
  huge.reset();
  CHECK(huge.bytes() == 0);
  CHECK(huge.handed_out() == size_t{32} << 20);
}
