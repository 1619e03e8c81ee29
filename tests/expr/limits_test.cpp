// What an expression may cost: hostile ones and hostile events end with an error, and soon.
#include <doctest/doctest.h>

#include "on_event.h"

namespace weir::expr {

namespace {

/// Evaluates in the standard dialect with these limits.
std::string limited(const Limits& limits, std::string_view source) {
  auto node = parse(source, Dialect::kStandard, limits);
  if (!node) return node.error().message;
  PathTable paths;
  auto program = Program::compile(**node, source, paths, Dialect::kStandard, limits);
  if (!program) return program.error().message;
  Arena arena;
  return show(program->eval({{}, 0, arena}));
}

constexpr std::string_view kTooLong =
    "error: the expression takes too long: its loops do too much (--max-steps)";
constexpr std::string_view kTooMuch =
    "error: the expression makes too much: its result is too large (--max-result)";

/// `source`, repeated within `cel.bind(vN, ...)`: each level takes the variable of the one before.
std::string doubled(std::string_view first, std::string_view step, int levels) {
  std::string source = "cel.bind(v, " + std::string(first) + ", v)";
  for (int i = 0; i < levels; ++i)
    source = "cel.bind(v, " + source + ", " + std::string(step) + ")";
  return source;
}

}  // namespace

TEST_CASE("steps of loops are counted") {
  const Limits few = {.steps = 100};
  const std::string ten = "[1,2,3,4,5,6,7,8,9,0]";
  CHECK(limited(few, ten + ".all(x, x >= 0)") == "bool true");
  CHECK(limited(few, ten + ".map(x, " + ten + ".map(y, x))") == kTooLong);
  CHECK(limited(few, ten + ".transformMap(i, x, " + ten + ".all(j, y, true))") == kTooLong);
  CHECK(limited(few, ten + ".exists(x, " + ten + ".exists(y, false))") == kTooLong);
  CHECK(limited(few, ten + ".all(x, x in " + ten + ")") == kTooLong);
}

TEST_CASE("work on large texts and lists is counted, too") {
  const std::string text = doubled("'0123456789abcdef'", "v + v", 12);  // 64 KiB
  const Limits few = {.steps = 5000};
  CHECK(limited(few, "size(" + text + ")") == "int 65536");
  const std::string often = "[1,2,3,4,5,6,7,8].all(x, ";
  CHECK(limited(few, "cel.bind(t, " + text + ", " + often + "size(t) > 0))") == kTooLong);
  CHECK(limited(few, "cel.bind(t, " + text + ", " + often + "t.matches('z') == false))") ==
        kTooLong);
  CHECK(limited(few, "cel.bind(t, [" + text + "], " + often + "t == t))") == kTooLong);
  // A pattern that is made anew each time.
  CHECK(limited({.steps = 20000}, often + "'a'.matches('a{' + string(x + 900) + '}') == false)") ==
        "bool true");
  CHECK(limited({.steps = 5000}, often + "'a'.matches('a{' + string(x + 900) + '}') == false)") ==
        kTooLong);
}

TEST_CASE("results have an end") {
  const Limits small = {.memory = uint64_t{1} << 20};
  CHECK(limited(small, "size(" + doubled("'0123456789abcdef'", "v + v", 10) + ")") == "int 16384");
  CHECK(limited(small, "size(" + doubled("'0123456789abcdef'", "v + v", 40) + ")") == kTooMuch);
  CHECK(limited(small, "size(" + doubled("[1]", "v + v", 40) + ")") == kTooMuch);
  CHECK(limited(small, "size(" + doubled("'ab'", "v.replace('', v)", 12) + ")") == kTooMuch);
}

TEST_CASE("shared members do not make results that nobody can write") {
  // Each level doubles what is written, and takes two members only.
  CHECK(limited({}, doubled("[1]", "[v, v]", 60)) == kTooMuch);
  CHECK(limited({}, doubled("{1: 1}", "{1: v, 2: v}", 60)) == kTooMuch);
  CHECK(limited({}, doubled("[1]", "[1, 2].map(i, v)", 60)) == kTooMuch);
  CHECK(limited({}, doubled("{1: 1}", "[1, 2].transformMap(i, x, v)", 60)) == kTooMuch);
  CHECK(limited({}, "cel.bind(a, " + doubled("[1]", "[v, v]", 18) + ", a == a)") == "bool true");
}

TEST_CASE("the depth of expressions is bounded, by a number or by the stack") {
  CHECK(limited({.depth = 10}, "((((((((1))))))))") == "int 1");
  CHECK(limited({.depth = 10}, "((((((((((1))))))))))")
            .starts_with("this is nested more than 10 levels deep"));
  const std::string deep(490, '(');
  CHECK(limited({.depth = 500}, deep + "1" + std::string(490, ')')) == "int 1");
  CHECK(limited({.depth = 1000000}, std::string(100000, '('))
            .starts_with("this is nested more than 500 levels deep"));
  for (const char* part : {"[", "{1:", "-", "!", "f(", "a.?b[", "x ? y : ", "a.b.", "1 + ",
                           "x || (", "x.map(y, ", "cel.bind(y, ", "[?", "!-"}) {
    std::string source;
    while (source.size() < 200000) source += part;
    const std::string result = limited({.depth = 500}, source + "1");
    CHECK_MESSAGE((result.find("levels deep") != std::string::npos ||
                   result.find("too many signs") != std::string::npos ||
                   result.find("is not expected") != std::string::npos),
                  part << ": " << result.substr(0, 100));
  }
}

TEST_CASE("patterns have a size") {
  CHECK(limited({.pattern = 10000}, "'a'.matches('a{10}')") == "bool false");
  CHECK(limited({.pattern = 10000}, "'a'.matches('a{1000}')")
            .starts_with("error: the pattern of matches is wrong: pattern too large"));
  CHECK(limited({.pattern = 10000}, "['a{1000}'].exists(p, 'a'.matches(p))")
            .starts_with("error: the pattern of matches is wrong: pattern too large"));
}

TEST_CASE("values that are deeper than events end quietly") {
  std::string source = "[1]";
  for (int i = 0; i < 100; ++i) {
    source =
        "cel.bind(v, " + source + ", " + std::string(60, '[') + "v" + std::string(60, ']') + ")";
  }
  CHECK(limited({}, source) == "list lists and maps are nested more than 1024 deep");
  CHECK(limited({}, "cel.bind(a, " + source + ", a == a)").starts_with("bool"));
  CHECK(limited({}, "size(" + source + ")") == "int 1");
}

}  // namespace weir::expr
