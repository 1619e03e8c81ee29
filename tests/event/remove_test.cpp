#include "event/remove.h"

#include <doctest/doctest.h>

#include <string>

#include "event/json_check.h"
#include "event/json_value.h"
#include "event/record.h"

using weir::Batch;
using weir::Path;
using weir::PathTable;
using weir::Schema;
using weir::Value;

namespace {

/// The event without the fields; "untouched" if it has none of them.
std::string remove(const char* event, std::vector<Path> fields) {
  std::string out;
  if (!weir::remove_fields(event, fields, out)) {
    CHECK(out.empty());
    return "untouched";
  }
  CHECK(weir::check_json(out) == "");
  return out;
}

std::string remove(const char* event, const char* field) {
  return remove(event, {Path::dotted(field)});
}

std::string write(const Value& value) {
  std::string json;
  CHECK(weir::write_json(value, json) == "");
  return json;
}

}  // namespace

TEST_CASE("a field goes and everything else keeps its bytes") {
  CHECK(remove(R"({"a":1})", "a") == "{}");
  CHECK(remove(R"({ "a" : 1 })", "a") == "{}");
  CHECK(remove(R"({"a":1, "b" : 1.10 })", "a") == R"({"b" : 1.10 })");
  CHECK(remove(R"( { "b" : 1e400, "a":"}" ,"c":[1, 2]}  )", "a") ==
        R"( { "b" : 1e400,"c":[1, 2]}  )");
  CHECK(remove(R"({"b":1 , "a":2 })", "a") == R"({"b":1 })");
  CHECK(remove(R"({ "a":1, "a":2, "b":3, "a":4 })", "a") == R"({ "b":3})");
  CHECK(remove(R"({ "a":1, "a":2 })", "a") == "{ }");
  CHECK(remove(R"({"b":1})", "a") == "untouched");
  CHECK(remove("[1]", "a") == "untouched");
  CHECK(remove(R"({"a":5})", "a.b") == "untouched");
}

TEST_CASE("a field goes in all its spellings and however often it is there") {
  CHECK(remove(R"({"a":1,"b":2,"a":3})", "a") == R"({"b":2})");
  CHECK(remove(R"({"a":1,"a":3})", "a") == "{}");
  CHECK(remove(R"({"x":0,"a":1,"\u0061":3})", "a") == R"({"x":0})");
  CHECK(remove(R"({"a.b":1,"a":{"b":2,"c":3},"a":{"b":4}})", "a.b") == R"({"a":{"c":3},"a":{}})");
  CHECK(remove(R"({"a.b":{"c":1},"a":{"b.c":2},"a.b.c":3})", "a.b.c") == R"({"a.b":{},"a":{}})");
  CHECK(remove(R"({"a.b":1,"a":{"b":2}})", {Path::single("a.b")}) == R"({"a":{"b":2}})");
}

TEST_CASE("several fields go at once") {
  const std::vector<Path> fields = {Path::dotted("a"), Path::dotted("c.d"), Path::dotted("e")};
  CHECK(remove(R"({"a":1,"b":2,"c":{"d":3},"e":4})", fields) == R"({"b":2,"c":{}})");
  CHECK(remove(R"({"a":1,"e":4})", fields) == "{}");
  CHECK(remove(R"({"b":1,"a":1,"e":4,"z":0})", fields) == R"({"b":1,"z":0})");
}

TEST_CASE("a remover keeps the columns true") {
  PathTable paths;
  const auto a = static_cast<size_t>(paths.slot(Path::dotted("a")));
  const auto ab = static_cast<size_t>(paths.slot(Path::dotted("a.b")));
  const auto c = static_cast<size_t>(paths.slot(Path::dotted("c")));
  Batch batch;
  batch.add_text(R"({"a":{"b":1,"x":2},"c":3})", 0);
  const int slots[] = {0, 1, 2};
  weir::ColumnFiller(paths, slots).fill(batch, 0);
  weir::FieldRemover({Path::dotted("a.b")}, paths).remove(batch, 0);
  CHECK(batch.columns[ab][0].is_missing());
  CHECK(write(batch.columns[a][0]) == R"({"x":2})");
  CHECK(write(batch.columns[c][0]) == "3");
}

TEST_CASE("fields of records go with their columns, or out of their cells") {
  PathTable paths;
  const auto schema = std::make_shared<Schema>(Schema{{"id", "geo.city", "geo"}});
  const Value cells[] = {Value::of_text("7"), Value::of_text("Ulm"),
                         Value::raw(weir::Kind::kMap, R"({"city":1, "zip":2})")};
  Batch batch;
  batch.add_record(schema.get(), cells, "", 0);
  const auto whole = [&] { return write(weir::read_record(batch.rows[0], Path{}, batch.arena)); };
  weir::FieldRemover({Path::dotted("none")}, paths).remove(batch, 0);
  CHECK(batch.rows[0].schema == schema.get());
  weir::FieldRemover({Path::dotted("geo.city")}, paths).remove(batch, 0);
  CHECK(whole() == R"({"id":"7","geo":{"zip":2}})");
  CHECK(batch.rows[0].cells[0].is_text);
  weir::FieldRemover({Path::dotted("id"), Path::dotted("geo")}, paths).remove(batch, 0);
  CHECK(batch.rows[0].is_record());
  CHECK(whole() == "{}");
}
