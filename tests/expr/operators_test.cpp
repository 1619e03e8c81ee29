// Arithmetic and comparison, in the standard and over events.
#include <doctest/doctest.h>

#include "expr/compare.h"
#include "on_event.h"

namespace weir::expr {

TEST_CASE("the standard's arithmetic") {
  OnEvent on("{}", Dialect::kStandard);
  CHECK(on("1 / 2") == "int 0");
  CHECK(on("-7 / 2") == "int -3");
  CHECK(on("5 % 3") == "int 2");
  CHECK(on("-5 % 3") == "int -2");
  CHECK(on("1 / 0") == "error: division by zero");
  CHECK(on("1 % 0") == "error: remainder of a division by zero");
  CHECK(on("1 + 1.0") == "error: cannot add an int and a double");
  CHECK(on("1 - 1u") == "error: cannot subtract a uint from an int");
  CHECK(on("1 - -9223372036854775808") == "error: the result of '-' does not fit in 64 bits");
  CHECK(on("-9223372036854775808 / -1") == "error: the result of '/' does not fit in 64 bits");
  CHECK(on("-9223372036854775808 % -1") == "error: the result of '%' does not fit in 64 bits");
  CHECK(on("-(-9223372036854775808)") == "error: the result of '-' does not fit in 64 bits");
  CHECK(on("1u - 2u") == "error: the result of '-' does not fit in 64 bits");
  CHECK(on("1.0 / 0.0 > 1.0e308") == "bool true");
  CHECK(on("5.0 % 2.0") == "error: cannot take the remainder of a double by a double");
  CHECK(on("-(1u)") == "error: cannot negate a uint");
  CHECK(on("dyn(1) / 2") == "int 0");
  CHECK(on("'a' + 'b' + ''") == "string \"ab\"");
  CHECK(on("b'a' + b'b' == b'ab'") == "bool true");
  CHECK(on("[1] + [2, 3]") == "list [1,2,3]");
}

TEST_CASE("over events literals alone are the standard's, and wrong types are found at once") {
  OnEvent on("{}");
  CHECK(on("1 / 2") == "int 0");
  CHECK(on("[1, 2][0] / 2") == "int 0");
  CHECK(on("[1, 2].map(x, x / 2)") == "list [0,1]");
  CHECK(on("size('abc') / 2") == "int 1");
  CHECK(on("1 + 1.0") ==
        "there is no '+' for an int and a double: convert one, as in double(x) or 2.0 for 2\n  1 + "
        "1.0\n    ^");
  CHECK(on("'a' < 1") == "cannot compare a string with an int\n  'a' < 1\n      ^");
  CHECK(on("a && 'x'") == "&& needs true or false here\n  a && 'x'\n       ^^^");
  CHECK(on("'a' in 'abc'").starts_with("in needs a list or a map behind it"));
  CHECK(on("-'x'").starts_with("only an int or a double has a negative"));
}

TEST_CASE("numbers of events promote") {
  OnEvent on(
      R"({"i":7,"j":2,"d":1.5,"u":18446744073709551615,"big":12345678901234567890123,"m":6.0})");
  CHECK(on("i / j") == "double 3.5");
  CHECK(on("i / 7") == "int 1");
  CHECK(on("6 / j") == "int 3");
  CHECK(on("i + d") == "double 8.5");
  CHECK(on("i * 1.0") == "double 7.0");
  CHECK(on("m / j") == "double 3.0");
  CHECK(on("u - 1") == "uint 18446744073709551614");
  CHECK(on("u - u") == "uint 0");
  CHECK(on("i - u") == "error: the result of '-' does not fit in 64 bits");
  CHECK(on("u + 1") == "error: the result of '+' does not fit in 64 bits");
  CHECK(on("u * u") == "error: the result of '*' does not fit in 64 bits");
  CHECK(on("0u - i") == "int -7");
  CHECK(on("i % 4") == "int 3");
  CHECK(on("i / 0") == "error: division by zero");
  CHECK(on("d % 2") == "error: cannot take the remainder of a double by an int");
  CHECK(on("9223372036854775807 + i") == "error: the result of '+' does not fit in 64 bits");
  CHECK(on("big") == "double 12345678901234567890123");
  CHECK(on("big > 1.0e22") == "bool true");
  CHECK(on("-d") == "double -1.5");
  CHECK(on("i + 'x'") == "error: cannot add an int and a string");
  CHECK(on("dyn(1) / 2") == "double 0.5");
}

TEST_CASE("comparison across types of numbers is exact") {
  OnEvent on(R"({"i":9007199254740993,"u":18446744073709551615,"d":9007199254740992.0,"z":-0.0})");
  CHECK(on("i == d") == "bool false");
  CHECK(on("i > d") == "bool true");
  CHECK(on("d < i") == "bool true");
  CHECK(on("u > 9223372036854775807") == "bool true");
  CHECK(on("u > -1") == "bool true");
  CHECK(on("u >= 1.8e19") == "bool true");
  CHECK(on("z == 0") == "bool true");
  CHECK(on("1 == 1.0 && 1u == 1 && 1.5 > 1 && 2u > 1.5 && -0.5 < 0u") == "bool true");
  CHECK(on("dyn(-9223372036854775808) > -9223372036854777857.0") == "bool true");
  CHECK(on("0.0 / 0.0 == 0.0 / 0.0") == "bool false");
  CHECK(on("0.0 / 0.0 < 1") == "bool false");
  CHECK(on("0.0 / 0.0 >= 1") == "bool false");
  CHECK(on("i in [1.0, 9007199254740992.0]") == "bool false");
}

TEST_CASE("equality never fails, order may") {
  OnEvent on(R"({"s":"x","n":null,"l":[1,{"a":[2]}],"m":{"b":1.0,"a":null},"t":true})");
  CHECK(on("s == 1") == "bool false");
  CHECK(on("s != 1") == "bool true");
  CHECK(on("n == null") == "bool true");
  CHECK(on("l == [1.0, {'a': [2u]}]") == "bool true");
  CHECK(on("m == {'a': null, 'b': 1}") == "bool true");
  CHECK(on("m == {'a': null}") == "bool false");
  CHECK(on("s < 1") == "error: cannot compare a string with an int by <");
  CHECK(on("n >= 1") == "error: cannot compare null with an int by >=");
  CHECK(on("l < l") == "error: cannot compare a list with a list by <");
  CHECK(on("false < t") == "bool true");
  CHECK(on("'a' < s && s < 'é'") == "bool true");
  CHECK(on("b'a' < b'b'") == "bool true");
  CHECK(on("{'a': 1} in l") == "bool false");
  CHECK(on("{'a': [2.0]} in l") == "bool true");
  CHECK(on("'a' in m && !('c' in m)") == "bool true");
  CHECK(on("1 in s") == "error: in needs a list or a map behind it, and this is a string");
  CHECK(on("{1: 'a', true: 'b', 'x': 'c'}[1.0]") == "string \"a\"");
  CHECK(on("{1: 'a', 1u: 'b'}") == "error: two keys of the map are equal");
  CHECK(on("{1.0: 'a'}").starts_with("error: a key of a map is"));
}

TEST_CASE("text fields read as numbers where numbers are wanted") {
  OnEvent on(
      {{"status", "503"}, {"zip", "00704"}, {"secs", " 1.5 "}, {"name", "abc"}, {"empty", ""}});
  CHECK(on("status >= 500") == "bool true");
  CHECK(on("500 <= status") == "bool true");
  CHECK(on("status == 503") == "bool true");
  CHECK(on("status == 503.0 && status != 504") == "bool true");
  CHECK(on("status == '503'") == "bool true");
  CHECK(on("status in [500, 503]") == "bool true");
  CHECK(on("status in ['503']") == "bool true");
  CHECK(on("zip == '00704'") == "bool true");
  CHECK(on("zip == 704 && zip != '704'") == "bool true");
  CHECK(on("secs * 2") == "double 3.0");
  CHECK(on("status / 2") == "double 251.5");
  CHECK(on("status - status") == "int 0");
  CHECK(on("-status") == "int -503");
  CHECK(on("int(secs)") == "int 1");
  CHECK(on("double(status)") == "double 503.0");
  CHECK(on("name > 1") == "error: cannot read 'abc' as a number");
  CHECK(on("name == 1") == "bool false");
  CHECK(on("name + 1") == "error: cannot read 'abc' as a number");
  CHECK(on("empty > 1") == "error: cannot read '' as a number");
  CHECK(on("name < zip") == "bool false");
  CHECK(on("name + ' x'") == "string \"abc x\"");
  CHECK(
      on("status + status").starts_with("error: + of two text fields could mean numbers or text"));
  CHECK(on("string(status) + string(status)") == "string \"503503\"");
  CHECK(on("size(name) == 3 && name.startsWith('a') && type(name) == string") == "bool true");
}

TEST_CASE("large maps and lists are compared in reasonable time") {
  std::string up = "{";
  std::string down = "{";
  for (int i = 0; i < 100000; ++i) {
    up += "\"k" + std::to_string(i) + "\":1,";
    down += "\"k" + std::to_string(99999 - i) + "\":1,";
  }
  up.back() = down.back() = '}';
  OnEvent on("{\"a\":" + up + ",\"b\":" + down + "}");
  CHECK(on("a == b") == "bool true");
  std::string deep(1000, '[');
  deep += std::string(1000, ']');
  OnEvent nested("{\"a\":" + deep + ",\"b\":" + deep + "}");
  CHECK(nested("a == b") == "bool true");
}

TEST_CASE("order for those who keep extremes") {
  CHECK(compare(Value::of_int(1), Value::of_double(1.5)) == -1);
  CHECK(compare(Value::of_string("b"), Value::of_string("a")) == 1);
  CHECK(compare(Value::of_text("10"), Value::of_int(9)) == 1);
  CHECK(!compare(Value::of_string("10"), Value::of_int(9)));
  CHECK(!compare(Value::null(), Value::null()));
}

}  // namespace weir::expr
