#include "event/rename.h"

#include <doctest/doctest.h>

#include <string>

#include "event/json_check.h"
#include "event/json_value.h"
#include "event/record.h"

using weir::Batch;
using weir::Path;
using weir::PathTable;
using weir::Renaming;
using weir::Value;

namespace {

/// The event after the renamings, as pairs of new and old; or why it cannot be done.
std::string rename(const char* event,
                   const std::vector<std::pair<const char*, const char*>>& pairs) {
  PathTable paths;
  std::vector<Renaming> renamings;
  std::vector<int> slots;
  for (const auto& [to, from] : pairs) {
    renamings.push_back({Path::dotted(to), Path::dotted(from)});
    slots.push_back(paths.slot(Path::dotted(from)));
  }
  for (const auto& [to, from] : pairs) slots.push_back(paths.slot(Path::dotted(to)));
  slots.push_back(paths.slot(Path{}));
  Batch batch;
  batch.add_text(event, 0);
  weir::ColumnFiller(paths, slots).fill(batch, 0);
  std::vector<Value> values;
  for (size_t i = 0; i < pairs.size(); ++i) {
    values.push_back(batch.columns[static_cast<size_t>(slots[i])][0]);
  }
  std::string problem = weir::FieldRenamer(renamings, paths).rename(batch, 0, values);
  if (!problem.empty()) return problem;
  std::string text(batch.rows[0].json());
  CHECK(weir::check_json(text) == "");
  // The columns say what a reader of the text would find.
  Batch again;
  again.add_text(text, 0);
  weir::ColumnFiller(paths, slots).fill(again, 0);
  for (const int slot : slots) {
    std::string is;
    std::string should_be;
    weir::write_json(batch.columns[static_cast<size_t>(slot)][0], is);
    weir::write_json(again.columns[static_cast<size_t>(slot)][0], should_be);
    CHECK(is == should_be);
  }
  return text;
}

}  // namespace

TEST_CASE("a renamed field keeps its place and its bytes") {
  CHECK(rename(R"({"x":1, "a" : 1.10 ,"y":2})", {{"b", "a"}}) == R"({"x":1, "b" : 1.10 ,"y":2})");
  CHECK(rename(R"({"x":1})", {{"b", "a"}}) == R"({"x":1})");
  CHECK(rename(R"({"x":1,"b":2})", {{"b", "a"}}) == R"({"x":1,"b":2})");
  CHECK(rename(R"({"o":{"a":"q"},"z":0})", {{"o.b", "o.a"}}) == R"({"o":{"b":"q"},"z":0})");
  CHECK(rename(R"({"id.orig":1,"z":0})", {{"src", "id.orig"}}) == R"({"src":1,"z":0})");
  CHECK(rename(R"({"id.orig":1,"z":0})", {{"id.src", "id.orig"}}) == R"({"id.src":1,"z":0})");
  CHECK(rename(R"({"a":1})", {{"a", "a"}}) == R"({"a":1})");
}

TEST_CASE("where the new name has another place, the field is set there") {
  CHECK(rename(R"({"o":{"a":1,"c":2},"z":0})", {{"a", "o.a"}}) == R"({"o":{"c":2},"z":0,"a":1})");
  CHECK(rename(R"({"a":1,"z":0})", {{"o.a", "a"}}) == R"({"z":0,"o":{"a":1}})");
  CHECK(rename(R"({"a":1,"o":{"x":0}})", {{"o.a", "a"}}) == R"({"o":{"x":0,"a":1}})");
  CHECK(rename(R"({"a":1})", {{"a.b", "a"}}) == R"({"a":{"b":1}})");
  CHECK(rename(R"({"a":{"b":1,"c":2}})", {{"a", "a.b"}}) == R"({"a":1})");
  CHECK(rename(R"({"a":1,"o":5})", {{"o.a", "a"}}) ==
        "cannot set 'o.a': 'o' is there and is no object");
}

TEST_CASE("what had the new name is gone, and all other spellings of both") {
  CHECK(rename(R"({"b":0,"a":1})", {{"b", "a"}}) == R"({"b":1})");
  CHECK(rename(R"({"a":1,"b":0,"a":2,"b":3})", {{"b", "a"}}) == R"({"b":1})");
  CHECK(rename(R"({"b":0,"o":{"a":1}})", {{"b", "o.a"}}) == R"({"b":1,"o":{}})");
  CHECK(rename(R"({"o.b":9,"o":{"a":1,"b":2},"o.a":3})", {{"o.b", "o.a"}}) == R"({"o":{"b":1}})");
}

TEST_CASE("fields are renamed all at once") {
  CHECK(rename(R"({"a":1,"b":2})", {{"a", "b"}, {"b", "a"}}) == R"({"b":1,"a":2})");
  CHECK(rename(R"({"a":1,"c":2})", {{"a", "b"}, {"b", "a"}}) == R"({"b":1,"c":2})");
  CHECK(rename(R"({"a":1,"b":2,"c":3})", {{"b", "a"}, {"c", "b"}, {"a", "c"}}) ==
        R"({"b":1,"c":2,"a":3})");
  CHECK(rename(R"({"o":{"x":1},"b":2})", {{"o.x", "b"}, {"b", "o.x"}}) == R"({"o":{"x":2},"b":1})");
  CHECK(rename(R"({"a":{"x":1},"b":2})", {{"a", "b"}, {"c", "a.x"}}) == R"({"a":2,"c":1})");
}

TEST_CASE("columns of records get other names") {
  PathTable paths;
  const auto schema = std::make_shared<weir::Schema>(weir::Schema{{"id", "geo.city", "n"}});
  const Value cells[] = {Value::of_text("7"), Value::of_text("Ulm"), Value::of_text("1")};
  Batch batch;
  batch.add_record(schema.get(), cells, "", 0);
  const weir::FieldRenamer renamer({{Path::dotted("city"), Path::dotted("geo.city")},
                                    {Path::dotted("id"), Path::dotted("n")},
                                    {Path::dotted("key.id"), Path::dotted("id")}},
                                   paths);
  const Value values[] = {cells[1], cells[2], cells[0]};
  CHECK(renamer.rename(batch, 0, values) == "");
  std::string json;
  CHECK(weir::write_json(weir::read_record(batch.rows[0], Path{}, batch.arena), json) == "");
  CHECK(json == R"({"city":"Ulm","id":"1","key":{"id":"7"}})");
  CHECK(batch.rows[0].cells[1].is_text);
}
