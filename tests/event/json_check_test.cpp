#include "event/json_check.h"

#include <doctest/doctest.h>

#include <string>

using weir::check_json;

namespace {

bool is_valid(std::string_view text) { return check_json(text).empty(); }

}  // namespace

TEST_CASE("values of every kind are accepted") {
  for (const char* text : {"null",
                           "true",
                           "false",
                           "0",
                           "-0",
                           "1.10",
                           "1e400",
                           "-1E+2",
                           "12345678901234567890123",
                           "\"\"",
                           "\"a\\u00e9\\n\\/\"",
                           "\"\\ud800\"",
                           "[]",
                           "{}",
                           "[1,2]",
                           " { \"a\" : [ 1 , { } ] } ",
                           "{\"a\":1,\"a\":2}",
                           "{\"a\":1}\r",
                           "\"\xc3\xa9\xf0\x9f\x98\x80\"",
                           "\"\x7f\""}) {
    CAPTURE(text);
    CHECK(check_json(text) == "");
  }
}

TEST_CASE("what is wrong is named with its byte") {
  CHECK(check_json("") == "byte 1: the event ends too early");
  CHECK(check_json("{\"a\":1") == "byte 7: the event ends too early");
  CHECK(check_json("{\"a\" 1}") == "byte 6: expected ':' after a key");
  CHECK(check_json("{\"a\":1,}") == "byte 8: expected a key in quotes");
  CHECK(check_json("{a:1}") == "byte 2: expected a key in quotes");
  CHECK(check_json("[1 2]") == "byte 4: expected ',' or ']' in a list");
  CHECK(check_json("{\"a\":1]") == "byte 7: expected ',' or '}' in an object");
  CHECK(check_json("{\"a\":1}{\"a\":2}") == "byte 8: something follows the value");
  CHECK(check_json("nan") == "byte 1: expected a value");
  CHECK(check_json("[01]") == "byte 3: a number starts with a superfluous 0");
  CHECK(check_json("[1.]") == "byte 4: expected a digit after the decimal point");
  CHECK(check_json("[1e]") == "byte 4: expected a digit in the exponent");
  CHECK(check_json("[-]") == "byte 3: expected a digit");
  CHECK(check_json("\"a\\q\"") == "byte 4: no such escape in a string");
  CHECK(check_json("\"\\u12g4\"") == "byte 6: expected four hex digits after \\u");
  CHECK(check_json("\"a\tb\"") == "byte 3: a control character in a string");
  CHECK(check_json("\"a\xff\"") == "byte 3: not well-formed UTF-8");
  CHECK(check_json("\"a") == "byte 3: the event ends too early");
}

TEST_CASE("a NUL byte is wrong wherever it stands") {
  CHECK_FALSE(is_valid(std::string_view("\"a\0b\"", 5)));
  CHECK_FALSE(is_valid(std::string_view("{\"a\":1\0}", 8)));
  CHECK_FALSE(is_valid(std::string_view("1\0", 2)));
}

TEST_CASE("ill-formed UTF-8 is found at every distance from the ends of registers") {
  for (size_t before = 0; before < 40; ++before) {
    for (const char* bad : {"\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "\x80"}) {
      const std::string text = "\"" + std::string(before, 'x') + bad + "\"";
      CAPTURE(before);
      CHECK_FALSE(is_valid(text));
    }
    CHECK(is_valid("\"" + std::string(before, 'x') + "\xe2\x82\xac\""));
    CHECK_FALSE(is_valid("\"" + std::string(before, 'x') + "\n\""));
  }
}

TEST_CASE("nesting ends at kMaxDepth") {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '[') +
           std::string(static_cast<size_t>(depth), ']');
  };
  CHECK(is_valid(nested(weir::kMaxDepth)));
  CHECK(check_json(nested(weir::kMaxDepth + 1)) == "byte 1025: nested more than 1024 deep");
  CHECK_FALSE(is_valid(std::string(100'000, '[')));
  CHECK_FALSE(is_valid("{\"a\":" + nested(100'000) + "}"));
}
