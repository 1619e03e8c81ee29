// The functions and macros.
#include <doctest/doctest.h>

#include "on_event.h"

namespace weir::expr {

TEST_CASE("functions on strings") {
  OnEvent on(R"({"s":"Grüße, World","empty":"","n":5,"esc":"a\"b"})");
  CHECK(on("s.contains('ße')") == "bool true");
  CHECK(on("s.startsWith('Grü') && s.endsWith('World')") == "bool true");
  CHECK(on("size(s)") == "int 12");
  CHECK(on("s.size()") == "int 12");
  CHECK(on("lower(s)") == "string \"grüße, world\"");
  CHECK(on("s.upperAscii()") == "string \"GRüßE, WORLD\"");
  CHECK(on("upper(esc)") == R"(string "A\"B")");
  CHECK(on("esc") == R"(string "a\"b")");
  CHECK(on("s.substring(7)") == "string \"World\"");
  CHECK(on("s.substring(2, 4)") == "string \"üß\"");
  CHECK(on("s.substring(4, 2)").starts_with("error: the start of substring"));
  CHECK(on("s.substring(0, 13)") == "error: the position is outside of the text");
  CHECK(on("s.indexOf('ß')") == "int 3");
  CHECK(on("s.indexOf('o', 9)") == "int -1");
  CHECK(on("s.lastIndexOf('r')") == "int 9");
  CHECK(on("s.charAt(3)") == "string \"ß\"");
  CHECK(on("'a,b,,c'.split(',')") == R"(list ["a","b","","c"])");
  CHECK(on("'a,b,c'.split(',', 2)") == R"(list ["a","b,c"])");
  CHECK(on("'né'.split('')") == R"(list ["n","é"])");
  CHECK(on("['a','b'].join('-')") == "string \"a-b\"");
  CHECK(on("[1].join()") == "error: join needs a list of strings, and one member is an int");
  CHECK(on("'aXbX'.replace('X', '__', 1)") == "string \"a__bX\"");
  CHECK(on("'né'.replace('', '-')") == "string \"-n-é-\"");
  CHECK(on("'\\u2003 x\\u00a0'.trim()") == "string \"x\"");
  CHECK(on("'né'.reverse()") == "string \"én\"");
  CHECK(on("n.startsWith('5')") == "error: startsWith needs strings, and this is an int");
  CHECK(on("size(n)") == "error: size needs a string, bytes, a list or a map, and this is an int");
}

TEST_CASE("patterns") {
  OnEvent on(R"({"s":"GET /api/v1 HTTP","p":"^GET","bad":"("})");
  CHECK(on("s.matches('v[0-9]')") == "bool true");
  CHECK(on("s.matches('^v[0-9]$')") == "bool false");
  CHECK(on("matches(s, p)") == "bool true");
  CHECK(on("s.matches(bad)").starts_with("error: the pattern of matches is wrong: missing )"));
  CHECK(on("s.matches('(' + 'x')") ==
        "this pattern is wrong: missing ): (x\n  s.matches('(' + 'x')\n            ^^^^^^^^^");
  CHECK(on("s.matches('(x{1000}){1000}')").starts_with("this pattern is wrong"));
  OnEvent evil("{\"s\":\"" + std::string(100000, 'a') + "\"}");
  CHECK(evil("s.matches('(a*)*(a|aa)*b')") == "bool false");
}

TEST_CASE("conversions") {
  OnEvent on(R"({"s":"42","d":2.9,"neg":-1,"huge":1e300,"b":true})");
  CHECK(on("int(s) + 1") == "int 43");
  CHECK(on("int(d)") == "int 2");
  CHECK(on("int(huge)") == "error: this double is out of the range of int");
  CHECK(on("uint(neg)") == "error: this int is out of the range of uint");
  CHECK(on("int('4x')") == "error: cannot read '4x' as int");
  CHECK(on("int('')") == "error: cannot read '' as int");
  CHECK(on("int(b)") == "error: there is no int of a bool");
  CHECK(on("double('1e3')") == "double 1000.0");
  CHECK(on("double('nan(1)')") == "error: cannot read 'nan(1)' as double");
  CHECK(on("string(d) + string(neg) + string(b) + string(1u)") == "string \"2.9-1true1\"");
  CHECK(on("string(1.0) + string(100000.0) + string(0.0001)") == "string \"11000000.0001\"");
  CHECK(on("string(b'\\xff')") == "error: these bytes are no well-formed UTF-8");
  CHECK(on("bytes('é')") == "bytes \"w6k=\"");
  CHECK(on("bool('true') && !bool('0')") == "bool true");
  CHECK(on("100000.0") == "double 100000.0");
  CHECK(on("1.0e22") == "double 1e+22");
}

TEST_CASE("macros") {
  OnEvent on(
      R"({"xs":[1,2,3],"m":{"a":1,"b":2},"x":"outer","ys":[{"n":1,"in":[1,2]},{"n":5}],"e":[]})");
  CHECK(on("xs.exists(x, x == 2) && x == 'outer'") == "bool true");
  CHECK(on("xs.all(x, x > 1)") == "bool false");
  CHECK(on("xs.exists_one(x, x > 2)") == "bool true");
  CHECK(on("xs.filter(v, v != 2).map(v, v * 10)") == "list [10,30]");
  CHECK(on("xs.map(v, v > 1, v / 2)") == "list [1,1.5]");
  CHECK(on("m.exists(k, m[k] == 2)") == "bool true");
  CHECK(on("ys.all(y, y.n > 0)") == "bool true");
  CHECK(on("ys.exists(y, y.in == 1)").starts_with("this word cannot stand behind a dot"));
  CHECK(on("ys.map(y, has(y['in']))") == "list [true,false]");
  CHECK(on("xs.map(a, xs.map(b, a * b))") == "list [[1,2,3],[2,4,6],[3,6,9]]");
  CHECK(on("xs.map(x, [10].map(x, x)[0] + x)") == "list [11,12,13]");
  CHECK(on("xs.exists(v, v / 0 == 1 || v == 3)") == "bool true");
  CHECK(on("xs.all(v, v / 0 == 1)") == "error: division by zero");
  CHECK(on("xs.all(v, nothing)") == "missing");
  CHECK(on("e.all(v, nothing)") == "bool true");
  CHECK(on("nothing.exists(v, v)") == "missing");
  CHECK(on("x.exists(v, true)") == "error: exists needs a list or a map, and this is a string");
  CHECK(on("xs.filter(v, v)") ==
        "error: the condition of filter needs true or false, and this is an int");
}

TEST_CASE("loops are bounded") {
  std::string list = "[0";
  for (int i = 1; i < 5000; ++i) list += "," + std::to_string(i);
  OnEvent on("{\"xs\":" + list + "]}");
  CHECK(on("xs.all(a, xs.all(b, a + b >= 0))").starts_with("error: the expression takes too long"));
  CHECK(on("xs.all(a, a in xs)").starts_with("error: the expression takes too long"));
  std::string deep = "true";
  for (int i = 0; i < 20; ++i) deep = "xs.all(v" + std::to_string(i) + ", " + deep + ")";
  CHECK(on(deep).starts_with("macros are nested too deep"));
}

TEST_CASE("loops in loops end with a message") {
  std::string event = "{\"l\":[0";
  for (int i = 1; i < 60; ++i) event += "," + std::to_string(i);
  OnEvent on(event + "]}");
  // 60 to the power of 5 steps, were they all taken.
  CHECK(on("l.map(x, l.map(y, l.map(z, l.map(v, l.map(w, v)))))") ==
        "error: the expression takes too long: its loops do too much (--max-steps)");
}

TEST_CASE("text that was not checked is met without harm") {
  for (const std::string_view damaged :
       {R"([1,)", R"([1 2])", R"({"a" 1})", R"({"a":})", R"([,])", R"({"a":1,})", R"(["\x"])",
        "[nan]", "[1]]", R"({"a":1]})", "[\"\x01\"]"}) {
    Arena arena;
    const Value value = Value::raw(damaged[0] == '[' ? Kind::kList : Kind::kMap, damaged);
    CHECK(decode_container(value, arena).kind == Kind::kError);
  }
}

}  // namespace weir::expr
