// What the standard dialect has beside the language over events: variables, their errors, and the
// corners of the grammar.
#include <doctest/doctest.h>

#include <map>

#include "on_event.h"

namespace weir::expr {

namespace {

/// The value of `source` with these variables.
std::string with(const std::map<std::string, Value>& variables, std::string_view source) {
  auto node = parse(source, Dialect::kStandard);
  if (!node) return node.error().message;
  PathTable paths;
  auto program = Program::compile(**node, source, paths, Dialect::kStandard);
  if (!program) return program.error().message;
  std::vector<std::vector<Value>> columns;
  for (int slot = 0; slot < paths.size(); ++slot) {
    const auto found = variables.find(paths.path(slot).names.at(0).text);
    columns.push_back({found == variables.end() ? Value::missing() : found->second});
  }
  Arena arena;
  return show(program->eval({columns, 0, arena}));
}

}  // namespace

TEST_CASE("the longest name that is there is the variable") {
  const Value map = Value::raw(Kind::kMap, R"({"b":{"c":1},"d":2})");
  CHECK(with({{"a", map}}, "a.b.c") == "int 1");
  CHECK(with({{"a", map}, {"a.b", Value::raw(Kind::kMap, R"({"c":3})")}}, "a.b.c") == "int 3");
  CHECK(with({{"a", map}, {"a.b.c", Value::of_int(4)}}, "a.b.c + a.d") == "int 6");
  CHECK(with({{"a.b", map}}, "a.b.d") == "int 2");
  CHECK(with({{"a.b", map}}, "a.b['d']") == "int 2");
  CHECK(with({{"a.b", map}}, "a.c") == "error: there is no variable 'a.c'");
  CHECK(with({{"a", map}}, "a.x") == "error: there is no key 'x'");
  CHECK(with({{"a", map}}, "has(a.x) || has(a.b.c)") == "bool true");
  CHECK(with({{"a.b", map}}, "has(a.b.x)") == "bool false");
  CHECK(with({{"a", map}}, "has(b.x)") == "error: there is no variable 'b.x'");
  CHECK(with({{"a", map}}, "a.?b.c.value() + a.b.?c.value()") == "int 2");
}

TEST_CASE("a dot in front is the outermost scope") {
  const std::map<std::string, Value> variables = {{"x", Value::of_int(1)},
                                                  {"y.z", Value::of_int(2)}};
  CHECK(with(variables, "[5].map(x, x + .x)") == "list [6]");
  CHECK(with(variables, ".y.z") == "int 2");
  CHECK(with(variables, ".size('abc')") == "int 3");
  CHECK(with(variables, "[{'z': 9}].map(y, y.z + .y.z)") == "list [11]");
  CHECK(with(variables, ".true").starts_with("there is nothing in front of the dot"));
  CHECK(with(variables, ".if").starts_with("there is nothing in front of the dot"));
  auto node = parse("[5].map(x, x + .x.y)", Dialect::kStandard);
  REQUIRE(node);
  CHECK(to_text(**node) == "[5].map(x, x + .x.y)");
}

TEST_CASE("unknown names and missing members are errors that && and || absorb") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("x") == "error: there is no variable 'x'");
  CHECK(on("x || true") == "bool true");
  CHECK(on("false && f(x)") == "bool false");
  CHECK(on("f(1)") == "error: there is no function 'f'");
  CHECK(on("f(1) || true") == "bool true");
  CHECK(on("x.if() || true") == "bool true");
  CHECK(on("{'a': 1}.b == 1 || true") == "bool true");
  CHECK(on("{'a': 1}.b") == "error: there is no key 'b'");
  CHECK(on("{1: 1}[2]") == "error: there is nothing at this index");
  CHECK(on("[1][1]") == "error: there is nothing at this index");
  CHECK(on("[1][-1]") == "error: a position in a list counts from 0");
  CHECK(on("[1][0.5]") == "error: a position in a list is a whole number");
  CHECK(on("[1, 2][1u] + [1, 2][dyn(1.0)]") == "int 4");
  CHECK(on("has({}.a.b)") == "error: there is no key 'a'");
  CHECK(on("has({'a': {}}.a.b)") == "bool false");
  CHECK(on("1.a") == "error: an int has no members");
  CHECK(on("[1, 2].exists(x, y || x == 2)") == "bool true");
  CHECK(on("{1: 'a', 1u: 'b'}") == "error: two keys of the map are equal");
  CHECK(on("{null: 1}").starts_with("error: a key of a map is"));
}

TEST_CASE("types are values with names") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("type(1) == int && type(type(1)) == type && int != uint") == "bool true");
  CHECK(on("google.protobuf.Timestamp") == "type google.protobuf.Timestamp");
  CHECK(on("[1].map(int, int)") == "list [1]");
}

TEST_CASE("corners of the grammar") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("[,]") == "list []");
  CHECK(on("{,}") == "map {}");
  CHECK(on("[1,] + [2]") == "list [1,2]");
  CHECK(on("{'a': 1,}") == R"(map {"a":1})");
  CHECK(on("[1,,]").starts_with("',' is not expected here"));
  CHECK(on("size([1],)").starts_with("')' is not expected here"));
  CHECK(on("\f1\n+\r2\t// three\n") == "int 3");
  CHECK(on("1 // no line end") == "int 1");
  CHECK(on("!!true && --1 == 1 && ---1 == -1") == "bool true");
  CHECK(on("{'in': 1}['in'] + {'if': 2}.if") == "int 3");
  CHECK(on("{'a-b.c/d e': 1}.`a-b.c/d e`") == "int 1");
  CHECK(on("`a`").starts_with("a name in backticks stands behind a dot only"));
  CHECK(on("as").starts_with("'as' is a reserved word"));
  CHECK(on("T{a: 1}").starts_with("there are no messages here, only maps"));
  CHECK(on("a.b.T{}").starts_with("there are no messages here, only maps"));
  CHECK(on(".T{}").starts_with("there are no messages here, only maps"));
  CHECK(on("1.5{}").starts_with("'{' is not expected here"));
  CHECK(on("1.e").starts_with("error: a double has no members") == false);
  CHECK(on("false ? 1 : true ? 2 : 3") == "int 2");
  CHECK(on("1 < 2 == true && 2 * 3 % 4 - 1 == 1") == "bool true");
  CHECK(on("'\\U0001F431' < '\\U0001F436' && size('\\U0001F431') == 1") == "bool true");
  CHECK(on("b'\\303\\277' == b'ÿ' && '\\303\\277' == '\\u00c3\\u00bf'") == "bool true");
}

}  // namespace weir::expr
