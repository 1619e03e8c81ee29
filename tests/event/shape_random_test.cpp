// Random events and changes: what columns say after a change is what a reader of the text finds.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "event/fill.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "event/remove.h"
#include "event/rename.h"
#include "event/select.h"

using weir::Batch;
using weir::Path;
using weir::Value;

namespace {

class Maker {
 public:
  size_t below(size_t count) { return random_() % count; }

  std::string event() { return object(0); }

  std::vector<Path> paths(const weir::PathTable& table) {
    std::vector<Path> some;
    for (size_t i = 0; i <= below(3); ++i) {
      some.push_back(table.path(static_cast<int>(below(static_cast<size_t>(table.size())))));
    }
    return some;
  }

 private:
  std::string object(int depth) {
    constexpr const char* kKeys[] = {"a", "b", "c", "a.b", "b.c", "a.b.c", "\\u0061"};
    std::string text = "{";
    const size_t count = below(5);
    for (size_t i = 0; i < count; ++i) {
      text += i > 0 ? "," : "";
      text += std::string(below(2), ' ') + '"' + kKeys[below(std::size(kKeys))] + "\":";
      text += std::string(below(2), ' ') + value(depth + 1) + std::string(below(2), ' ');
    }
    return text + "}";
  }

  std::string value(int depth) {
    constexpr const char* kValues[] = {"1", "1.10", "\"x\"", "null", "\"\\u0041\"", "[1, {}]"};
    return depth < 4 && below(2) == 0 ? object(depth) : kValues[below(std::size(kValues))];
  }

  std::mt19937 random_{1};  // the same events every time
};

std::string json_of(const Value& value) {
  std::string json;
  if (!value.is_missing()) CHECK(weir::write_json(value, json) == "");
  return json;
}

}  // namespace

TEST_CASE("columns follow whatever is removed, selected and renamed") {
  weir::PathTable table;
  std::vector<int> slots;
  for (const char* path : {"a", "b", "c", "a.b", "a.c", "b.c", "a.b.c"}) {
    slots.push_back(table.slot(Path::dotted(path)));
  }
  slots.push_back(table.slot(Path::single("a.b")));
  slots.push_back(table.slot(Path::single("b.c")));
  const weir::ColumnFiller filler(table, slots);
  Maker maker;
  for (int round = 0; round < 5000; ++round) {
    const std::string event = maker.event();
    CAPTURE(event);
    Batch batch;
    batch.add_text(event, 0);
    filler.fill(batch, 0);
    switch (maker.below(3)) {
      case 0: {
        const std::vector<Path> gone = maker.paths(table);
        weir::FieldRemover(gone, table).remove(batch, 0);
        for (const Path& path : gone) {
          CHECK(batch.columns[static_cast<size_t>(*table.find(path))][0].is_missing());
        }
        break;
      }
      case 1: {
        const std::vector<Path> kept = maker.paths(table);
        std::vector<bool> met(kept.size());
        CHECK(weir::FieldSelector(kept, table).select(batch, 0, met) == "");
        break;
      }
      default: {
        const Path from = maker.paths(table)[0];
        const Value value = batch.columns[static_cast<size_t>(*table.find(from))][0];
        const weir::FieldRenamer renamer({{maker.paths(table)[0], from}}, table);
        // A problem rejects the row: nobody looks at it again.
        if (!renamer.rename(batch, 0, {&value, 1}).empty()) continue;
      }
    }
    const std::string text(batch.rows[0].json());
    CAPTURE(text);
    REQUIRE(weir::check_json(text) == "");
    Batch again;
    again.add_text(text, 0);
    filler.fill(again, 0);
    for (const int slot : slots) {
      const auto index = static_cast<size_t>(slot);
      REQUIRE(json_of(batch.columns[index][0]) == json_of(again.columns[index][0]));
    }
  }
}
