#include "base/hash.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("the hashes are those of the books") {
  CHECK(fnv1a("") == 0xcbf29ce484222325U);
  CHECK(fnv1a("a") == 0xaf63dc4c8601ec8cU);
  CHECK(fnv1a("foobar") == 0x85944171f73967e8U);
  CHECK(split_mix(1234567, 0) == 6457827717110365317U);
  CHECK(split_mix(1234567, 1) == 3203168211198807973U);
  CHECK(split_mix(1234567, 2) == 9817491932198370423U);
}
