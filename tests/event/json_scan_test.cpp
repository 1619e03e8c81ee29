#include "event/json_scan.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "event/json_value.h"

using weir::Arena;
using weir::Path;
using weir::PathScanner;
using weir::Value;

namespace {

/// What the scan finds for the paths, as JSON texts between spaces ("-" where nothing is), or
/// "broken: why".
std::string scan(const std::vector<Path>& paths, std::string_view event) {
  const PathScanner scanner(paths);
  std::vector<Value> values(paths.size());
  Arena arena;
  const std::string broken = scanner.scan(event, values, arena);
  if (!broken.empty()) return "broken: " + broken;
  std::string found;
  for (const Value& value : values) {
    if (!found.empty()) found += ' ';
    if (value.is_missing()) {
      found += '-';
    } else {
      CHECK(write_json(value, found) == "");
    }
  }
  return found;
}

std::string scan(const char* path, std::string_view event) {
  return scan(std::vector<Path>{Path::dotted(path)}, event);
}

}  // namespace

TEST_CASE("values are found and keep their spelling") {
  CHECK(scan("a", R"({"a":1})") == "1");
  CHECK(scan("a", R"( { "b" : "a" , "a" : 1.10 } )") == "1.10");
  CHECK(scan("a", R"({"x":{"a":2},"l":["a",{"a":3}],"a":null})") == "null");
  CHECK(scan("a", R"({"s":"\"a\":5","a":"x\/\u0041"})") == R"("x\/\u0041")");
  CHECK(scan("a", R"({"a":[1, 2]})") == "[1, 2]");
  CHECK(scan("a", R"({"b":1})") == "-");
  CHECK(scan("a", "{}") == "-");
  CHECK(scan("a", "{\"a\":1}\r") == "1");
}

TEST_CASE("paths go into objects, and only the first of equal keys counts") {
  CHECK(scan("a.b", R"({"a":{"x":0,"b":1}})") == "1");
  CHECK(scan("a.b", R"({"a":{"b":1},"a":{"b":2}})") == "1");
  CHECK(scan("a.b", R"({"a":{"x":1},"a":{"b":2}})") == "-");
  CHECK(scan("a.b", R"({"a":[{"b":1}]})") == "-");
  CHECK(scan("a.b", R"({"a":5})") == "-");
  CHECK(scan("a", R"({"a":1,"a":2})") == "1");
  CHECK(scan("a.b.c", R"({"a":{"b":{"c":7}}})") == "7");
}

TEST_CASE("of the spellings of a path the first in the text counts") {
  CHECK(scan("a.b", R"({"a.b":1})") == "1");
  CHECK(scan("a.b", R"({"a.b":1,"a":{"b":2}})") == "1");
  CHECK(scan("a.b", R"({"a":{"b":2},"a.b":1})") == "2");
  CHECK(scan("a.b", R"({"a":{"x":2},"a.b":1})") == "1");
  CHECK(scan("a.b.c", R"({"a":{"b.c":3}})") == "3");
  CHECK(scan("a.b.c", R"({"a.b":{"c":4}})") == "4");
  CHECK(scan("id.orig_h", R"({"id.orig_h":"10.0.0.1","id.orig_p":53})") == R"("10.0.0.1")");
}

TEST_CASE("a single name with a dot has one spelling") {
  CHECK(scan({Path::single("a.b")}, R"({"a":{"b":2},"a.b":1})") == "1");
  CHECK(scan({Path::single("a.b")}, R"({"a":{"b":2}})") == "-");
}

TEST_CASE("several paths are read in one pass") {
  const std::vector<Path> paths = {Path::dotted("a"), Path::dotted("a.b"), Path::dotted("c")};
  CHECK(scan(paths, R"({"c":3,"a":{"b":2,"z":[]}})") == R"({"b":2,"z":[]} 2 3)");
  CHECK(scan(paths, R"({"a":1})") == "1 - -");
}

TEST_CASE("keys are compared decoded") {
  CHECK(scan("a", R"({"\u0061":7})") == "7");
  CHECK(scan("a\"b", R"({"a\"b":7})") == "7");
  CHECK(scan("a", R"({"\q":1,"a":7})") == "7");
}

TEST_CASE("what stands beside the way is not checked") {
  CHECK(scan("a", R"({"x":nan,"a":1})") == "1");
  CHECK(scan("a", R"({"a":1,"x":)") == "1");
  CHECK(scan("a", "{\"x\":\"\xff\",\"a\":1") == "1");
  CHECK(scan("a", R"({"a":1}{"a":2})") == "1");
  CHECK(scan("a", R"({"x":[1}},"a":1})") == "-");
  CHECK(scan("a", "{\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') +
                      ",\"a\":1}") == "1");
}

TEST_CASE("a line that ends before its answer is broken") {
  CHECK(scan("a", R"({"b":1)") == "broken: the event ends inside an object");
  CHECK(scan("a", R"({"b":"x)") == "broken: the event ends inside a string");
  CHECK(scan("a", R"({"b":"x\)") == "broken: the event ends inside a string");
  CHECK(scan("a", R"({"a":{"b":1)") == "broken: the event ends inside a value");
  CHECK(scan("a", R"({"a":)") == "broken: the value of 'a' is no JSON value");
  CHECK(scan("a", R"({"a":nan})") == "broken: the value of 'a' is no JSON value");
  CHECK(scan("a", R"({"a":"\q"})") == "broken: the value of 'a' is no JSON value");
  CHECK(scan("a", R"({"a":01})") == "broken: the value of 'a' is no JSON value");
}

TEST_CASE("events that are no objects have no fields, and are read whole") {
  CHECK(scan("a", "[1,2]") == "-");
  CHECK(scan("a", "\"a\"") == "-");
  CHECK(scan("a", "17") == "-");
  CHECK(scan("a", "nan") == "broken: byte 1: expected a value");
  CHECK(scan("a", "[1,2") == "broken: byte 5: the event ends too early");
}

TEST_CASE("the end of text is never passed") {
  const std::string event = R"({"a":{"b":"x\"y","c":[1,{"d":2}]},"e":null})";
  for (size_t size = 0; size <= event.size(); ++size) {
    // A heap block of the exact size lets the address sanitizer see a step too far.
    const std::vector<char> exact(event.begin(), event.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string_view text(exact.data(), exact.size());
    scan("a.c", text);
    scan("e", text);
    scan("z", text);
  }
}
