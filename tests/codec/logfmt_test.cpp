#include "codec/logfmt.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/base64.h"
#include "base/utf8.h"
#include "event/json_value.h"

using namespace weir;

namespace {

/// What was read, as JSON, or why it cannot be read.
std::string read(std::string_view text) {
  Arena arena;
  const Value value = read_logfmt(text, arena);
  std::string json;
  const std::string problem = write_json(value, json);
  return problem.empty() ? json : problem;
}

/// An object as logfmt, or why it has no form.
std::string write(std::string_view json) {
  Arena arena;
  const Value value = decode_container(read_json_value(json, arena), arena);
  REQUIRE(value.kind == Kind::kMap);
  std::string out;
  const std::string problem = write_logfmt(*value.map, out);
  return problem.empty() ? out : problem;
}

/// There and back.
std::string again(std::string_view text) {
  const std::string json = read(text);
  return json.starts_with('{') ? write(json) : json;
}

Value member(const Value& map, std::string_view name) {
  for (uint32_t i = 0; i < map.map->size; ++i) {
    if (map.map->keys[i].text() == name) return map.map->values[i];
  }
  return Value::missing();
}

}  // namespace

TEST_CASE("pairs become fields of text") {
  CHECK(read("level=info dur=1.50 ok=true") == R"({"level":"info","dur":"1.50","ok":"true"})");
  CHECK(read("  a=1\t\x01 b=2 \n") == R"({"a":"1","b":"2"})");
  CHECK(read("").empty() == false);
  CHECK(read("") == "{}");
  CHECK(read("a.b=1 é=ü") == R"({"a.b":"1","é":"ü"})");
  CHECK(read(R"(path=C:\temp\new)") == R"({"path":"C:\\temp\\new"})");
}

TEST_CASE("a key without a value is null, an empty text is not") {
  CHECK(read("a b= c=\"\"") == R"({"a":null,"b":null,"c":""})");
  CHECK(again("a b= c=\"\"") == "a= b= c=\"\"");
}

TEST_CASE("values in quotes") {
  CHECK(read(R"(msg="two words" x="a=b")") == R"({"msg":"two words","x":"a=b"})");
  CHECK(read(R"(m="say \"hi\"\t\u00e9\ud83d\ude00\/")") == R"({"m":"say \"hi\"\té😀/"})");
  CHECK(read("m=\"tab\there\\n\"") == R"({"m":"tab\there\n"})");
  CHECK(read(R"(a="x"b=1)") == R"({"a":"x","b":"1"})");
}

TEST_CASE("of equal keys the first counts") {
  CHECK(read("a=1 b=2 a=3") == R"({"a":"1","b":"2"})");
  std::string many;
  for (int i = 0; i < 40000; ++i) many += "k" + std::to_string(i % 20000) + "=1 ";
  CHECK(write(read(many)) + " " == many.substr(0, many.size() / 2));
}

TEST_CASE("what is no logfmt says where") {
  CHECK(read("a=1 =2") == "byte 5: '=' stands where a key or a blank should");
  CHECK(read("a=b=c") == "byte 4: '=' stands where a key or a blank should");
  CHECK(read("a\"b=c") == "byte 2: a quote stands where a key or a blank should");
  CHECK(read("a=\"b") == "byte 5: the text ends inside quotes");
  CHECK(read("a=\"b\\\"") == "byte 7: the text ends inside quotes");
  CHECK(read("a=\"\\x\"") ==
        "byte 7: the value in quotes that ends here has an escape that JSON does not know");
  CHECK(read("{\"a\":1}") == "byte 2: a quote stands where a key or a blank should");
}

TEST_CASE("the number of keys is bounded") {
  std::string line;
  for (int i = 0; i < 65536; ++i) line += std::to_string(i) + " ";
  CHECK(read(line).starts_with("{"));
  CHECK(read(line + "one_more") ==
        "byte " + std::to_string(line.size() + 9) + ": there are more than 65536 keys");
}

TEST_CASE("fields as pairs") {
  CHECK(write(R"({"a":1.10,"b":"x y","c":null,"d":true,"e":"","f":"q\"","g":"a=b"})") ==
        R"(a=1.10 b="x y" c= d=true e="" f="q\"" g="a=b")");
  CHECK(write(R"({"a":{"b": 1},"c":[1, 2]})") == R"(a="{\"b\": 1}" c="[1, 2]")");
  CHECK(write(R"({"a":"line\nend\u0001","b":"back\\slash"})") ==
        R"(a="line\nend\u0001" b=back\slash)");
  CHECK(write("{}").empty());
  CHECK(write(R"({"a b":1})") ==
        "'a b' cannot be a key of logfmt: it is empty, or has a blank, '=' or a quote in it");
  CHECK(write(R"({"":1})").starts_with("'' cannot be a key"));

  const Value keys[] = {Value::of_string("n"), Value::of_string("b")};
  const Value values[] = {Value::of_double(0.0 / 0.0), Value::of_bytes("hi")};
  const MapValue map = {keys, values, 2};
  std::string out;
  CHECK(write_logfmt(map, out) == "field 'n' cannot be written: JSON has no NaN");
  const MapValue bytes = {keys + 1, values + 1, 1};
  out.clear();
  CHECK(write_logfmt(bytes, out).empty());
  CHECK(out == "b=\"aGk=\"");
}

TEST_CASE("the cases of go-logfmt") {
  std::ifstream file(WEIR_SHARED "/data/logfmt/cases.jsonl");
  for (std::string line; std::getline(file, line);) {
    CAPTURE(line);
    Arena arena;
    const Value test = decode_container(read_json_value(line, arena), arena);
    const std::string text = decode_base64(member(test, "bytes_base64").text()).value();
    const Value error = decode_container(member(test, "error"), arena);
    const Value reencoded = member(test, "reencoded_base64");
    std::string records;
    std::string written;
    int64_t number = 0;
    std::string problem;
    for (size_t at = 0; at < text.size() && problem.empty();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view record = std::string_view(text).substr(at, end - at);
      at = end + 1;
      ++number;
      // What is no UTF-8 never comes as far as the codec.
      problem = is_utf8(record) ? again(record) : "byte 2: ";
      if (!problem.starts_with("byte ")) {
        written += std::exchange(problem, {}) + "\n";
        // [["a","1"],["b",null]] from {"a":"1","b":null}
        const Value map = read_logfmt(record, arena);
        records += records.empty() ? "[" : ", [";
        for (uint32_t i = 0; i < map.map->size; ++i) {
          records += i > 0 ? ", [" : "[";
          write_json_string(map.map->keys[i].text(), records);
          records += ", ";
          write_json(map.map->values[i], records);
          records += "]";
        }
        records += "]";
      }
    }
    if (error.kind == Kind::kMap) {
      CHECK(number == member(error, "line").integer);
      CHECK(problem.starts_with("byte " + std::to_string(member(error, "pos").integer) + ": "));
    } else if (reencoded.kind == Kind::kString) {
      CHECK(written == decode_base64(reencoded.text()).value());
    } else {
      std::string expected;
      write_json(member(test, "records"), expected);
      const size_t escape = expected.find("\\u0192");
      if (escape != std::string::npos) expected.replace(escape, 6, "ƒ");
      CHECK("[" + records + "]" == expected);
    }
  }
}
