#include "event/flatten.h"

#include <doctest/doctest.h>

#include <string>

#include "event/json_check.h"

using weir::Flatness;

namespace {

std::string run(weir::Reshape reshape, const std::string& event, const Flatness& flatness) {
  std::string out;
  const weir::Reshaped done = reshape(event, flatness, out, nullptr);
  if (!done.problem.empty()) return done.problem;
  if (!done.changed) return "untouched";
  CHECK(weir::check_json(out) == "");
  return out;
}

std::string flatten(const std::string& event, const Flatness& flatness = {}) {
  return run(weir::flatten, event, flatness);
}

std::string unflatten(const std::string& event, const Flatness& flatness = {}) {
  return run(weir::unflatten, event, flatness);
}

std::string repeat(const char* text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("nested objects and lists become flat keys") {
  CHECK(flatten(R"({"a":{"b":1}})") == R"({"a.b":1})");
  CHECK(flatten(R"({"x": 1.10, "a" : {"b": "q" ,"c":[true, {"d":null}]}, "z":0 })") ==
        R"({"x": 1.10, "a.b":"q","a.c.0":true,"a.c.1.d":null, "z":0 })");
  CHECK(flatten(R"({"a":{},"b":[ ],"c":{"d":{},"e":[]}})") ==
        R"({"a":{},"b":[ ],"c.d":{},"c.e":[]})");
  CHECK(flatten(R"({"a":1,"b":[]})") == "untouched");
  CHECK(flatten("[[1]]") == "untouched");
  CHECK(flatten(R"({"\u0061":{"\ud800":1}})") == R"({"\u0061.\ud800":1})");
}

TEST_CASE("flat keys become nested objects and lists") {
  CHECK(unflatten(R"({"a.b":1})") == R"({"a":{"b":1}})");
  CHECK(unflatten(R"({"x": 1.10, "a.b" : "q" , "y":[1, 2], "a.c.d":null })") ==
        R"({"x": 1.10, "a":{"b":"q","c":{"d":null}}, "y":[1, 2]})");
  CHECK(unflatten(R"({"a.0":1,"a.1":[2]})") == R"({"a":[1,[2]]})");
  CHECK(unflatten(R"({"a.1":1,"a.0":2})") == R"({"a":{"1":1,"0":2}})");
  CHECK(unflatten(R"({"a.0":1,"a.2":2})") == R"({"a":{"0":1,"2":2}})");
  CHECK(unflatten(R"({"a.00":1})") == R"({"a":{"00":1}})");
  CHECK(unflatten(R"({"a..b":1,".":2})") == R"({"a":{"":{"b":1}},"":{"":2}})");
  CHECK(unflatten(R"({"a\u002eb":1})") == R"({"a":{"b":1}})");
  CHECK(unflatten(R"({"a":{"b.c":1}})") == "untouched");
  CHECK(unflatten("[1]") == "untouched");
}

TEST_CASE("the separator and the fields can be told") {
  CHECK(flatten(R"({"a":{"b":1},"c":{"d":2}})", {{"c"}, "__"}) == R"({"a":{"b":1},"c__d":2})");
  CHECK(flatten(R"({"a":{"b":1}})", {{}, "\""}) == R"({"a\"b":1})");
  CHECK(unflatten(R"({"a\"b":1})", {{}, "\""}) == R"({"a":{"b":1}})");
  CHECK(unflatten(R"({"a__b":1,"c__d":2,"a.b":3})", {{"a"}, "__"}) ==
        R"({"a":{"b":1},"c__d":2,"a.b":3})");
}

TEST_CASE("there and back again is the same event") {
  for (const char* event : {
           R"({"a":{"b":1,"c":[1,[2,3],{"d":"x"}]},"e":{},"f":[],"g":{"h":{},"i":[[]]}})",
           R"({"z":1,"a":{"y":1.10,"b":"\u00e4"},"k":null})",
           R"({"":{"":{"":1}}})",
       }) {
    CHECK(unflatten(flatten(event)) == event);
  }
  // Many members at one level, and the numbers of a long list.
  std::string list = "[0";
  for (int i = 1; i < 100; ++i) list += "," + std::to_string(i);
  const std::string event = R"({"a":{"b":)" + list + R"(],"c":)" + list + "]}}";
  CHECK(unflatten(flatten(event)) == event);
}

TEST_CASE("a key that would be there twice is a problem") {
  CHECK(flatten(R"({"a":{"b":1},"a.b":2})") == "flattened, the key 'a.b' would be there twice");
  CHECK(flatten(R"({"a.b":2,"a":{"b":1}})") == "flattened, the key 'a.b' would be there twice");
  CHECK(flatten(R"({"a":{"b":1},"a":{"b":2}})") == "flattened, the key 'a.b' would be there twice");
  CHECK(flatten(R"({"x":1,"x":2,"a":{"b":1}})") == R"({"x":1,"x":2,"a.b":1})");
  const auto clash = [](const std::string& key) {
    return "unflattened, the key '" + key + "' would collide with another one";
  };
  CHECK(unflatten(R"({"a":1,"a.b":2})") == clash("a.b"));
  CHECK(unflatten(R"({"a.b":2,"a":{}})") == clash("a"));
  CHECK(unflatten(R"({"a.b":2,"a.b":3})") == clash("a.b"));
  CHECK(unflatten(R"({"a.b":2,"a.b.c":3})") == clash("a.b.c"));
  CHECK(unflatten(R"({"a.b.c":2,"a.b":3})") == clash("a.b"));
  CHECK(unflatten(R"({"x":1,"x":2,"a.b":1})") == R"({"x":1,"x":2,"a":{"b":1}})");
}

TEST_CASE("hostile keys are rejected, and in no time") {
  // A long key, many times.
  std::string many = R"({")" + std::string(20000, 'k') + R"(":{"x":0)";
  for (int i = 0; i < 2000; ++i) many += ",\"" + std::to_string(i) + "\":0";
  CHECK(flatten(many + "}}") ==
        "flattened, the event would be more than 16 times as long as it was");
  // A key of very many names.
  const std::string key = repeat("a.", 1'000'000);
  CHECK(unflatten("{\"" + key + "\":1}") ==
        "unflattened, the key '" + key.substr(0, 100) + "...' would be nested more than 1024 deep");
  // The deepest that there may be, and one more.
  CHECK(unflatten("{\"" + repeat("a.", 1022) + "a\":[]}").ends_with("[]" + repeat("}", 1023)));
  CHECK(unflatten("{\"" + repeat("a.", 1023) + "a\":[]}").ends_with("nested more than 1024 deep"));
  CHECK(flatten(repeat("{\"a\":", 1023) + "[]" + repeat("}", 1023)) ==
        "{\"" + repeat("a.", 1022) + "a\":[]}");
}
