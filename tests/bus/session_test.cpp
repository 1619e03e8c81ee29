#include "bus/session.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

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

TEST_CASE("who writes many events at a time leaves no more small blocks either") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  BlockBuilder::Event event;
  event.payload = "1";
  constexpr uint64_t kCommits = 1000;
  const uint64_t at_a_time = BlockBuilder::kEvents / 20;
  BusSession session(path, "");
  for (uint64_t i = 0; i < kCommits * at_a_time; ++i) {
    REQUIRE(session.append("q", event));
    if (i % at_a_time == at_a_time - 1) REQUIRE(session.commit());
  }
  auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  const QueueFacts facts = *(*bus)->queue("q").value();
  CHECK(facts.events == kCommits * at_a_time);
  CHECK(facts.blocks < 350);
}

TEST_CASE("full blocks are the same, compressed by threads or not, and committed before the rest") {
  const Scratch scratch;
  // Events that do not get much smaller, some of them in a last block that is not full.
  constexpr int kEvents = 12'500;
  const auto payload_of = [](int number) {
    std::string payload = std::to_string(number) + ".";
    auto digits = static_cast<uint64_t>(number);
    while (payload.size() < 1000) {
      digits = digits * 6364136223846793005 + 1442695040888963407;
      payload += std::to_string(digits);
    }
    return payload;
  };
  std::vector<std::string> blocks;
  for (const size_t threads : {size_t{0}, size_t{1}, size_t{2}}) {
    CAPTURE(threads);
    const std::string path = scratch.path("bus" + std::to_string(threads));
    BusSession session(path, "");
    if (threads > 0) session.compress_ahead(threads);
    REQUIRE(session.make_queue("q"));
    auto bus = open_sqlite_bus(path, false);
    REQUIRE(bus);
    for (int i = 0; i < kEvents; ++i) {
      const std::string payload = payload_of(i);
      BlockBuilder::Event event;
      event.payload = payload;
      REQUIRE(session.append("q", event));
      REQUIRE(session.commit_full());
    }
    const uint64_t before = (*bus)->queue("q").value()->events;
    CHECK(before > 0);
    CHECK(before < kEvents);
    REQUIRE(session.commit());
    std::vector<std::string> found;
    int next = 0;
    Reading reading;
    for (auto stored = (*bus)->read("q", reading); stored && *stored;
         stored = (*bus)->read("q", reading)) {
      const auto decoded = decode_block((*stored)->block, (*stored)->first);
      REQUIRE(decoded);
      for (const std::string_view line : (*decoded)->lines) {
        if (line == payload_of(next)) ++next;
      }
      found.push_back((*stored)->block.payloads);
      reading.from = (*stored)->last.after(1);
    }
    CHECK(next == kEvents);
    CHECK(found.size() > 10);
    if (threads == 0) blocks = found;
    CHECK(found == blocks);
  }
}

TEST_CASE("blocks that threads are at are dropped with what was not committed") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  {
    BusSession session(path, "");
    session.compress_ahead(2);
    REQUIRE(session.make_queue("q"));
    BlockBuilder::Event event;
    const std::string payload(BlockBuilder::kBytes, '1');
    event.payload = payload;
    for (int i = 0; i < 4; ++i) REQUIRE(session.append("q", event));
  }
  auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  CHECK((*bus)->queue("q").value()->events == 0);
}

TEST_CASE("blocks of several queues stay in order, whichever thread has them") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  BusSession session(path, "");
  session.compress_ahead(2);
  const std::string filler(BlockBuilder::kBytes / 3, '1');
  constexpr int kRounds = 30;
  for (int i = 0; i < kRounds; ++i) {
    const std::string payload = std::to_string(100 + i) + filler;
    BlockBuilder::Event event;
    event.payload = payload;
    for (const char* const queue : {"a", "b", "c"}) {
      REQUIRE(session.append(queue, event));
      REQUIRE(session.commit_full());
    }
  }
  REQUIRE(session.commit());
  auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  for (const char* const queue : {"a", "b", "c"}) {
    int next = 0;
    Reading reading;
    for (auto stored = (*bus)->read(queue, reading); stored && *stored;
         stored = (*bus)->read(queue, reading)) {
      const auto decoded = decode_block((*stored)->block, (*stored)->first);
      REQUIRE(decoded);
      for (const std::string_view line : (*decoded)->lines) {
        CHECK(line.substr(0, 3) == std::to_string(100 + next++));
      }
      reading.from = (*stored)->last.after(1);
    }
    CHECK(next == kRounds);
  }
}
