#include "event/key.h"

#include <doctest/doctest.h>

#include <string>

#include "event/json_value.h"
#include "event/keep.h"

using weir::Arena;
using weir::Value;

namespace {

std::string key_of(std::string_view json) {
  Arena arena;
  std::string key;
  CHECK(weir::append_key(weir::read_json_value(json, arena), key) == "");
  return key;
}

}  // namespace

TEST_CASE("equal values have equal keys") {
  CHECK(key_of("1") == key_of("1.0"));
  CHECK(key_of("1") == key_of("1e0"));
  CHECK(key_of("-0.0") == key_of("0"));
  CHECK(key_of("18446744073709551615") != key_of("18446744073709551614"));
  CHECK(key_of("9223372036854775808") == key_of("9223372036854775808.0"));
  CHECK(key_of("\"a\"") == key_of("\"\\u0061\""));
  CHECK(key_of("{\"a\":1,\"b\":[2]}") == key_of("{ \"b\" : [2.0], \"a\" : 1 }"));
}

TEST_CASE("different values have different keys") {
  CHECK(key_of("1") != key_of("\"1\""));
  CHECK(key_of("true") != key_of("\"true\""));
  CHECK(key_of("[1,[2]]") != key_of("[1,2]"));
  CHECK(key_of("[]") != key_of("{}"));
  CHECK(key_of("0.1") != key_of("0.2"));
  std::string a;
  std::string b;
  weir::append_key(Value::of_string("a"), a);
  weir::append_key(Value::of_string("bc"), a);
  weir::append_key(Value::of_string("ab"), b);
  weir::append_key(Value::of_string("c"), b);
  CHECK(a != b);
}

TEST_CASE("a value that its key tells is written as it was") {
  std::string key;
  std::string written;
  std::string again;
  const char* const told[] = {"null", "true",  "false", "0",  "-1",   "9223372036854775807",
                              "\"\"", "\"a\"", "\"ü\"", "12", "\"1\""};
  for (const char* json : told) {
    Arena arena;
    const Value value = weir::read_json_value(json, arena);
    CAPTURE(json);
    CHECK(weir::is_told_by_key(value));
    weir::append_key(value, key);
    written += json;
  }
  for (std::string_view rest = key; !rest.empty();) {
    CHECK(weir::write_json(weir::take_from_key(rest), again) == "");
  }
  CHECK(again == written);
}

TEST_CASE("a key does not tell how a value is written, nor all types") {
  for (const char* json : {"1.0", "1e2", "0.5", "-0", "18446744073709551615", "\"\\u0061\"",
                           "\"a\\/b\"", "[1]", "{}", "\"\\ud800\""}) {
    Arena arena;
    CAPTURE(json);
    CHECK_FALSE(weir::is_told_by_key(weir::read_json_value(json, arena)));
  }
  CHECK_FALSE(weir::is_told_by_key(Value::of_text("a")));
  CHECK_FALSE(weir::is_told_by_key(Value::of_uint(1)));
  CHECK_FALSE(weir::is_told_by_key(Value::of_double(1)));
  CHECK_FALSE(weir::is_told_by_key(Value::of_bytes("a")));
  CHECK_FALSE(weir::is_told_by_key(Value::of_timestamp(1, 0)));
  CHECK(weir::is_told_by_key(Value::of_string("a\nb")));
  CHECK(weir::is_told_by_key(Value::missing()));
}

TEST_CASE("of doubled names in an object the first counts, at any depth") {
  CHECK(key_of("{\"a\":1,\"a\":2}") == key_of("{\"a\":1}"));
  CHECK(key_of("[{\"b\":{\"a\":[],\"\\u0061\":2}}]") == key_of("[ { \"b\" : { \"a\" : [ ] } } ]"));
  CHECK(key_of("{\"a\":{},\"b\":[]}") != key_of("{\"a\":[],\"b\":{}}"));
}

TEST_CASE("a list or object that is broken inside says so") {
  for (const char* json :
       {"[1,]", "[,1]", "[1 2]", "[{\"a\"}]", "{\"a\":[tru]}", "{\"a\":1,}", "{1:2}", "[\"a]"}) {
    Arena arena;
    std::string key;
    CAPTURE(json);
    CHECK(weir::append_key(weir::read_json_value(json, arena), key) != "");
  }
}

TEST_CASE("a key nested deep is read in one pass") {
  // At a pass a level this would be 8 GB to look at: minutes, and the time limit of tests tells.
  constexpr int kDepth = 1000;
  std::string json;
  for (int i = 0; i < kDepth; ++i) json += "{\"k\":";
  json += '"' + std::string(8'000'000, 'x') + '"';
  json.append(kDepth, '}');
  CHECK(key_of(json).size() > 8'000'000);
}

TEST_CASE("kept values outlive what they were read from") {
  weir::KeptValue kept;
  CHECK(kept.get().is_missing());
  for (const char* json : {"1.10", "\"x\\u00e9\"", "\"\\ud800\"", "[1, 2]", "{\"a\":null}", "null",
                           "true", "12345678901234567890", "\"\""}) {
    {
      const std::string text = json;
      Arena arena;
      kept.keep(weir::read_json_value(text, arena));
    }
    std::string again;
    CHECK(weir::write_json(kept.get(), again) == "");
    CHECK(again == json);
    const weir::KeptValue moved = std::move(kept);
    again.clear();
    CHECK(weir::write_json(moved.get(), again) == "");
    CHECK(again == json);
    kept = weir::KeptValue();
  }
}

TEST_CASE("the bytes of a key never change: bots go on where earlier versions stood") {
  using std::string_literals::operator""s;
  CHECK(key_of("null") == "n");
  CHECK(key_of("true") == "t");
  CHECK(key_of("false") == "f");
  CHECK(key_of("258") == "i\x02\x01\0\0\0\0\0\0"s);
  CHECK(key_of("-1") == "i\xff\xff\xff\xff\xff\xff\xff\xff"s);
  CHECK(key_of("18446744073709551615") == "u\xff\xff\xff\xff\xff\xff\xff\xff"s);
  CHECK(key_of("0.5") == "d\0\0\0\0\0\0\xe0\x3f"s);
  CHECK(key_of("1e400") == "d\0\0\0\0\0\0\xf0\x7f"s);
  CHECK(key_of("\"u1\"") == "s\x02\0\0\0u1"s);
  CHECK(key_of("[1,null]") == "l\x02\0\0\0i\x01\0\0\0\0\0\0\0n"s);
  CHECK(key_of("{\"b\":true,\"a\":null}") == "m\x02\0\0\0s\x01\0\0\0ans\x01\0\0\0bt"s);
}
