// Optionals: made, asked, chained, and as members of lists and maps.
#include <doctest/doctest.h>

#include "on_event.h"

namespace weir::expr {

TEST_CASE("optionals have a value or none") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("optional.of(1).hasValue()") == "bool true");
  CHECK(on("optional.of(null).hasValue()") == "bool true");
  CHECK(on("optional.none().hasValue()") == "bool false");
  CHECK(on("optional.of('x').value()") == "string \"x\"");
  CHECK(on("optional.none().value()") == "error: the optional has no value");
  CHECK(on("optional.of(1).orValue(2)") == "int 1");
  CHECK(on("optional.none().orValue(2)") == "int 2");
  CHECK(on("optional.none().or(optional.of(3)).value()") == "int 3");
  CHECK(on("optional.none().or(3)") == "error: or needs an optional, and this is an int");
  CHECK(on("'x'.orValue(3)") == "error: orValue needs an optional, and this is a string");
  CHECK(on("'x'.hasValue()") == "error: hasValue needs an optional, and this is a string");
  CHECK(on("[1].value()") == "error: value needs an optional, and this is a list");
  CHECK(on("type(optional.none()) == optional_type") == "bool true");
  CHECK(on("optional.of(1)") == "optional_type an optional has no JSON form: add .orValue(...)");
}

TEST_CASE("what is not asked for is not run") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("optional.of(1).orValue(1 / 0)") == "int 1");
  CHECK(on("optional.of(1).or(optional.of(1 / 0)).value()") == "int 1");
  CHECK(on("optional.none().orValue(1 / 0)") == "error: division by zero");
  CHECK(on("optional.of(1 / 0).orValue(1)") == "error: division by zero");
}

TEST_CASE("zero values are no values") {
  OnEvent on("{}", Dialect::kStandard);
  for (const char* zero : {"null", "false", "0", "0u", "0.0", "-0.0", "''", "b''", "[]", "{}"}) {
    CHECK(on("optional.ofNonZeroValue(" + std::string(zero) + ").hasValue()") == "bool false");
  }
  for (const char* value : {"true", "1", "1u", "0.5", "'0'", "b'0'", "[0]", "{0: 0}", "int"}) {
    CHECK(on("optional.ofNonZeroValue(" + std::string(value) + ").hasValue()") == "bool true");
  }
}

TEST_CASE("optionals are equal if their values are") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("optional.none() == optional.none()") == "bool true");
  CHECK(on("optional.of(1) == optional.of(1.0)") == "bool true");
  CHECK(on("optional.of(1) == optional.none()") == "bool false");
  CHECK(on("optional.of(1) == 1") == "bool false");
  CHECK(on("optional.of([optional.none()]) != optional.of([optional.of(1)])") == "bool true");
  CHECK(on("optional.of(2) in [optional.none(), optional.of(2)]") == "bool true");
}

TEST_CASE("members may be asked for as optionals, and optionals for members") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("{'a': 1}.?a.value()") == "int 1");
  CHECK(on("{'a': 1}.?b.hasValue()") == "bool false");
  CHECK(on("{'a': 1}[?'a'].value()") == "int 1");
  CHECK(on("{1u: 'x'}[?1.0].value()") == "string \"x\"");
  CHECK(on("[7][?0].value()") == "int 7");
  CHECK(on("[7][?1].hasValue()") == "bool false");
  CHECK(on("[7][?'x'].hasValue()").starts_with("error: a position in a list"));
  CHECK(on("{'a': {'b': 1}}.?a.b.value()") == "int 1");
  CHECK(on("{'a': {'b': 1}}.?x.b.hasValue()") == "bool false");
  CHECK(on("{'a': {'b': 1}}.?a.x.y.hasValue()") == "bool false");
  CHECK(on("{'a': [1, 2]}.?a[1].value()") == "int 2");
  CHECK(on("{'a': {}}.?a.?b.hasValue()") == "bool false");
  CHECK(on("{'a-b': 1}.?`a-b`.value()") == "int 1");
  CHECK(on("optional.none().x.hasValue()") == "bool false");
  CHECK(on("nothing.?x") == "error: there is no variable 'nothing'");
  CHECK(on("has(optional.of({'a': 1}).a)") == "bool true");
  CHECK(on("has(optional.of({'a': 1}).b)") == "bool false");
  CHECK(on("has(optional.none().b)") == "bool false");
  CHECK(on("has({'a': 1}.?a)").starts_with("expected has(a.field)"));
}

TEST_CASE("optional members of lists and maps") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("[?optional.of(1), ?optional.none(), 2]") == "list [1,2]");
  CHECK(on("{?'a': optional.of(1), ?'b': optional.none(), 'c': 2}") == R"(map {"a":1,"c":2})");
  CHECK(on("{?'a': optional.none(), 'a': 2}") == R"(map {"a":2})");
  CHECK(on("[?1]") == "error: behind a ? stands an optional, and this is an int");
  CHECK(on("{?'a': 1}") == "error: behind a ? stands an optional, and this is an int");
  CHECK(on("[?optional.of(1 / 0)]") == "error: division by zero");
  CHECK(on("optional.unwrap([optional.of(1), optional.none()])") == "list [1]");
  CHECK(on("[optional.of(1), optional.none()].unwrapOpt()") == "list [1]");
  CHECK(on("[1].unwrapOpt()") ==
        "error: unwrapOpt needs a list of optionals, and one member is an int");
  CHECK(on("[1, 2].first().value() + [1, 2].last().value()") == "int 3");
  CHECK(on("[].first().hasValue() || [].last().hasValue()") == "bool false");
}

TEST_CASE("optMap and optFlatMap") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("optional.of(1).optMap(x, x + 1).value()") == "int 2");
  CHECK(on("optional.none().optMap(x, x / 0).hasValue()") == "bool false");
  CHECK(on("optional.of(1).optMap(x, x / 0)") == "error: division by zero");
  CHECK(on("optional.of({'a': 1}).optFlatMap(m, m.?a).value()") == "int 1");
  CHECK(on("optional.of({'a': 1}).optFlatMap(m, m.?b).hasValue()") == "bool false");
  CHECK(on("optional.of(1).optFlatMap(x, x)") ==
        "error: optFlatMap needs an optional to be made, and this is an int");
  CHECK(on("'x'.optMap(x, x)") == "error: optMap needs an optional, and this is a string");
}

TEST_CASE("fields of events are asked for in the same way") {
  OnEvent on(R"({"a":{"b":1,"c":null},"x.y":2,"xs":[{"z":3}]})");
  CHECK(on("a.?b.orValue(0)") == "int 1");
  CHECK(on("a.?q.orValue(0)") == "int 0");
  CHECK(on("q.?b.orValue(0)") == "int 0");
  CHECK(on("q.r.?b.orValue(0)") == "int 0");
  CHECK(on("a.?c.hasValue()") == "bool true");
  CHECK(on("a.b.?c.hasValue()") == "bool false");
  CHECK(on("x.?y.orValue(0)") == "int 2");
  CHECK(on("this.?q.orValue('none')") == "string \"none\"");
  CHECK(on("this[?'x.y'].orValue(0)") == "int 2");
  CHECK(on("xs[?0].z.orValue(0)") == "int 3");
  CHECK(on("xs[?1].z.orValue(0)") == "int 0");
  CHECK(on("xs.map(x, x.?z.orValue(0))") == "list [3]");
  CHECK(on("meta.?line.orValue(0)") == "int 812");
  CHECK(on("meta.?lin").starts_with("meta has no 'lin': did you mean meta.line?"));
  auto program = on.compile("a.?b.c.orValue(d) && has(e)");
  REQUIRE(program);
  std::string read;
  for (const int slot : program->slots()) read += on.paths().path(slot).to_string() + " ";
  CHECK(read == "a.b d e ");
  CHECK(program->expected_slots().size() == 1);
}

TEST_CASE("optional members are fields of the tree, too, and no targets") {
  auto node = parse("a.?b.c + d[?'e'].f");
  REQUIRE(node);
  std::string found;
  for (const FieldUse& use : fields(**node)) found += use.path.to_string() + " ";
  CHECK(found == "a.b d['e'] ");
  CHECK(to_text(**node) == "a.?b.c + d[?'e'].f");
  CHECK(!parse_fields(std::string_view("a.?b")));
  CHECK(!parse_assignment("a.?b = 1"));
  auto list = parse("[?a, b, ?c ? d : e] == {?'k': v, 'l': w}");
  REQUIRE(list);
  CHECK(to_text(**list) == "[?a, b, ?c ? d : e] == {?'k': v, 'l': w}");
}

}  // namespace weir::expr
