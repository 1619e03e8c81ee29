// Folding constants is a matter of speed only. (tests/fuzz/eval.cpp tries it on anything.)
#include <doctest/doctest.h>

#include "expr/expr.h"
#include "expr/literal.h"

namespace {

using namespace weir;
using namespace weir::expr;

std::string evaluate(std::string_view source, Dialect dialect, Folding folding) {
  PathTable paths;
  const auto node = parse(source);
  REQUIRE(node);
  const auto program = Program::compile(**node, source, paths, dialect, {}, folding);
  if (!program) return program.error().message;
  const std::vector<std::vector<Value>> columns(static_cast<size_t>(paths.size()), {Value{}});
  Arena arena;
  return typed_line(program->eval({columns, 0, arena}));
}

}  // namespace

TEST_CASE("results are the same with constants folded and without") {
  for (const char* source : {"1 + 2 * 3",
                             "1 / 0",
                             "9223372036854775807 + 1",
                             "-(-9223372036854775807 - 1)",
                             "1.5 / 0.0",
                             "'a' + 'b' == 'ab'",
                             "'abc'.matches('^a.c$')",
                             "matches('abc', 'x|b')",
                             "[1, 2][1] + {'a': 3}['a']",
                             "[1, 2][2]",
                             "{'a': 1, 'a': 2}",
                             "true || 1 / 0 > 1",
                             "1 / 0 > 1 && false",
                             "1 in [1.0, 2u]",
                             "true ? 1 : 1 / 0",
                             "size('\xc3\xa9') + size([])",
                             "'a,b'.split(',').join('-')",
                             "int('x')",
                             "has({'a': 1}.a)",
                             "{'a': 1}.b",
                             "[1, 2, 3].filter(x, x > 1).map(x, x * 2)",
                             "[1, 0].all(x, 1 / x > 0)",
                             "nowhere + 1",
                             "type(1) == int",
                             "double('NaN') == double('NaN')",
                             "!(1 < 2) || 'b' > 'a'"}) {
    CAPTURE(source);
    for (const Dialect dialect : {Dialect::kEvents, Dialect::kStandard}) {
      CHECK(evaluate(source, dialect, Folding::kOn) == evaluate(source, dialect, Folding::kOff));
    }
  }
}
