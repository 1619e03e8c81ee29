#include "expr/literal.h"

#include <doctest/doctest.h>

#include "event/json_value.h"
#include "on_event.h"

namespace {

using namespace weir;
using namespace weir::expr;

std::string literal(const Value& value) {
  std::string text;
  append_literal(value, text);
  return text;
}

}  // namespace

TEST_CASE("a literal reads back as the same value") {
  for (const char* source :
       {"null", "true", "-9223372036854775808", "18446744073709551615u", "0.1", "-0.0", "1e+300",
        "double(\"-Infinity\")", "\"a\\\"b\\\\\\n\\u0000\xc3\xa9\"", "b\"\\x00\\xff\"", "[1, [2u]]",
        "{\"a\": 1, true: 2.5}", "int"}) {
    CAPTURE(source);
    Arena arena;
    PathTable paths;
    const auto node = parse(source);
    REQUIRE(node);
    const auto program = Program::compile(**node, source, paths);
    REQUIRE(program);
    const std::vector<std::vector<Value>> columns(static_cast<size_t>(paths.size()), {Value{}});
    CHECK(literal(program->eval({columns, 0, arena})) == source);
  }
}

TEST_CASE("what is still JSON text is opened, all the way down") {
  CHECK(literal(Value::raw(Kind::kMap, "{\"a\" : [ 1,{\"b\":null}],\"c\":1.50}")) ==
        "{\"a\": [1, {\"b\": null}], \"c\": 1.5}");
  CHECK(literal(Value::raw(Kind::kList, "[]")) == "[]");
}

TEST_CASE("a typed line is one line") {
  CHECK(typed_line(Value::of_int(3)) == "int: 3");
  CHECK(typed_line(Value::null()) == "null_type: null");
  CHECK(typed_line(Value::of_type("int")) == "type: int");
  CHECK(typed_line(Value::missing()) == "missing");
  CHECK(typed_line(Value::error("a\nb")) == "error: a\\nb");
  CHECK(typed_line(Value::of_string("a\nb")) == "string: \"a\\nb\"");
}
