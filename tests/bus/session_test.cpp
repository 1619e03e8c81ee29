#include "bus/session.h"

#include <doctest/doctest.h>

#include "base/scratch.h"

using namespace weir;

TEST_CASE("who writes again and again leaves no more than some small blocks") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  const auto write = [&](BusSession& session) {
    BlockBuilder::Event event;
    event.payload = "{\"a\":1}";
    REQUIRE(session.append("q", event));
    REQUIRE(session.commit());
  };
  // One run that commits often, and many that commit once.
  {
    BusSession session(path, "");
    for (int i = 0; i < 700; ++i) write(session);
  }
  auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  CHECK((*bus)->queue("q").value()->blocks < 200);
  for (int i = 0; i < 300; ++i) {
    BusSession session(path, "");
    write(session);
  }
  const QueueFacts facts = *(*bus)->queue("q").value();
  CHECK(facts.blocks <= 129);
  CHECK(facts.events == 1000);
}

TEST_CASE(
    "full blocks are the same, compressed by a thread or not, and committed before the rest") {
  const Scratch scratch;
  for (const bool ahead : {false, true}) {
    CAPTURE(ahead);
    const std::string path = scratch.path(ahead ? "ahead" : "plain");
    BusSession session(path, "");
    if (ahead) session.compress_ahead();
    REQUIRE(session.make_queue("q"));
    auto bus = open_sqlite_bus(path, false);
    REQUIRE(bus);
    const int events = 4 * static_cast<int>(BlockBuilder::kEvents) + 100;
    for (int i = 0; i < events; ++i) {
      const std::string payload = std::to_string(i);
      BlockBuilder::Event event;
      event.payload = payload;
      REQUIRE(session.append("q", event));
      REQUIRE(session.commit_full());
    }
    const uint64_t before = (*bus)->queue("q").value()->events;
    CHECK(before == (ahead ? 3 : 4) * uint64_t{BlockBuilder::kEvents});
    REQUIRE(session.commit());
    CHECK((*bus)->queue("q").value()->blocks == 5);
    int next = 0;
    Reading reading;
    for (auto stored = (*bus)->read("q", reading); stored && *stored;
         stored = (*bus)->read("q", reading)) {
      const auto decoded = decode_block((*stored)->block, (*stored)->first);
      REQUIRE(decoded);
      for (const std::string_view line : (*decoded)->lines) {
        if (line == std::to_string(next)) ++next;
      }
      reading.from = (*stored)->last.after(1);
    }
    CHECK(next == events);
  }
}
