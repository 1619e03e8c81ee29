#include "event/json_value.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace weir {

namespace {

/// Reads the text and writes it again.
std::string again(std::string_view json) {
  Arena arena;
  std::string out;
  const std::string problem = write_json(read_json_value(json, arena), out);
  return problem.empty() ? out : problem;
}

std::string written(const Value& value) {
  std::string out;
  const std::string problem = write_json(value, out);
  return problem.empty() ? out : "no: " + problem;
}

}  // namespace

TEST_CASE("what was read is written as it was spelled") {
  for (const std::string_view json :
       {"1.10", "12345678901234567890", "123456789012345678901234567890", "1e400", "-0", "1E+2",
        "null", "true", "false", R"("\ud800")", R"("\u0041\/")", R"("é")", "[1 , 2]",
        R"({"a":1, "a":2})", "\"\""}) {
    CHECK(again(json) == json);
  }
}

TEST_CASE("numbers") {
  Arena arena;
  const auto read = [&](std::string_view json) { return read_json_value(json, arena); };
  CHECK(read("9223372036854775807").kind == Kind::kInt);
  CHECK(read("-9223372036854775808").integer == INT64_MIN);
  CHECK(read("9223372036854775808").unsigned_integer == uint64_t{1} << 63);
  CHECK(read("-9223372036854775809").kind == Kind::kDouble);
  CHECK(read("18446744073709551616").real == 0x1p64);
  CHECK(read("-0").kind == Kind::kInt);
  CHECK(read("1.0").kind == Kind::kDouble);
  CHECK(read("1e400").real == HUGE_VAL);
  CHECK(read("-1e400").real == -HUGE_VAL);
  CHECK(read("1e-400").real == 0.0);
  CHECK(read("1e99999999999999999999").real == HUGE_VAL);
  CHECK(read("1e-99999999999999999999").real == 0.0);
  CHECK(read("0." + std::string(400, '0') + "1").real == 0.0);
  CHECK(read("1" + std::string(400, '0') + "e-400").real == 1.0);
  CHECK(read("0e999999").real == 0.0);
  for (const std::string_view wrong :
       {"01", "+1", "1.", ".5", "1e",  "1e+",   "-",  "nan", "Infinity", "0x1",
        "1 ", " 1", "1,", "",   "tru", "nulll", "\"", "\"a", "{",        "[}"}) {
    CHECK(read(wrong).kind == Kind::kError);
  }
}

TEST_CASE("strings are decoded") {
  Arena arena;
  const auto read = [&](std::string_view json) { return read_json_value(json, arena); };
  CHECK(read(R"("a\n\"\\\/\u00e9\ud83d\ude00")").text() == "a\n\"\\/é😀");
  CHECK(read(R"("\ud800x")").text() == "\xef\xbf\xbdx");
  CHECK(read(R"("\ude00\ud83d")").text() == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(read(R"("\ud800\u0041")").text() ==
        "\xef\xbf\xbd"
        "A");
  for (const std::string_view wrong :
       {R"("\x")", R"("\u12")", R"("\u12g4")", "\"\x01\"", R"("a"b")", R"("a\")", "\"\n\""}) {
    CHECK(read(wrong).kind == Kind::kError);
  }
}

TEST_CASE("what cannot be read says why") {
  Arena arena;
  const auto why = [&](std::string_view json) {
    const Value value = decode_container(read_json_value(json, arena), arena);
    return value.is_error() ? value.text() : std::string_view();
  };
  CHECK(why("tru") == "no JSON value");
  CHECK(why("\"a") == "a string without an end");
  CHECK(why("\"a\"b\"") == "a string with a quote or control character in it");
  CHECK(why(R"("\x")") == "a string with a broken escape");
  CHECK(why("[1,]") == "a list that is no JSON");
  CHECK(why("{\"a\"}") == "an object that is no JSON");
  // Only the length is looked at: there are no such bytes.
  CHECK(why({"", size_t{UINT32_MAX} + 1}) == "a value of more than 4 GiB");
}

TEST_CASE("lists and maps open one level, and of equal keys the first counts") {
  Arena arena;
  const std::string_view with_space = R"({"a": [1,2] , "b":{}, "a":3, "\u0062":4} )";
  const Value map = decode_container(read_json_value(with_space, arena), arena);
  CHECK(map.kind == Kind::kError);
  const std::string_view text = R"({"a": [1,2] , "b":{}, "a":3, "\u0062":4})";
  const Value opened = decode_container(read_json_value(text, arena), arena);
  REQUIRE(opened.kind == Kind::kMap);
  REQUIRE(opened.map->size == 2);
  CHECK(opened.map->keys[1].text() == "b");
  CHECK(opened.map->values[0].is_raw());
  CHECK(written(opened) == text);
  const Value list = decode_container(opened.map->values[0], arena);
  CHECK(list.list->size == 2);
  CHECK(list.list->items[1].integer == 2);
  CHECK(decode_container(read_json_value("[ ]", arena), arena).list->size == 0);
}

TEST_CASE("lists and maps of any size open with all their members") {
  for (const int size : {0, 1, 15, 16, 17, 18, 100, 1000}) {
    CAPTURE(size);
    std::string list;
    std::string map;
    for (int i = 0; i < size; ++i) {
      const std::string number = std::to_string(i);
      list += (i == 0 ? "" : " , ") + std::string("[") + number + ",0]";
      // Each key twice, and the second time with something else behind it.
      map += (i == 0 ? "" : ",") + std::string("\"k") + number + "\" : " + number + ", \"k" +
             std::to_string(i / 2) + "\":[{}]";
    }
    list = "[" + list + "]";
    map = "{" + map + "}";
    Arena arena;
    const Value items = decode_container(read_json_value(list, arena), arena);
    REQUIRE(items.kind == Kind::kList);
    REQUIRE(items.list->size == static_cast<uint32_t>(size));
    const Value members = decode_container(read_json_value(map, arena), arena);
    REQUIRE(members.kind == Kind::kMap);
    REQUIRE(members.map->size == static_cast<uint32_t>(size));
    for (uint32_t i = 0; i < items.list->size; ++i) {
      CHECK(items.list->items[i].text() == "[" + std::to_string(i) + ",0]");
      CHECK(members.map->keys[i].text() == "k" + std::to_string(i));
      CHECK(members.map->values[i].integer == i);
    }
  }
}

TEST_CASE("a map with many keys opens in reasonable time") {
  std::string json = "{";
  for (int i = 0; i < 200000; ++i) json += "\"" + std::to_string(i % 150000) + "\":1,";
  json.back() = '}';
  Arena arena;
  CHECK(decode_container(read_json_value(json, arena), arena).map->size == 150000);
}

TEST_CASE("what was made is written plainly") {
  CHECK(written(Value::of_double(1)) == "1.0");
  CHECK(written(Value::of_double(-0.0)) == "-0.0");
  CHECK(written(Value::of_double(0.1)) == "0.1");
  CHECK(written(Value::of_double(100000)) == "100000.0");
  CHECK(written(Value::of_double(1e20)) == "100000000000000000000.0");
  CHECK(written(Value::of_double(1e21)) == "1e+21");
  CHECK(written(Value::of_double(0.00001)) == "0.00001");
  CHECK(written(Value::of_double(5e-324)) == "5e-324");
  CHECK(written(Value::of_double(1.7976931348623157e308)) == "1.7976931348623157e+308");
  CHECK(written(Value::of_double(NAN)) == "no: JSON has no NaN");
  CHECK(written(Value::of_double(-HUGE_VAL)) == "no: JSON has no infinity");
  CHECK(written(Value::of_bytes("\xff")) == "\"/w==\"");
  CHECK(written(Value::of_string("a\"\\\n\x01é")) == R"("a\"\\\n\u0001é")");
  CHECK(written(Value::of_text("00704")) == "\"00704\"");
  CHECK(written(Value::error("why")) == "no: why");
}

TEST_CASE("keys of several types may clash") {
  const Value keys[] = {Value::of_int(1), Value::of(true), Value::of_string("1")};
  const Value values[] = {Value::null(), Value::null(), Value::null()};
  const MapValue two = {keys, values, 2};
  CHECK(written(Value::of_map(&two)) == R"({"1":null,"true":null})");
  const MapValue three = {keys, values, 3};
  CHECK(written(Value::of_map(&three)) == "no: two keys of a map are both written \"1\"");
}

TEST_CASE("what has no JSON form says why") {
  const Value key = Value::of_double(1);
  const Value null = Value::null();
  const MapValue map = {&key, &null, 1};
  CHECK(written(Value::of_map(&map)) == "no: a map with such a key has no JSON form");
  CHECK(written(Value::missing()) == "no: a field is missing");
  CHECK(written(Value::of_list(nullptr)) == "no: a list or object without content");

  std::vector<ListValue> lists(1100);
  std::vector<Value> items(lists.size(), null);
  for (size_t i = 1; i < lists.size(); ++i) {
    lists[i - 1] = {&items[i - 1], 1};
    items[i] = Value::of_list(&lists[i - 1]);
  }
  CHECK(written(items.back()) == "no: lists and maps are nested more than 1024 deep");
  CHECK(written(items[1000]) == std::string(1000, '[') + "null" + std::string(1000, ']'));
}

TEST_CASE("numbers in text fields") {
  CHECK(read_number(" +5 ").integer == 5);
  CHECK(read_number(" +5 ").text() == "5");
  CHECK(read_number("-1.50").real == -1.5);
  CHECK(read_number("007").integer == 7);
  CHECK(read_number(".5").real == 0.5);
  CHECK(read_number("18446744073709551615").kind == Kind::kUint);
  for (const std::string_view wrong : {"", " ", "+", "+-5", "--5", "5 5", "1_000", "0x10", "abc"}) {
    CHECK(read_number(wrong).text() == "not a number");
  }
}

}  // namespace weir
