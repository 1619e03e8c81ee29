#include "event/batch.h"

#include <doctest/doctest.h>

#include "event/fill.h"

using weir::Batch;
using weir::Fate;
using weir::Note;
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

TEST_CASE("a schema of the same names is made once") {
  Batch batch;
  const std::string_view ab[] = {"a", "b"};
  const std::string_view b[] = {"b"};
  const weir::Schema* schema = batch.schema_of(ab);
  CHECK(schema->names == std::vector<std::string>{"a", "b"});
  CHECK(batch.schema_of(ab) == schema);
  CHECK(batch.schema_of(b) != schema);
  CHECK(batch.schema_of(ab) == schema);
  CHECK(batch.schema_of({})->names.empty());
}

TEST_CASE("columns are filled for the rows that are alive") {
  PathTable paths;
  const auto a = static_cast<size_t>(paths.slot(Path::dotted("a")));
  Path line;
  line.root = Path::Root::kMeta;
  line.names = {{"line", true}};
  const auto at = static_cast<size_t>(paths.slot(line));
  Batch batch;
  batch.origin = std::make_shared<const weir::Origin>(weir::Origin{.name = "f"});
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

TEST_CASE("what a tee has written is cut off behind it, not forgotten") {
  Batch batch;
  for (uint32_t i = 0; i < 5; ++i) batch.add_text("{}", i);
  batch.reject(2, 0, "broken");
  batch.note(3, 1, Note::Kind::kBranchReject, "no column");
  batch.reject(4, 2, "never happened");
  batch.alive = {0, 1, 3};
  batch.shown_at = 1;
  batch.truncate(1);
  CHECK(batch.alive == std::vector<uint32_t>{0});
  REQUIRE(batch.rows.size() == 5);
  CHECK(batch.rows[2].fate == Fate::kRejected);
  for (const uint32_t row : {1U, 3U, 4U}) {
    CHECK(batch.rows[row].fate == Fate::kCut);
    CHECK(batch.rows[row].fate_stage == 1);
  }
  REQUIRE(batch.notes.size() == 2);
  CHECK(batch.notes[0].reason == "broken");
  CHECK(batch.notes[1].reason == "no column");
}

TEST_CASE("what was ruled out behind the last row that is kept is forgotten with the rest") {
  const auto fill = [](Batch& batch) {
    for (const uint32_t line : {3U, 5U}) batch.add_text("{}", line);
    batch.ruled_out = {{.row = 0, .events = 3, .stage = 1},
                       {.row = 1, .events = 1, .stage = 1},
                       {.row = 2, .events = 9, .stage = 1}};
  };
  Batch batch;
  fill(batch);
  batch.truncate(2);
  REQUIRE(batch.ruled_out.size() == 2);
  batch.truncate(1);
  REQUIRE(batch.ruled_out.size() == 1);
  CHECK(batch.ruled_out[0].events == 3);

  // A tee has written the rows, and what was ruled out in front of it stays so.
  Batch shown;
  fill(shown);
  shown.shown_at = 2;
  shown.truncate(1);
  CHECK(shown.ruled_out.size() == 3);
}
