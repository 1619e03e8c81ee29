#include "source/queue.h"

#include <doctest/doctest.h>

#include <functional>

#include "base/scratch.h"
#include "bus/sqlite.h"

using namespace weir;

namespace {

constexpr int kEvents = 200'000;

std::string event_of(int number) { return "{\"number\":" + std::to_string(number) + "}"; }

/// A queue of some full blocks and a small one.
std::string long_queue(const Scratch& scratch) {
  const std::string path = scratch.path("bus");
  BusSession session(path, "");
  for (int i = 0; i < kEvents; ++i) {
    const std::string payload = event_of(i);
    BlockBuilder::Event event;
    event.payload = payload;
    REQUIRE(session.append("q", event));
    REQUIRE(session.commit_full());
  }
  REQUIRE(session.commit());
  return path;
}

std::unique_ptr<Source> open_queue(const std::string& path, bool ahead,
                                   QueueSourceOptions options = {}, const std::string& bot = "") {
  auto source = make_queue_source("q", options, nullptr, std::make_shared<BusSession>(path, bot));
  if (ahead) source->decode_ahead(2);
  REQUIRE(source->open());
  return source;
}

/// Reads to the end, or as far as `go_on` says, and checks that the events follow one another from
/// `next` on. Answers how many came, and the error behind them.
struct Read {
  int events = 0;
  std::string error;
};
Read read(
    Source& source, int next, const std::function<bool(int)>& go_on = [](int) { return true; }) {
  Read read;
  // Some batches are kept for a while, as those that threads are at.
  std::vector<Batch> kept(4);
  size_t turn = 0;
  while (go_on(read.events)) {
    Batch& batch = kept[turn++ % kept.size()];
    batch.reset();
    const auto pulled = source.next(batch);
    if (!pulled) {
      read.error = pulled.error().message;
      break;
    }
    if (*pulled != Pull::kBatch) break;
    for (const uint32_t row : batch.alive) {
      if (batch.rows[row].json() != event_of(next + read.events)) {
        FAIL_CHECK(batch.rows[row].json());
        return read;
      }
      ++read.events;
    }
    const Envelope* const last = batch.envelope_of(batch.alive.back());
    CHECK(last != nullptr);
  }
  return read;
}

}  // namespace

TEST_CASE("a long queue is read the same with a thread ahead and without") {
  const Scratch scratch;
  const std::string path = long_queue(scratch);
  for (const bool ahead : {false, true}) {
    CAPTURE(ahead);
    CHECK(read(*open_queue(path, ahead), 0).events == kEvents);
    CHECK(read(*open_queue(path, ahead, {.batch_rows = 1000}), 0).events == kEvents);
    CHECK(read(*open_queue(path, ahead, {.limit = 150'000}), 0).events == 150'000);
    // Left in the middle, while blocks are under way.
    CHECK(read(*open_queue(path, ahead), 0, [](int events) { return events < 70'000; }).events >=
          70'000);
    const auto stopped = open_queue(path, ahead);
    CHECK(read(*stopped, 0, [&](int events) {
            if (events >= 70'000) stopped->stop();
            return true;
          }).events < kEvents);
  }
}

TEST_CASE("a bot goes on behind what was given, not behind what was read ahead") {
  const Scratch scratch;
  const std::string path = long_queue(scratch);
  for (const bool ahead : {false, true}) {
    CAPTURE(ahead);
    const std::string bot = ahead ? "ahead" : "plain";
    int events = 0;
    {
      const auto source = open_queue(path, ahead, {.batch_rows = 1000}, bot);
      events = read(*source, 0, [](int so_far) { return so_far < 70'000; }).events;
      BusSession session(path, bot);
      REQUIRE(session.commit(source->moves()));
    }
    CHECK(read(*open_queue(path, ahead, {}, bot), events).events == kEvents - events);
  }
}

TEST_CASE("blocks that are joined while a queue is read change nothing") {
  const Scratch scratch;
  const std::string path = long_queue(scratch);
  {
    BusSession session(path, "");
    for (int i = 0; i < 100; ++i) {
      const std::string payload = event_of(kEvents + i);
      BlockBuilder::Event event;
      event.payload = payload;
      REQUIRE(session.append("q", event));
      REQUIRE(session.commit());
    }
  }
  const auto source = open_queue(path, true);
  const auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  const uint64_t before = (*bus)->queue("q").value()->blocks;
  // Read into the small blocks at the end, which are joined then.
  const int events = read(*source, 0, [](int so_far) { return so_far < kEvents + 50; }).events;
  CHECK(events == kEvents + 50);
  for (std::optional<Eid> from = Eid(); from;) from = (*bus)->compact("q", *from).value();
  CHECK((*bus)->queue("q").value()->blocks < before - 90);
  CHECK(read(*source, events).events == 50);
}

TEST_CASE("events that are trimmed on their way are not passed over in silence") {
  const Scratch scratch;
  const std::string path = long_queue(scratch);
  const auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  const auto source = open_queue(path, false);
  // Into the first block, and the next ones go.
  const int events = read(*source, 0, [](int so_far) { return so_far == 0; }).events;
  const Eid last = *(*bus)->queue("q").value()->last;
  while ((*bus)->trim("q", last).value() > 0) {
  }
  const Read rest = read(*source, events);
  CHECK(events + rest.events < kEvents);
  CHECK(rest.error.starts_with("queue:q: the events behind z/"));
  CHECK(rest.error.contains(" were trimmed up to z/"));
  CHECK(rest.error.ends_with("' goes on with what is left"));
  // Who begins then reads what is left.
  Batch batch;
  CHECK(open_queue(path, false)->next(batch));
}

TEST_CASE("a damaged block is an error behind the events in front of it") {
  const Scratch scratch;
  const std::string path = long_queue(scratch);
  const auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  const auto first = (*bus)->read("q", {});
  REQUIRE((first && *first));
  Database database;
  REQUIRE(database.open(path));
  REQUIRE(database.run("UPDATE blocks SET payloads = zeroblob(length(payloads)) WHERE id = 3"));
  for (const bool ahead : {false, true}) {
    CAPTURE(ahead);
    const auto source = open_queue(path, ahead);
    const Read found = read(*source, 0);
    CHECK(found.events > static_cast<int>((*first)->block.count));
    CHECK(found.events < kEvents);
    CHECK(found.error.starts_with("queue:q: the block from z/"));
    CHECK(found.error.contains(" is damaged: its checksum does not fit; "));
  }
}

TEST_CASE("a queue is followed with a thread ahead, and without") {
  const Scratch scratch;
  const std::string path = long_queue(scratch);
  for (const bool ahead : {false, true}) {
    CAPTURE(ahead);
    QueueSourceOptions options;
    options.follow = true;
    const auto source = open_queue(path, ahead, options);
    const int there = read(*source, 0).events;
    CHECK(there == kEvents + (ahead ? 3 : 0));
    BusSession session(path, "");
    for (int i = 0; i < 3; ++i) {
      const std::string payload = event_of(there + i);
      BlockBuilder::Event event;
      event.payload = payload;
      REQUIRE(session.append("q", event));
      REQUIRE(session.commit());
      CHECK(read(*source, there + i).events == 1);
    }
  }
}
