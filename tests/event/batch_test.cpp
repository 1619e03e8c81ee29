#include "event/batch.h"

#include <doctest/doctest.h>

#include "event/fill.h"

using weir::Batch;
using weir::Path;
using weir::PathTable;

TEST_CASE("paths overlap where one leads to or through the other") {
  const auto meet = [](const char* a, const char* b) {
    return weir::overlaps(Path::dotted(a), Path::dotted(b));
  };
  CHECK(meet("a", "a"));
  CHECK(meet("a", "a.b"));
  CHECK(meet("a.b.c", "a"));
  CHECK_FALSE(meet("a", "ab"));
  CHECK_FALSE(meet("a.b", "a.c"));
  CHECK(weir::overlaps(Path::single("a.b"), Path::dotted("a.b")));
  CHECK(weir::overlaps(Path::dotted("a"), Path{}));
  Path line;
  line.root = Path::Root::kMeta;
  line.names = {{"line", true}};
  CHECK_FALSE(weir::overlaps(Path::dotted("line"), line));
}

TEST_CASE("paths are shown as they are written") {
  CHECK(Path::dotted("a.b").to_string() == "a.b");
  CHECK(Path{}.to_string() == "this");
  CHECK(Path::single("a.b").to_string() == "this['a.b']");
  CHECK(Path::dotted("a.b c").to_string() == "a['b c']");
}

TEST_CASE("a path has one slot") {
  PathTable paths;
  const int a = paths.slot(Path::dotted("a"));
  const int b = paths.slot(Path::dotted("b"));
  CHECK(a != b);
  CHECK(paths.slot(Path::dotted("a")) == a);
  CHECK(paths.find(Path::dotted("c")) == std::nullopt);
}

TEST_CASE("a truncated batch forgets rows, survivors and notes") {
  Batch batch;
  for (uint32_t i = 0; i < 4; ++i) batch.add_text("1", i);
  batch.reject(0, 0, "first");
  batch.reject(3, 0, "last");
  batch.alive = {1, 2};
  batch.truncate(2);
  CHECK(batch.rows.size() == 2);
  CHECK(batch.alive == std::vector<uint32_t>{1});
  REQUIRE(batch.notes.size() == 1);
  CHECK(batch.notes[0].reason == "first");
}

TEST_CASE("an extended schema is made once") {
  Batch batch;
  const weir::Schema schema{{"a"}};
  const weir::Schema* longer = batch.extend(&schema, "b");
  CHECK(longer->names == std::vector<std::string>{"a", "b"});
  CHECK(batch.extend(&schema, "b") == longer);
  CHECK(batch.extend(&schema, "c") != longer);
}

TEST_CASE("columns are filled for the rows that are alive") {
  PathTable paths;
  const auto a = static_cast<size_t>(paths.slot(Path::dotted("a")));
  Path line;
  line.root = Path::Root::kMeta;
  line.names = {{"line", true}};
  const auto at = static_cast<size_t>(paths.slot(line));
  const std::string origin = "f";
  Batch batch;
  batch.origin = &origin;
  batch.first_line = 10;
  batch.add_text(R"({"a":1})", 0);
  batch.add_text(R"({"a":)", 1);
  batch.add_text(R"({"b":1})", 5);
  const int slots[] = {0, 1};
  weir::ColumnFiller(paths, slots).fill(batch, 3);
  CHECK(batch.alive == std::vector<uint32_t>{0, 2});
  CHECK(batch.columns[a][0].integer == 1);
  CHECK(batch.columns[a][2].is_missing());
  CHECK(batch.columns[at][2].integer == 15);
  CHECK(batch.rows[1].fate == weir::Fate::kRejected);
  CHECK(batch.rows[1].fate_stage == 3);
}
