#include "base/nearest.h"

#include <doctest/doctest.h>

#include <string>

namespace weir {

TEST_CASE("the nearest word") {
  constexpr std::string_view kVerbs[] = {"filter", "set",       "select",     "sort",
                                         "head",   "aggregate", "startsWith", "-i"};
  CHECK(nearest("fliter", kVerbs) == "filter");
  CHECK(nearest("filtr", kVerbs) == "filter");
  CHECK(nearest("FILTER", kVerbs) == "filter");
  CHECK(nearest("startswith", kVerbs) == "startsWith");
  CHECK(nearest("agregate", kVerbs) == "aggregate");
  CHECK(nearest("hed", kVerbs) == "head");
  CHECK(nearest("sett", kVerbs) == "set");
}

TEST_CASE("a word that is far from all has no nearest") {
  constexpr std::string_view kVerbs[] = {"filter", "set", "-i"};
  CHECK(nearest("xyzzy", kVerbs).empty());
  CHECK(nearest("q", kVerbs).empty());
  CHECK(nearest("", kVerbs).empty());
  CHECK(nearest(std::string(100000, 'f'), kVerbs).empty());
  CHECK(nearest("filter", {}).empty());
}

}  // namespace weir
