#include "expr/comparisons.h"

#include <doctest/doctest.h>

#include <string>

#include "expr/expr.h"

namespace weir::expr {

namespace {

/// What would be said about each comparison, a line each.
std::string mismatches(const std::string& source) {
  const auto node = parse(source);
  REQUIRE(node);
  std::string lines;
  for (const Comparison& comparison : comparisons(**node)) {
    CHECK(comparison.counterpart.as_text == comparison.counterpart.mismatch.contains("the text"));
    lines += comparison.field.to_string() + ": " + comparison.counterpart.mismatch + "\n";
  }
  return lines;
}

}  // namespace

TEST_CASE("comparisons with a text that could be meant as something else") {
  CHECK(mismatches("a.b == '500'") ==
        "a.b: a.b is a number in the events, and the text \"500\" never equals it: "
        "write a.b == 500\n");
  CHECK(mismatches("'-1.5' != a") ==
        "a: a is a number in the events, and the text \"-1.5\" never equals it: write a != -1.5\n");
  CHECK(mismatches("a == 'true'") ==
        "a: a is true or false in the events, and the text \"true\" never equals it: "
        "write a == true\n");
}

TEST_CASE("comparisons with what could be a text") {
  CHECK(mismatches("this['x y'] == 7u") ==
        "this['x y']: this['x y'] is a text in the events, and the number 7 never equals it: "
        "write this['x y'] == \"7\"\n");
  CHECK(mismatches("a == false") ==
        "a: a is a text in the events, and false never equals it: write a == \"false\"\n");
}

TEST_CASE("each member of a list") {
  CHECK(mismatches("a in ['1', 'x', 2]") ==
        "a: a is a number in the events, and the text \"1\" never equals it: "
        "write a in [1, 'x', \"2\"]\n"
        "a: a is a text in the events, and the number 2 never equals it: "
        "write a in [1, 'x', \"2\"]\n");
}

TEST_CASE("behind && || and ! only") {
  CHECK(mismatches("!(a == 1 || b > 2) && c == '3'").size() > 100);
  CHECK(mismatches("a == 1 ? b == 2 : c == 3").empty());
  CHECK(mismatches("xs.exists(x, x == 1)").empty());
}

TEST_CASE("nothing that the type of a field decides") {
  CHECK(mismatches("a == 'x'").empty());
  CHECK(mismatches("a == null").empty());
  CHECK(mismatches("a == b").empty());
  CHECK(mismatches("1 == 1").empty());
  CHECK(mismatches("a > 5").empty());
  CHECK(mismatches("this == 1").empty());
  CHECK(mismatches("meta.line == '1'").empty());
  CHECK(mismatches("lower(a) == '1'").empty());
}

}  // namespace weir::expr
