#include "event/select.h"

#include <doctest/doctest.h>

#include <string>

#include "event/json_check.h"
#include "event/json_value.h"
#include "event/record.h"

using weir::Batch;
using weir::Path;
using weir::PathTable;
using weir::Value;

namespace {

std::vector<Path> paths_of(const std::vector<const char*>& fields) {
  std::vector<Path> paths;
  for (const char* field : fields) paths.push_back(Path::dotted(field));
  return paths;
}

/// The event with the fields alone, or why it cannot be done.
std::string select(const char* event, const std::vector<const char*>& fields) {
  std::string out;
  std::vector<bool> met(fields.size());
  const std::vector<Path> paths = paths_of(fields);
  const std::string problem = weir::select_fields(event, paths, weir::PathScanner(paths), met, out);
  if (!problem.empty()) return problem;
  CHECK(weir::check_json(out) == "");
  return out;
}

}  // namespace

TEST_CASE("selected fields stand in the order that was asked for, to the byte") {
  CHECK(select(R"({"a": 1.10, "b" : [1, 2],"c":"\u0041"})", {"c", "a"}) ==
        R"({"c":"\u0041","a":1.10})");
  CHECK(select(R"({"\u0061":1})", {"a"}) == R"({"\u0061":1})");
  CHECK(select(R"({"a":1})", {"b"}) == "{}");
  CHECK(select("{}", {"b"}) == "{}");
  CHECK(select("{\"a\":1}\r", {"a"}) == "{\"a\":1}\r");
  CHECK(select(R"({"a":1})", {"a", "a"}) == R"({"a":1})");
  CHECK(select(R"({"a":1,"a":2})", {"a"}) == R"({"a":1})");
  CHECK(select("[1]", {"a"}) == "the event is no object, so it has no fields to select");
}

TEST_CASE("a selected field stays nested, or flat") {
  CHECK(select(R"({"a":{"b":1,"c":2}})", {"a.b"}) == R"({"a":{"b":1}})");
  CHECK(select(R"({"a.b":1,"a":{"b":2}})", {"a.b"}) == R"({"a.b":1})");
  CHECK(select(R"({"a.b":{"c":1,"d":2}})", {"a.b.d"}) == R"({"a.b":{"d":2}})");
  CHECK(select(R"({"a":{"b":1,"c":2,"d":3},"x":4})", {"a.d", "x", "a.b"}) ==
        R"({"a":{"d":3,"b":1},"x":4})");
  CHECK(select(R"({"a":{"b":1,"c":2}})", {"a.b", "a"}) == R"({"a":{"b":1,"c":2}})");
  CHECK(select(R"({"a":{"b":1,"c":2}})", {"a", "a.b"}) == R"({"a":{"b":1,"c":2}})");
}

TEST_CASE("a selector keeps the columns true") {
  PathTable paths;
  for (const char* path : {"a", "a.b", "a.c", "x", "y"}) paths.slot(Path::dotted(path));
  const int whole = paths.slot(Path{});
  const int slots[] = {0, 1, 2, 3, 4, whole};
  Batch batch;
  batch.add_text(R"({"a.b":7,"a":{"b":1,"c":2},"x":3,"y":4})", 0);
  weir::ColumnFiller(paths, slots).fill(batch, 0);
  std::vector<bool> met(2);
  CHECK(weir::FieldSelector(paths_of({"x", "a"}), paths).select(batch, 0, met) == "");
  CHECK(met == std::vector<bool>{true, true});
  CHECK(batch.rows[0].json() == R"({"x":3,"a":{"b":1,"c":2}})");
  const auto column = [&](size_t slot) {
    std::string json;
    if (!batch.columns[slot][0].is_missing()) weir::write_json(batch.columns[slot][0], json);
    return json;
  };
  CHECK(column(0) == R"({"b":1,"c":2})");
  CHECK(column(1) == "1");
  CHECK(column(2) == "2");
  CHECK(column(3) == "3");
  CHECK(column(4) == "");
  CHECK(column(5) == R"({"x":3,"a":{"b":1,"c":2}})");
}

TEST_CASE("records keep the cells that are selected") {
  PathTable paths;
  const auto schema = std::make_shared<weir::Schema>(weir::Schema{{"id", "geo.city", "geo"}});
  const Value cells[] = {Value::of_text("7"), Value::of_text("Ulm"),
                         Value::raw(weir::Kind::kMap, R"({"lat":1.0, "lon":2})")};
  Batch batch;
  batch.add_record(schema.get(), cells, "", 0);
  const weir::FieldSelector selector(paths_of({"geo.lat", "geo.city", "id", "none"}), paths);
  std::vector<bool> met(4);
  CHECK(selector.select(batch, 0, met) == "");
  CHECK(met == std::vector<bool>{true, true, true, false});
  std::string json;
  CHECK(weir::write_json(weir::read_record(batch.rows[0], Path{}, batch.arena), json) == "");
  CHECK(json == R"({"geo":{"lat":1.0},"geo.city":"Ulm","id":"7"})");
  CHECK(batch.rows[0].cells[2].is_text);
}
