// Functions of CEL's extensions on numbers, lists, bytes and patterns.
#include <doctest/doctest.h>

#include "on_event.h"

namespace weir::expr {

namespace {

std::string standard(std::string_view source) { return OnEvent("{}", Dialect::kStandard)(source); }

/// The first line of what a person is told.
std::string told(OnEvent& on, std::string_view source) {
  const std::string all = on(source);
  return all.substr(0, all.find('\n'));
}

}  // namespace

TEST_CASE("names with a namespace") {
  OnEvent on(R"({"math":{"greatest":1},"regex":"a.b","strings":["x","y"],"n":3})");
  CHECK(on("math.greatest(n, 2)") == "int 3");
  CHECK(on("math.greatest") == "int 1");
  CHECK(
      told(on, "regex.replace('.', '-')") ==
      "expected regex.replace(text, pattern, new[, count]) (of a field: this.regex.replace(...))");
  CHECK(on("this.regex.replace('.', '-')") == "string \"a-b\"");
  CHECK(on("regex.replace('a', '.', 'b')") == "string \"b\"");
  CHECK(on("strings.join('+')") == "string \"x+y\"");
  CHECK(told(on, "math.greatst(1, 2)") ==
        "there is no function 'math.greatst': did you mean math.greatest(x, y ...) or "
        "math.greatest(list)?");
  CHECK(told(on, "maths.abs(1)") == "there is no function 'maths.abs': did you mean math.abs(x)?");
  CHECK(told(on, "sets.contains(n)") ==
        "expected sets.contains(list, part) (of a field: this.sets.contains(...))");
  CHECK(told(on, "math.abs()") == "expected math.abs(x)");
  CHECK(told(on, "n.startWith('x')") ==
        "there is no function 'startWith': did you mean text.startsWith(prefix)?");
  CHECK(on("math.bitShiftLeft(1)") ==
        "expected math.bitShiftLeft(x, places)\n  math.bitShiftLeft(1)\n  ^^^^^^^^^^^^^^^^^");
  auto node = parse("a.math.abs(math.abs(b.c))");
  REQUIRE(node);
  CHECK(to_text(**node) == "a.math.abs(math.abs(b.c))");
  const auto used = fields(**node);
  REQUIRE(used.size() == 2);
  CHECK(used[0].path == Path{Path::Root::kEvent, {{"a", false}, {"math", true}}});
  CHECK(used[1].path == Path{Path::Root::kEvent, {{"b", false}, {"c", true}}});
}

TEST_CASE("math: greatest and least") {
  CHECK(standard("math.greatest(1, 3u, 2.5)") == "uint 3");
  CHECK(standard("math.least(5.4, 10, 3u, -5.0)") == "double -5.0");
  CHECK(standard("math.greatest([-42.0, -21.5, -100.0])") == "double -21.5");
  CHECK(standard("math.greatest(1, 1.0)") == "int 1");
  CHECK(standard("math.greatest(dyn([]))") ==
        "error: math.greatest needs a number, and the list is empty");
  CHECK(standard("math.least('a')") == "error: math.least needs numbers, and this is a string");
  CHECK(standard("math.least(1, 0.0 / 0.0)") ==
        "error: math.least has no answer where one number is a NaN");
  OnEvent on(R"({"xs":[3,2.50,10],"big":123456789012345678901234567890})");
  CHECK(on("math.greatest(xs)") == "int 10");
  CHECK(on("math.least(xs)") == "double 2.50");
  CHECK(on("math.greatest(big, 1)") == "double 123456789012345678901234567890");
  OnEvent cells({{"a", "10"}, {"b", "9.5"}});
  CHECK(cells("math.greatest(a, b)") == "int 10");
}

TEST_CASE("math: rounding and signs") {
  CHECK(standard("math.ceil(1.2)") == "double 2.0");
  CHECK(standard("math.floor(-1.2)") == "double -2.0");
  CHECK(standard("math.round(-1.5)") == "double -2.0");
  CHECK(standard("math.round(2.5)") == "double 3.0");
  CHECK(standard("math.trunc(-1.3)") == "double -1.0");
  CHECK(standard("math.ceil(dyn(1))") == "error: math.ceil needs a double, and this is an int");
  CHECK(standard("math.abs(-9223372036854775807)") == "int 9223372036854775807");
  CHECK(standard("math.abs(-9223372036854775808)").starts_with("error: math.abs overflows"));
  CHECK(standard("math.abs(-1.5)") == "double 1.5");
  CHECK(standard("math.sign(-42)") == "int -1");
  CHECK(standard("math.sign(7u)") == "uint 1");
  CHECK(standard("math.sign(-0.0)") == "double 0.0");
  CHECK(standard("math.isNaN(math.sign(0.0 / 0.0))") == "bool true");
  CHECK(standard("math.isInf(-1.0 / 0.0) && !math.isFinite(1.0 / 0.0)") == "bool true");
  CHECK(standard("math.isNaN(dyn('x'))") ==
        "error: math.isNaN needs a double, and this is a string");
  CHECK(standard("math.sqrt(81)") == "double 9.0");
  CHECK(standard("math.sqrt(16u)") == "double 4.0");
  CHECK(standard("math.isNaN(math.sqrt(-15))") == "bool true");
  CHECK(standard("math.sqrt(true)") == "error: math.sqrt needs a number, and this is a bool");
  // An exact quotient of integers of an event is an integer, and rounds all the same.
  OnEvent on(R"({"ms":1500,"n":4500})");
  CHECK(on("math.round(ms / 1000)") == "double 2.0");
  CHECK(on("math.round(n / 1500)") == "double 3.0");
  CHECK(on("math.isFinite(n)") == "bool true");
}

TEST_CASE("math: bits") {
  CHECK(standard("math.bitAnd(3u, 2u)") == "uint 2");
  CHECK(standard("math.bitAnd(-3, -5)") == "int -7");
  CHECK(standard("math.bitOr(-2, -4)") == "int -2");
  CHECK(standard("math.bitXor(4, -2)") == "int -6");
  CHECK(standard("math.bitOr(1, 2, 4)") == "int 7");
  CHECK(standard("math.bitNot(0u)") == "uint 18446744073709551615");
  CHECK(standard("math.bitShiftLeft(-1, 2)") == "int -4");
  CHECK(standard("math.bitShiftLeft(1, 63)") == "int -9223372036854775808");
  CHECK(standard("math.bitShiftRight(-1024, 3)") == "int 2305843009213693824");
  CHECK(standard("math.bitShiftRight(1024u, 64)") == "uint 0");
  CHECK(standard("math.bitShiftLeft(1, -1)") ==
        "error: math.bitShiftLeft cannot shift by less than 0 places");
  CHECK(standard("math.bitAnd(1, 1u)") == "error: math.bitAnd needs ints only, or uints only");
  CHECK(standard("math.bitAnd(1.0, 1.0)") ==
        "error: math.bitAnd needs ints or uints, and this is a double");
  CHECK(standard("math.bitShiftLeft(1.0, 1)") ==
        "error: math.bitShiftLeft needs an int or uint, and this is a double");
  CHECK(standard("math.bitShiftLeft(1, 1u)") ==
        "error: math.bitShiftLeft needs an int as number of places, and this is a uint");
}

TEST_CASE("encoders") {
  CHECK(standard("base64.encode(b'hello')") == "string \"aGVsbG8=\"");
  CHECK(standard("string(base64.decode('aGVsbG8'))") == "string \"hello\"");
  CHECK(standard("base64.decode('a')") == "error: this text is no base64");
  CHECK(standard("base64.encode('hello')") ==
        "error: base64.encode needs bytes, and this is a string: write bytes(text)");
  CHECK(standard("base64.decode(b'x')") ==
        "error: base64.decode needs a string, and this is bytes");
}

TEST_CASE("lists") {
  OnEvent on(R"({"xs":[3,1.5,2,3],"deep":[1,[2,[3,[4]]],[]],"mixed":[1,"b"],"s":["b","c","a"],)"
             R"("n":2})");
  CHECK(on("xs.slice(1, 3)") == "list [1.5,2]");
  CHECK(on("xs.slice(4, 4)") == "list []");
  CHECK(on("xs.slice(0, 5)") == "error: the position is outside of the list");
  CHECK(on("xs.slice(-1, 1)") == "error: the position is outside of the list");
  CHECK(on("xs.slice(3, 1)") == "error: the start of slice lies behind its end");
  CHECK(on("deep.flatten()") == "list [1,2,[3,[4]]]");
  CHECK(on("deep.flatten(n)") == "list [1,2,3,[4]]");
  CHECK(on("deep.flatten(0)") == "list [1,[2,[3,[4]]],[]]");
  CHECK(on("deep.flatten(-1)") == "error: the depth of flatten cannot be less than 0");
  CHECK(on("xs.sort()") == "list [1.5,2,3,3]");
  CHECK(on("s.sort()") == R"(list ["a","b","c"])");
  CHECK(on("mixed.sort()") ==
        "error: sort needs values of one type, and here are an int and a string");
  CHECK(standard("[1, 2.0].sort()") ==
        "error: sort needs values of one type, and here are an int and a double");
  CHECK(standard("[[1]].sort()") == "error: sort cannot put a list in order");
  CHECK(standard("[0.0 / 0.0].sort()") == "error: sort cannot put a NaN in order");
  CHECK(standard("[true, false].sort() == [false, true]") == "bool true");
  CHECK(standard("[].sort()") == "list []");
  CHECK(on("xs.distinct()") == "list [3,1.5,2]");
  CHECK(standard("[1, 1.0, 'b', 1u, 'b', [1], [1.0]].distinct()") == R"(list [1,"b",[1]])");
  CHECK(standard("[0.0 / 0.0, 0.0 / 0.0].distinct().size()") == "int 2");
  CHECK(on("xs.reverse()") == "list [3,2,1.5,3]");
  CHECK(on("n.reverse()") == "error: reverse needs a string or a list, and this is an int");
  CHECK(standard("lists.range(4)") == "list [0,1,2,3]");
  CHECK(standard("lists.range(-1)") == "list []");
  CHECK(standard("lists.range(5000000)") == "error: the list would be too long");
  CHECK(on("n.slice(0, 1)") == "error: slice needs a list, and this is an int");
}

TEST_CASE("sortBy") {
  OnEvent on(R"({"ps":[{"n":"foo","s":0},{"n":"bar","s":-10.5},{"n":"baz","s":1000}],"m":{},)"
             R"("k":"x"})");
  CHECK(on("ps.sortBy(p, p.s).map(p, p.n)") == R"(list ["bar","foo","baz"])");
  CHECK(on("ps.sortBy(p, -p.s).map(p, p.n)") == R"(list ["baz","foo","bar"])");
  CHECK(on("['bb', 'a', 'cc'].sortBy(w, size(w))") == R"(list ["a","bb","cc"])");
  CHECK(on("ps.sortBy(p, p.t)") == "missing");
  CHECK(on("ps.sortBy(p, p)") == "error: sortBy cannot put a map in order");
  CHECK(on("m.sortBy(p, p)") == "error: sortBy needs a list, and this is a map");
  CHECK(on("k.sortBy(p, p)") == "error: sortBy needs a list or a map, and this is a string");
  CHECK(standard("[1, 2].sortBy(n, [1, 2.0][n - 1])") ==
        "error: sortBy needs values of one type, and here are an int and a double");
  CHECK(told(on, "ps.sortBy(p.s)") == "expected list.sortBy(x, what to sort x by)");
}

TEST_CASE("lists: many members are told apart by their keys") {
  CHECK(standard("lists.range(2000).map(i, i % 700).distinct().size()") == "int 700");
  CHECK(standard("(lists.range(40) + [0.0 / 0.0, 0.0 / 0.0]).distinct().size()") == "int 42");
  CHECK(standard("sets.contains(lists.range(100000), lists.range(90000))") == "bool true");
  CHECK(standard("sets.contains(lists.range(90000), lists.range(100000))") == "bool false");
  CHECK(standard("sets.intersects(lists.range(100), [99.0, 'x'])") == "bool true");
}

TEST_CASE("sets") {
  CHECK(standard("sets.contains([], [])") == "bool true");
  CHECK(standard("sets.contains([], [1])") == "bool false");
  CHECK(standard("sets.contains([1, 2.0, 3u], [1.0, 2u, 3])") == "bool true");
  CHECK(standard("sets.equivalent([1], [1u, 1.0])") == "bool true");
  CHECK(standard("sets.equivalent([1, 2], [1])") == "bool false");
  CHECK(standard("sets.intersects([1], [])") == "bool false");
  CHECK(standard("sets.intersects([[1], [2, 3]], [[1, 2], [2, 3.0]])") == "bool true");
  CHECK(standard("sets.intersects({}, [1])") ==
        "error: sets.intersects needs a list, and this is a map");
  OnEvent on(R"({"tags":["a","b"]})");
  CHECK(on("sets.contains(tags, ['b'])") == "bool true");
}

TEST_CASE("regex.replace") {
  CHECK(standard("regex.replace('hello world hello', 'hello', 'hi')") == "string \"hi world hi\"");
  CHECK(standard("regex.replace('banana', 'a', 'x', 0)") == "string \"banana\"");
  CHECK(standard("regex.replace('banana', 'a', 'x', 2)") == "string \"bxnxna\"");
  CHECK(standard("regex.replace('banana', 'a', 'x', -12)") == "string \"bxnxnx\"");
  CHECK(standard(R"(regex.replace('foo bar', '(fo)o (ba)r', r'\2 \1\\\0'))") ==
        R"(string "ba fo\\foo bar")");
  CHECK(standard("regex.replace('né', '', '-')") == "string \"-n-é-\"");
  CHECK(standard("regex.replace('baac', 'a*', '-')") == "string \"-b-c-\"");
  CHECK(standard("regex.replace('aaa', '^a', 'b')") == "string \"baa\"");
  CHECK(standard(R"(regex.replace('test', '(.)', r'\2'))") ==
        "error: the replacement names group 2, and the pattern has only 1");
  CHECK(standard(R"(regex.replace('test', '(.)', r'\x'))").starts_with("error: behind a \\"));
  CHECK(standard(R"(regex.replace('test', '(.)', '\\'))").starts_with("error: behind a \\"));
  CHECK(standard("regex.replace('foo', '(', '')") ==
        "error: the pattern of regex.replace is wrong: missing ): (");
  OnEvent on(R"J({"s":"id=12;id=7","p":"id=(\\d+)","bad":"[","n":1})J");
  CHECK(on(R"(regex.replace(s, p, r'<\1>'))") == "string \"<12>;<7>\"");
  CHECK(on("regex.replace(s, bad, '')")
            .starts_with("error: the pattern of regex.replace is wrong: missing ]"));
  CHECK(on("regex.replace(s, '(' + '', '')") ==
        "this pattern is wrong: missing ): (\n  regex.replace(s, '(' + '', '')\n"
        "                   ^^^^^^^^");
  CHECK(on("regex.replace(n, 'a', '')") ==
        "error: regex.replace needs strings, and this is an int");
  CHECK(on("regex.replace(s, 'a', '', s)") ==
        "error: regex.replace needs an int as count, and this is a string");
}

TEST_CASE("regex.extract") {
  CHECK(standard("regex.extract('hello world', 'hello(.*)').value()") == "string \" world\"");
  CHECK(standard(R"(regex.extract('item-A, item-B', r'item-\w').orValue('none'))") ==
        "string \"item-A\"");
  CHECK(standard("regex.extract('HELLO', 'hello').hasValue()") == "bool false");
  CHECK(standard("regex.extract('ac abc', 'a(b)?c').hasValue()") == "bool false");
  CHECK(standard("regex.extract('u@d', '(.*)@(.*)')")
            .starts_with("error: the pattern of regex.extract has more than one group"));
  OnEvent on(R"({"path":"/users/42/edit"})");
  CHECK(on("regex.extract(path, '/users/([0-9]+)').orValue('')") == "string \"42\"");
}

TEST_CASE("regex: many searches are bounded") {
  OnEvent on("{\"s\":\"" + std::string(1000000, 'a') + "\"}");
  CHECK(on("regex.extractAll(s, 'a*b|a')").starts_with("error: the expression takes too long"));
  CHECK(on("size(regex.replace(s, 'a+', 'b'))") == "int 1");
}

TEST_CASE("regex.extractAll") {
  CHECK(standard(R"(regex.extractAll('id:123, id:456', r'id:\d+'))") ==
        R"(list ["id:123","id:456"])");
  CHECK(standard(R"(regex.extractAll('id:123, id:456', r'id:(\d+)'))") == R"(list ["123","456"])");
  CHECK(standard("regex.extractAll('ac abc', 'a(b)?c')") == R"(list ["b"])");
  CHECK(standard("regex.extractAll('id:123', 'assa')") == "list []");
  CHECK(standard("regex.extractAll('', 'x*')") == R"(list [""])");
  CHECK(standard("regex.extractAll('u@d', '(.*)@(.*)')")
            .starts_with("error: the pattern of regex.extractAll has more than one group"));
}

}  // namespace weir::expr
