#include "event/edit.h"

#include <doctest/doctest.h>

#include <string>

#include "event/append.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "event/record.h"

using weir::Arena;
using weir::Batch;
using weir::Path;
using weir::PathTable;
using weir::Schema;
using weir::Value;

namespace {

/// The event after the field was set, or why it cannot be.
std::string set(const char* event, const Path& target, const char* json) {
  std::string out;
  const std::string problem = weir::set_field(event, target, json, out);
  if (!problem.empty()) return problem;
  CHECK(weir::check_json(out) == "");
  return out;
}

std::string set(const char* event, const char* target, const char* json) {
  return set(event, Path::dotted(target), json);
}

std::string write(const Value& value) {
  std::string json;
  CHECK(weir::write_json(value, json) == "");
  return json;
}

}  // namespace

TEST_CASE("a field is replaced and everything else keeps its bytes") {
  CHECK(set(R"({"a":1})", "a", "2") == R"({"a":2})");
  CHECK(set(R"( {"x" : 1.10, "a" :  [1] , "y":1e400 } )", "a", "2") ==
        R"( {"x" : 1.10, "a" :  2 , "y":1e400 } )");
  CHECK(set("{\"a\":1}\r", "a", "\"é\"") == "{\"a\":\"é\"}\r");
  CHECK(set(R"({"a":"x\"}"})", "a", "2") == R"({"a":2})");
  CHECK(set(R"({"\u0061":1})", "a", "2") == R"({"\u0061":2})");
}

TEST_CASE("a new field stands at the end") {
  CHECK(set("{}", "a", "1") == R"({"a":1})");
  CHECK(set("{ }", "a", "1") == R"({"a":1})");
  CHECK(set(R"({"x":1})", "a", "1") == R"({"x":1,"a":1})");
  CHECK(set(R"({"x":1})", "q\"", "1") == R"({"x":1,"q\"":1})");
}

TEST_CASE("a new path is made nested, in the object that is there") {
  CHECK(set(R"({"x":1})", "a.b.c", "1") == R"({"x":1,"a":{"b":{"c":1}}})");
  CHECK(set(R"({"a":{"x":1}})", "a.b.c", "1") == R"({"a":{"x":1,"b":{"c":1}}})");
  CHECK(set(R"({"a":{},"z":0})", "a.b", "1") == R"({"a":{"b":1},"z":0})");
  CHECK(set(R"({"a.b":{"x":1}})", "a.b.c", "1") == R"({"a.b":{"x":1,"c":1}})");
  CHECK(set(R"({"x":1})", Path::single("a.b"), "1") == R"({"x":1,"a.b":1})");
}

TEST_CASE("something in the way that is no object is left alone") {
  CHECK(set(R"({"a":5})", "a.b", "1") == "cannot set 'a.b': 'a' is there and is no object");
  CHECK(set(R"({"a":[{}]})", "a.b", "1") == "cannot set 'a.b': 'a' is there and is no object");
  CHECK(set(R"({"a":null})", "a.b", "1") == "cannot set 'a.b': 'a' is there and is no object");
  CHECK(set("[1]", "a", "1") == "the event is no object, so it has no fields to set");
}

TEST_CASE("the first of doubled fields is replaced and the others go") {
  CHECK(set(R"({"a":1,"a":2})", "a", "3") == R"({"a":3})");
  CHECK(set(R"({"a":1,"x":0,"a":2})", "a", "3") == R"({"a":3,"x":0})");
  CHECK(set(R"({"a":{"b":1},"a":{"b":2,"c":3}})", "a.b", "9") == R"({"a":{"b":9},"a":{"c":3}})");
  CHECK(set(R"({"a.b":1,"a":{"b":2}})", "a.b", "9") == R"({"a.b":9,"a":{}})");
  CHECK(set(R"({"a":{"x":1},"a.b":5})", "a.b", "9") == R"({"a":{"x":1},"a.b":9})");
  CHECK(set(R"({"a":{"x":1},"a":{"b":2}})", "a.b", "9") == R"({"a":{"x":1,"b":9},"a":{}})");
  CHECK(set(R"({"a":1,"\u0061":2})", "a", "3") == R"({"a":3})");
}

TEST_CASE("a writer keeps the columns true") {
  PathTable paths;
  const auto a = static_cast<size_t>(paths.slot(Path::dotted("a")));
  const auto ab = static_cast<size_t>(paths.slot(Path::dotted("a.b")));
  const auto c = static_cast<size_t>(paths.slot(Path::dotted("c")));
  const std::string event = R"({"a":{"b":1},"c":2})";
  Batch batch;
  batch.add_text(event, 0);
  const int slots[] = {0, 1, 2};
  weir::ColumnFiller(paths, slots).fill(batch, 0);

  CHECK(weir::FieldWriter(Path::dotted("a.b"), paths).write(batch, 0, Value::of_int(7)) == "");
  CHECK(batch.rows[0].json() == R"({"a":{"b":7},"c":2})");
  CHECK(write(batch.columns[ab][0]) == "7");
  CHECK(write(batch.columns[a][0]) == R"({"b":7})");

  CHECK(weir::FieldWriter(Path::dotted("a"), paths).write(batch, 0, Value::null()) == "");
  CHECK(batch.columns[ab][0].is_missing());
  CHECK(write(batch.columns[c][0]) == "2");
}

TEST_CASE("fields of records are set in their cells") {
  PathTable paths;
  const auto schema = std::make_shared<Schema>(Schema{{"id", "geo.city", "n"}});
  const Value cells[] = {Value::of_text("7"), Value::of_text("Ulm"), Value::of_text("1")};
  Batch batch;
  batch.add_record(schema.get(), cells, "7,Ulm,1", 0);
  const auto whole = [&] { return write(weir::read_record(batch.rows[0], Path{}, batch.arena)); };
  const auto put = [&](const char* path, const Value& value) {
    return weir::FieldWriter(Path::dotted(path), paths).write(batch, 0, value);
  };
  CHECK(put("n", Value::of_int(2)) == "");
  CHECK(whole() == R"({"id":"7","geo.city":"Ulm","n":2})");
  CHECK(put("geo.city", Value::of_string("Bonn")) == "");
  CHECK(whole() == R"({"id":"7","geo.city":"Bonn","n":2})");
  CHECK(put("new", Value::of(true)) == "");
  CHECK(put("p.q", Value::of_int(1)) == "");
  CHECK(put("p.r", Value::of_int(2)) == "");
  CHECK(whole() == R"({"id":"7","geo.city":"Bonn","n":2,"new":true,"p":{"q":1,"r":2}})");
  CHECK(put("id.x", Value::of_int(1)) == "cannot set 'id.x': 'id' is there and is no object");
}

TEST_CASE("appended fields give way to what the event has") {
  PathTable paths;
  const auto team = static_cast<size_t>(paths.slot(Path::dotted("team")));
  const std::string event = R"({"service":"a","tier":null } )";
  Batch batch;
  batch.add_text(event, 0);
  const int slots[] = {0};
  weir::ColumnFiller(paths, slots).fill(batch, 0);
  const weir::FieldAppender appender({"team", "tier", "gap"}, paths);
  const Value values[] = {Value::of_text("core"), Value::of_text("1"), Value::missing()};
  CHECK(appender.append(batch, 0, values) == "");
  CHECK(batch.rows[0].json() == R"({"service":"a","tier":null ,"team":"core"} )");
  CHECK(batch.columns[team][0].text() == "core");
}
