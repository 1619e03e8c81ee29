#include "event/event_writer.h"

#include <doctest/doctest.h>

#include "event/json_check.h"
#include "event/json_value.h"

using namespace weir;

namespace {

/// `event` after the members of the object `fields` were set on it, or why they cannot be.
std::string merge(std::string_view event, std::string_view fields) {
  PathTable paths;
  const int slot = paths.slot(Path::single("a"));
  Batch batch;
  batch.add_text(event, 0);
  batch.columns = {{Value::null()}};
  const EventWriter writer(paths);
  const Value map = decode_container(read_json_value(fields, batch.arena), batch.arena);
  const std::string problem = writer.merge(batch, 0, *map.map);
  if (!problem.empty()) return problem;
  const std::string json(batch.rows[0].json());
  CHECK(check_json(json).empty());
  // What the column says is what a reader of the event would find.
  Value read;
  CHECK(PathScanner({Path::single("a")}).scan(json, {&read, 1}, batch.arena).empty());
  const Value& column = batch.columns[static_cast<size_t>(slot)][0];
  CHECK(column.kind == read.kind);
  CHECK(column.integer == read.integer);
  return json;
}

std::string cells(const Row& row) {
  std::string text;
  for (size_t i = 0; i < row.schema->names.size(); ++i) {
    text += row.schema->names[i] + "=";
    write_json(row.cells[i], text);
    text += " ";
  }
  return text;
}

}  // namespace

TEST_CASE("new fields come to the end, in order") {
  CHECK(merge("{\"x\": 1.10 }\r", "{\"b\":2,\"a\":1}") == "{\"x\": 1.10,\"b\":2,\"a\":1 }\r");
  CHECK(merge("{}", "{\"a\":1,\"b\":[1, 2]}") == "{\"a\":1,\"b\":[1, 2]}");
  CHECK(merge(" { } ", "{\"a\":1}") == " {\"a\":1 } ");
  CHECK(merge("{\"x\":{\"a\":5}}", "{}") == "{\"x\":{\"a\":5}}");
}

TEST_CASE("a field that is there is replaced in its place, and doubled ones go") {
  CHECK(merge("{\"a\" : 5, \"b\":6 }", "{\"b\":7,\"a\":1}") == "{\"a\" : 1, \"b\":7 }");
  CHECK(merge("{\"a\":5,\"b\":6,\"a\":7}", "{\"a\":1}") == "{\"a\":1,\"b\":6}");
  CHECK(merge("{\"a\":5, \"a\":6, \"\\u0061\":7 }", "{\"a\":1,\"c\":3}") == "{\"a\":1,\"c\":3 }");
  CHECK(merge("{\"a\":5,\"a\":6,\"b\":1}", "{\"a\":1}") == "{\"a\":1,\"b\":1}");
}

TEST_CASE("what is no object takes no fields") {
  CHECK(merge("[1]", "{\"a\":1}") == "the event is no object, so it takes no fields");
}

TEST_CASE("fields of a record") {
  PathTable paths;
  const auto slot = static_cast<size_t>(paths.slot(Path::single("b")));
  Batch batch;
  const std::string_view names[] = {"a", "b"};
  const Schema* const schema = batch.schema_of(names);
  CHECK(batch.schema_of(names) == schema);
  const Value first[] = {Value::of_text("1"), Value::of_text("2")};
  batch.add_record(schema, first, "1,2", 0);
  batch.add_record(schema, first, "1,2", 0);
  batch.columns = {{Value::of_text("2"), Value::of_text("2")}};
  const Value keys[] = {Value::of_string("c"), Value::of_string("b")};
  const Value values[] = {Value::of_int(3), Value::of_text("7")};
  const EventWriter writer(paths);
  CHECK(writer.merge(batch, 0, {keys, values, 2}).empty());
  CHECK(writer.merge(batch, 1, {keys, values, 2}).empty());
  CHECK(cells(batch.rows[0]) == "a=\"1\" b=\"7\" c=3 ");
  CHECK(batch.rows[0].schema == batch.rows[1].schema);
  CHECK(batch.columns[slot][0].text() == "7");
  CHECK(batch.columns[slot][0].is_text);
}

TEST_CASE("an event becomes something else") {
  PathTable paths;
  const auto slot = static_cast<size_t>(paths.slot(Path::single("a")));
  Batch batch;
  batch.add_text("{\"a\":1}", 0);
  batch.columns = {{Value::of_int(1)}};
  const EventWriter writer(paths);

  writer.replace(batch, 0, Value::raw(Kind::kMap, "{ \"a\":2.50}"));
  CHECK(batch.rows[0].json() == "{ \"a\":2.50}");
  CHECK(batch.columns[slot][0].text() == "2.50");

  const Value key = Value::of_string("a");
  const Value cell = Value::of_text("3");
  const MapValue map = {&key, &cell, 1};
  writer.replace(batch, 0, Value::of_map(&map));
  CHECK(batch.rows[0].is_record());
  CHECK(batch.columns[slot][0].text() == "3");

  const MapValue nothing;
  writer.replace(batch, 0, Value::of_map(&nothing));
  CHECK(batch.rows[0].is_record());
  CHECK(batch.columns[slot][0].is_missing());

  writer.replace(batch, 0, Value::of_string("x"));
  CHECK(batch.rows[0].json() == "\"x\"");
  CHECK_FALSE(batch.rows[0].is_record());
  CHECK(batch.rows[0].original() == "{\"a\":1}");
}
