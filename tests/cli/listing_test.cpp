#include "cli/listing.h"

#include <doctest/doctest.h>

using namespace weir;

namespace {

Facts named(std::initializer_list<const char*> names) {
  Facts rows;
  uint64_t count = 9;
  for (const char* name : names) {
    rows.push_back({Fact::of_text("name", name), Fact::of_count("n", count++)});
  }
  return rows;
}

}  // namespace

TEST_CASE("columns stand below each other whatever stands in them, and a row is a line") {
  CHECK(list_facts(named({"a", "caf\u00e9", "\u65e5\u672c", "b\nc\x1b", "d\xff"}), false) ==
        "name         n\n"
        "a            9\n"
        "caf\u00e9        10\n"
        "\u65e5\u672c        11\n"
        "b\\nc\\u001b  12\n"
        "d\ufffd          13\n");
}

TEST_CASE("bytes that are no text are JSON all the same") {
  CHECK(list_facts(named({"d\xff\n"}), true) == "{\"name\":\"d\ufffd\\n\",\"n\":9}\n");
}
