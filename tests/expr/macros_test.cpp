// Macros with two variables, cel.bind, and where variables are known.
#include <doctest/doctest.h>

#include "on_event.h"

namespace weir::expr {

TEST_CASE("two variables are position and member, or key and value") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("[5, 6].all(i, v, v == i + 5)") == "bool true");
  CHECK(on("[5, 6].exists(i, v, i == 1 && v == 6)") == "bool true");
  CHECK(on("{'a': 1, 'b': 2}.exists(k, v, k == 'b' && v == 2)") == "bool true");
  CHECK(on("{'a': 1, 'b': 2}.all(k, v, v < 2)") == "bool false");
  CHECK(on("[5, 6].existsOne(i, v, v > 5) && [5, 6].exists_one(i, v, i > 0)") == "bool true");
  CHECK(on("[1, 0].all(i, v, 1 / v > 0)") == "error: division by zero");
  CHECK(on("[1, 0].all(i, v, 1 / v > 1)") == "bool false");
  CHECK(on("[1, 0].existsOne(i, v, 1 / v > 0)") == "error: division by zero");
  CHECK(on("[].all(i, v, false)") == "bool true");
  CHECK(on("'x'.all(i, v, true)") == "error: all needs a list or a map, and this is a string");
}

TEST_CASE("transformList, transformMap and transformMapEntry") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("[5, 6].transformList(i, v, [i, v])") == "list [[0,5],[1,6]]");
  CHECK(on("[5, 6].transformList(i, v, v > 5, i)") == "list [1]");
  CHECK(on("{'a': 1}.transformList(k, v, k)") == R"(list ["a"])");
  CHECK(on("{'a': 1, 'b': 2}.transformMap(k, v, v * 10)") == R"(map {"a":10,"b":20})");
  CHECK(on("{'a': 1, 'b': 2}.transformMap(k, v, k != 'a', v)") == R"(map {"b":2})");
  CHECK(on("[5, 6].transformMap(i, v, v)") == R"(map {"0":5,"1":6})");
  CHECK(on("{'a': 1}.transformMapEntry(k, v, {v: k})") == R"(map {"1":"a"})");
  CHECK(on("{'a': 1, 'b': 2}.transformMapEntry(k, v, v > 1, {k + k: v})") == R"(map {"bb":2})");
  CHECK(on("['x', 'x'].transformMapEntry(i, v, {v: i})") == "error: two keys of the map are equal");
  CHECK(on("[1].transformMapEntry(i, v, v)") ==
        "error: transformMapEntry needs a map of new members, and this is an int");
  CHECK(on("[1].transformList(i, v, v, v)") ==
        "error: the condition of transformList needs true or false, and this is an int");
  CHECK(on("1.transformMap(i, v, v)") ==
        "error: transformMap needs a list or a map, and this is an int");
}

TEST_CASE("cel.bind names a value") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("cel.bind(x, 2, x * x)") == "int 4");
  CHECK(on("cel.bind(x, 1, cel.bind(x, x + 1, x * 10) + x)") == "int 21");
  CHECK(on("cel.bind(x, 1 / 0, true)") == "bool true");
  CHECK(on("cel.bind(x, 1 / 0, x == 1 || true)") == "bool true");
  CHECK(on("cel.bind(x, 1 / 0, x)") == "error: division by zero");
  CHECK(on("[1, 2].map(y, cel.bind(x, y, x + 1))") == "list [2,3]");
  CHECK(on("cel.bind(a.b, 1, 2)").starts_with("expected the name of a variable"));
  CHECK(on("cel.bind(x, 1)").starts_with("error: expected cel.bind(x, value"));
}

TEST_CASE("macros are macros by their shape only") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("[1].all(1, true)").starts_with("expected the name of a variable"));
  CHECK(on("[1].all(x.y, true)").starts_with("expected the name of a variable"));
  CHECK(on("[1].all(.x, true)").starts_with("expected the name of a variable"));
  CHECK(on("[1].all(x, x, true)").starts_with("the two variables have the same name"));
  CHECK(on("[1].all(x) || true") == "bool true");
  CHECK(on("[1].all(x)").starts_with("error: expected list.all"));
  CHECK(on("all([1], x, true)").starts_with("error: expected list.all"));
  CHECK(on("has(1)").starts_with("expected has(a.field)"));
  OnEvent event("{}");
  CHECK(event("xs.transformList(x, x)")
            .starts_with("expected container.transformList(key, value, what to make of it) or"));
  CHECK(event("xs.transformMapEntry(x, x)").starts_with("expected container.transformMapEntry"));
  CHECK(event("xs.optMap(x)").starts_with("expected optional.optMap(x, what to make of x)"));
  CHECK(event("first(x)").starts_with("first is a function over many events"));
}

TEST_CASE("variables hide fields, and outer variables") {
  OnEvent on(R"({"x":{"y":1},"xs":[{"y":5}],"i":9})");
  CHECK(on("xs.map(x, x.y)[0] + x.y") == "int 6");
  CHECK(on("xs.transformList(i, x, i + x.y)[0] + i") == "int 14");
  CHECK(on("cel.bind(x, {'y': 2}, x.y) + x.y") == "int 3");
  CHECK(on("xs.map(x, x.?y.orValue(0))") == "list [5]");
  auto node = parse("cel.bind(a, b, a + c) + m.transformMap(k, v, k + v + d) + o.optMap(p, p + q)");
  REQUIRE(node);
  std::string found;
  for (const FieldUse& use : fields(**node)) found += use.path.to_string() + " ";
  CHECK(found == "b c m d o q ");
  constexpr std::string_view kNames[] = {"count"};
  auto calls = parse("cel.bind(a, count(), a + count())");
  REQUIRE(calls);
  CHECK(take_calls(*calls, kNames).size() == 1);
}

}  // namespace weir::expr
