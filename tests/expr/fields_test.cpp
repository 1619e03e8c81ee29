// Names of fields: paths, this, meta, type names, has(), and what is read inside values at run
// time.
#include <doctest/doctest.h>

#include "on_event.h"

namespace weir::expr {

TEST_CASE("fields and paths") {
  OnEvent on(R"({"status":503,"http":{"status":200},"a.b":1,"this.x":2,"meta":{"line":7},)"
             R"("namespace":"n","tags":["x",{"c":[1,2]}],"null":null,"s":"é"})");
  CHECK(on("status") == "int 503");
  CHECK(on("http.status") == "int 200");
  CHECK(on("a.b") == "int 1");
  CHECK(on("this['a.b']") == "int 1");
  CHECK(on("this['a'].b") == "missing");
  CHECK(on("this['a']['b']") == "missing");
  CHECK(on("this.namespace") == "string \"n\"");
  CHECK(on("this['null']") == "null_type null");
  CHECK(on("nothing") == "missing");
  CHECK(on("http.nothing") == "missing");
  CHECK(on("status.x") == "missing");
  CHECK(on("tags[0]") == "string \"x\"");
  CHECK(on("tags[1].c[1]") == "int 2");
  CHECK(on("tags[size(tags) - 1].c") == "list [1,2]");
  CHECK(on("tags[2]") == "missing");
  CHECK(on("tags[0 - 1]") == "error: a position in a list counts from 0");
  CHECK(on("tags[0].c") == "missing");
  CHECK(on("tags['x']") == "missing");
  CHECK(on("http['sta' + 'tus']") == "int 200");
  CHECK(on("this.size()") == "int 9");
  CHECK(on("'http' in this") == "bool true");
}

TEST_CASE("meta is ours, and this.meta the field") {
  OnEvent on(R"({"meta":{"line":7}})");
  CHECK(on("meta.line") == "int 812");
  CHECK(on("meta.file") == "string \"access.ndjson\"");
  CHECK(on("this.meta.line") == "int 7");
  CHECK(on("meta.fle") ==
        "meta has no 'fle': did you mean meta.file? (a field called meta is written this.meta)\n"
        "  meta.fle\n       ^^^");
}

TEST_CASE("the longest chain is what is read") {
  OnEvent on("{}");
  auto program = on.compile("a.b.c > 1 && a.b.startsWith('x') && d[0].e == f['g'].h && this.i[x]");
  REQUIRE(program);
  std::string read;
  for (const int slot : program->slots()) read += on.paths().path(slot).to_string() + " ";
  CHECK(read == "a.b.c a.b d f['g']['h'] i x ");
}

TEST_CASE("flat keys are found at run time too") {
  OnEvent on(R"({"xs":[{"id.orig_h":"h"},{"id":{"orig_h":"i"}}]})");
  CHECK(on("xs.map(x, x.id.orig_h)") == R"(list ["h","i"])");
  CHECK(on("xs[0].id.orig_h") == "string \"h\"");
  CHECK(on("xs[0]['id.orig_h']") == "string \"h\"");
}

TEST_CASE("type names") {
  OnEvent on(R"({"type":"conn","n":1})");
  CHECK(on("type") == "string \"conn\"");
  CHECK(on("type(n) == int") == "bool true");
  CHECK(on("type(type(n))") == "type type");
  CHECK(on("timestamp") == "type google.protobuf.Timestamp");
  CHECK(on("[type(n), type('s'), type(null), type(2.0), type([]), type({})] == "
           "[int, string, null_type, double, list, map]") == "bool true");
}

TEST_CASE("has") {
  OnEvent on(R"({"a":{"b":null},"xs":[{"y":1}],"s":"text"})");
  CHECK(on("has(a.b)") == "bool true");
  CHECK(on("has(a.c)") == "bool false");
  CHECK(on("has(q.c)") == "bool false");
  CHECK(on("has(a)") == "bool true");
  CHECK(on("has(q)") == "bool false");
  CHECK(on("has(s.x)") == "bool false");
  CHECK(on("has(xs[0].y)") == "bool true");
  CHECK(on("has(xs[0].z)") == "bool false");
  CHECK(on("has(xs[7])") == "bool false");
  CHECK(on("xs.all(x, has(x.y))") == "bool true");
  CHECK(on("has({'k': 1}.k)") == "bool true");
  CHECK(on("has(size(a))").starts_with("expected has(a.field)"));
}

TEST_CASE("missing fields and errors are absorbed where they do not matter") {
  OnEvent on(R"({"t":true,"f":false,"n":1,"s":"x"})");
  CHECK(on("f && nothing") == "bool false");
  CHECK(on("nothing && f") == "bool false");
  CHECK(on("t || nothing") == "bool true");
  CHECK(on("nothing || t") == "bool true");
  CHECK(on("nothing && t") == "missing");
  CHECK(on("nothing || f") == "missing");
  CHECK(on("n / 0 == 1 && nothing") == "error: division by zero");
  CHECK(on("nothing && n / 0 == 1") == "error: division by zero");
  CHECK(on("nothing + n / 0") == "error: division by zero");
  CHECK(on("n / 0 == 1 || t") == "bool true");
  CHECK(on("s && t") == "error: && needs true or false, and this is a string");
  CHECK(on("s && f") == "bool false");
  CHECK(on("nothing ? 1 : 2") == "missing");
  CHECK(on("t ? 1 : n / 0") == "int 1");
  CHECK(on("s ? 1 : 2") ==
        "error: the condition in front of ? needs true or false, and this is a string");
  CHECK(on("!nothing") == "missing");
  CHECK(on("nothing == null") == "missing");
  CHECK(on("size(nothing)") == "missing");
  CHECK(on("[1, nothing]") == "missing");
  CHECK(on("{'a': nothing}") == "missing");
}

TEST_CASE("names that are not known get the nearest") {
  OnEvent on("{}");
  CHECK(on("a.startWith('x')") ==
        "there is no function 'startWith': did you mean text.startsWith(prefix)?\n"
        "  a.startWith('x')\n    ^^^^^^^^^");
  CHECK(
      on("sise(a)").starts_with("there is no function 'sise': did you mean size(x) or x.size()?"));
  CHECK(on("zzzzzz(a)").starts_with("there is no function 'zzzzzz'; weir-cel(7) has them all\n"));
  CHECK(on("size(a, b)").starts_with("expected size(x) or x.size()\n"));
  CHECK(on("contains(a, b)").starts_with("expected text.contains(part)\n"));
  CHECK(on("count()").starts_with("count is a function over many events"));
  CHECK(on("xs.all(1, 2)").starts_with("expected list.all(x, a condition on x)"));
  CHECK(on("not(a)").starts_with("not is written !"));
}

TEST_CASE("needles") {
  OnEvent on("{}");
  const auto needles = [&](std::string_view source) {
    auto program = on.compile(source);
    REQUIRE(program);
    std::string all;
    for (const std::string& needle : program->needles()) all += needle + ";";
    return all;
  };
  CHECK(needles("a == 'health' && b.c.contains('x y') && n > 1") == "health;x y;");
  CHECK(needles("'GET' == this['m.n'] && (p.startsWith('/api/v1') && q.endsWith('.gz'))") ==
        "GET;api;.gz;");
  CHECK(needles("a == 'x' || b == 'y'") == "");
  CHECK(needles("a != 'x' && !(a == 'y') && a == '' && a == '/' && a == 1") == "");
  CHECK(needles("meta.file == 'x' && this == 'y' && a[0] == 'z' && type == 't'") == "");
  CHECK(needles("a == 'x' && b == 'x'") == "x;");
  CHECK(needles("a == lower('ABC')") == "abc;");
  CHECK(needles("a.matches('x')") == "");
}

TEST_CASE("what only compares fields with constants") {
  OnEvent on("{}");
  const auto only_compares = [&](std::string_view source) {
    auto program = on.compile(source);
    REQUIRE(program);
    return program->only_compares();
  };
  for (const char* const source :
       {"a < 5", "5 >= a.b", "a != 5.5", "a == 'x' && b < 5u", "a < 5 || !(b == null)",
        "a in [1, 2]", "this['a b'] == true", "a", "a && !b", "a.b > 2 + 3"}) {
    CAPTURE(source);
    CHECK(only_compares(source));
  }
  for (const char* const source :
       {"a + 1 < 5", "lower(a) == 'x'", "has(a)", "meta.line < 5", "this == 5", "a[0] < 5",
        "a == b", "a == [1]", "1 in a", "a in b", "a.exists(x, x < 5)", "a < 5 ? b : c",
        "a.?b == 5", "type == 5", "a < 5 && a.contains('x')"}) {
    CAPTURE(source);
    CHECK_FALSE(only_compares(source));
  }
}

TEST_CASE("the test of a number") {
  OnEvent on("{}");
  const auto passing = [&](std::string_view source) {
    auto program = on.compile(source);
    REQUIRE(program);
    const auto test = program->number_test();
    std::string all;
    for (int64_t i = 4; test && i <= 6; ++i) all += test->passes(i) ? "+" : "-";
    return all;
  };
  CHECK(passing("a < 5") == "+--");
  CHECK(passing("a.b <= 5") == "++-");
  CHECK(passing("a > 2 + 3") == "--+");
  CHECK(passing("this['a'] >= 5") == "-++");
  CHECK(passing("a == 5") == "-+-");
  CHECK(passing("5 == a") == "-+-");
  CHECK(passing("5 < a") == "--+");
  CHECK(passing("5 <= a") == "-++");
  CHECK(passing("5 > a && 4 >= a") == "+--");
  CHECK(passing("9223372036854775807 < a") == "---");
  CHECK(passing("a >= 5 && a < 6") == "-+-");
  CHECK(passing("a > 3 && (a < 7 && a != 5 || a == 4)") == "");
  CHECK(passing("a > 5 && a < 5") == "---");
  CHECK(passing("a < -9223372036854775808") == "---");
  CHECK(passing("a > 9223372036854775807 && a > 3") == "---");
  CHECK(passing("a >= -9223372036854775808 && a <= 9223372036854775807") == "+++");
  for (const char* const source :
       {"a != 5", "a == 5.0", "a < 5.5", "a < 5u", "5 < b && a < 5", "a < b", "a < 5 && b",
        "a < 5 && b > 5", "a < 5 || a > 5", "meta.line < 5", "a[0] < 5"}) {
    CAPTURE(source);
    CHECK(passing(source) == "");
  }
}

}  // namespace weir::expr
