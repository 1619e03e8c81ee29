#include "bus/lineage.h"

#include <doctest/doctest.h>

#include "base/scratch.h"

using namespace weir;

namespace {

/// A bus to write the events of a made-up past to.
struct Past {
  Scratch scratch;
  std::unique_ptr<Bus> bus = std::move(*open_sqlite_bus(scratch.path("bus"), true));

  /// An event of the millisecond `ms`, made of those of `source` from `start` to `end`.
  void add(const std::string& queue, int64_t ms, const std::string& source = "", int64_t start = 0,
           int64_t end = 0, int64_t units = 1) {
    const std::string start_text = eid_text({.ms = start});
    const std::string end_text = end == 0 ? "" : eid_text({.ms = end});
    BlockBuilder builder;
    BlockBuilder::Event event;
    event.payload = "{}";
    event.eid = Eid{.ms = ms};
    event.written = ms;
    if (!source.empty()) {
      event.correlation = {.source = source, .start = start_text, .end = end_text, .units = units};
    }
    builder.add(event);
    Append append{.queue = queue, .pieces = {}};
    append.pieces.push_back({.block = builder.take(ms), .first = event.eid, .last = event.eid});
    REQUIRE(bus->commit({&append, 1}, {}, ms));
  }

  Lineage lineage(size_t most = 1000) { return {*bus, *bus->queues(), most}; }
};

Relative find(Lineage& lineage, const std::string& queue, int64_t ms) {
  const auto found = lineage.find({.ms = ms}, queue);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  return found->front();
}

/// "QUEUE MS@DEPTH+LAG ..."
std::string text_of(const Result<std::vector<Relative>>& events) {
  REQUIRE(events);
  std::string text;
  for (const Relative& event : *events) {
    if (!text.empty()) text += ' ';
    text += event.queue + std::to_string(event.eid.ms) + "@" + std::to_string(event.depth);
    if (event.lag_ms) text += "+" + std::to_string(*event.lag_ms);
  }
  return text;
}

}  // namespace

TEST_CASE("what led to an event stands above it once, and what it led to below") {
  Past past;
  past.add("a", 10);
  past.add("a", 11);
  past.add("b", 20, "a", 10);
  past.add("b", 21, "a", 10);
  past.add("b", 22, "a", 11);
  past.add("c", 30, "b", 20, 22, 2);
  past.add("d", 41, "c", 30);
  Lineage lineage = past.lineage();

  const Relative made = find(lineage, "c", 30);
  const auto causes = lineage.causes(made);
  CHECK(text_of(causes) == "a10@-2 b20@-1+10 b21@-1+11 a11@-2 b22@-1+11 c30@0+8");
  CHECK(causes->back().among == 3);
  CHECK(causes->back().units == 2);
  CHECK(text_of(lineage.effects(made)) == "d41@1+11");
  CHECK(text_of(lineage.effects(find(lineage, "a", 10))) == "b20@1+10 c30@2+10 d41@3+11 b21@1+11");
  CHECK_FALSE(lineage.is_cut());
}

TEST_CASE("a circle of correlations, and causes that are not there, are no trouble") {
  Past past;
  past.add("a", 10, "b", 20);
  past.add("b", 20, "a", 10);
  past.add("b", 21, "b", 21);
  past.add("b", 22, "b", 5, 9, 3);
  past.add("b", 23, "nowhere", 5);
  Lineage lineage = past.lineage();
  CHECK(text_of(lineage.causes(find(lineage, "a", 10))) == "b20@-1+10 a10@0+-10");
  CHECK(text_of(lineage.effects(find(lineage, "a", 10))) == "b20@1+10");
  CHECK(text_of(lineage.causes(find(lineage, "b", 21))) == "b21@0+0");
  CHECK(text_of(lineage.effects(find(lineage, "b", 21))) == "");
  CHECK(text_of(lineage.causes(find(lineage, "b", 22))) == "b22@0");
  CHECK(text_of(lineage.causes(find(lineage, "b", 23))) == "b23@0");
}

TEST_CASE("an event that is gone is found where others name it, with what it led to") {
  Past past;
  past.add("b", 20, "a", 10);
  past.add("b", 21, "a", 10, 12, 3);
  past.add("c", 30, "b", 20);
  past.add("d", 31, "e", 10);
  Lineage lineage = past.lineage();
  CHECK(lineage.find({.ms = 10}, "")->empty());
  CHECK(text_of(lineage.find_gone({.ms = 10}, "")) == "a10@0 e10@0");
  CHECK(text_of(lineage.find_gone({.ms = 12}, "")) == "a12@0");
  CHECK(text_of(lineage.find_gone({.ms = 11}, "")) == "");
  CHECK(text_of(lineage.find_gone({.ms = 10}, "b")) == "");
  const auto gone = lineage.find_gone({.ms = 10}, "a");
  REQUIRE(gone->size() == 1);
  CHECK(gone->front().gone);
  CHECK(text_of(lineage.causes(gone->front())) == "a10@0");
  CHECK(text_of(lineage.effects(gone->front())) == "b20@1 c30@2+10 b21@1");
}

TEST_CASE("no more than allowed is looked up, and that is known") {
  Past past;
  for (int64_t ms = 10; ms < 20; ++ms) past.add("a", ms);
  past.add("b", 20, "a", 10, 19, 10);
  for (int64_t ms = 30; ms < 40; ++ms) past.add("c", ms, "b", 20);
  for (const size_t most : {size_t{9}, size_t{10}}) {
    Lineage up = past.lineage(most);
    CHECK(up.causes(find(up, "b", 20))->size() == most + 1);
    CHECK(up.is_cut() == (most == 9));
    Lineage down = past.lineage(most);
    CHECK(down.effects(find(down, "b", 20))->size() == most);
    CHECK(down.is_cut() == (most == 9));
  }
}
