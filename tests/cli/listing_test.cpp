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

TEST_CASE("columns give way where there is no room") {
  const auto facts = [] {
    Facts rows = named({"one", "another"});
    for (std::vector<Fact>& row : rows) {
      row.push_back(Fact::of_text("nothing", ""));
      row.push_back(Fact::of_text("first", "1234567890"));
      row.back().gives_way = 2;
      row.push_back(Fact::of_text("last", "12345"));
      row.back().gives_way = 1;
    }
    return rows;
  };
  const auto head_at = [&](uint32_t width) {
    Facts rows = facts();
    const std::string left_out = fit_facts(rows, width);
    const std::string table = list_facts(rows, false);
    return table.substr(0, table.find('\n')) + "|" + left_out;
  };
  CHECK(head_at(39) == "name      n  nothing  first       last|");
  CHECK(head_at(38) == "name      n  first       last|");
  CHECK(head_at(30) == "name      n  first       last|");
  CHECK(head_at(29) == "name      n  last|first");
  CHECK(head_at(17) == "name      n|first, last");
  CHECK(head_at(1) == "name      n|first, last");
  Facts none;
  CHECK(fit_facts(none, 1).empty());
}
