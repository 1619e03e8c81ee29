#include "bus/suite.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

namespace weir {

using Rows = std::vector<std::string>;

Rows events_of(Bus& bus, const std::string& queue, const Reading& reading) {
  Rows rows;
  Reading next = reading;
  while (true) {
    const auto stored = bus.read(queue, next);
    REQUIRE(stored);
    if (!*stored) return rows;
    CHECK((*stored)->intact);
    const Block& block = (*stored)->block;
    Envelopes envelopes;
    REQUIRE(decode_envelopes(block, (*stored)->first, envelopes));
    std::string payloads(block.payload_bytes, '\0');
    REQUIRE(decode_payloads(block, payloads.data()));
    REQUIRE(envelopes.rows.size() == block.count);
    CHECK(envelopes.rows.back().eid == (*stored)->last);
    std::string_view rest = payloads;
    for (const Envelope& envelope : envelopes.rows) {
      const size_t end = rest.find('\n');
      if (envelope.eid >= next.from) {
        rows.push_back(eid_text(envelope.eid) + " " + std::string(rest.substr(0, end)));
      }
      rest.remove_prefix(end + 1);
    }
    CHECK(rest.empty());
    next.from = (*stored)->last.after(1);
  }
}

namespace {

constexpr std::string_view kMinute = "z/1970/01/01/00/00/";

std::string at(int64_t ms, uint32_t sequence, const std::string& event) {
  return eid_text({.ms = ms, .sequence = sequence}) + " " + event;
}

bool is_readable(int fd) {
  pollfd asked{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&asked, 1, 0) > 0;
}

void appended_in_order(const OpenBus& open) {
  const auto bus = open();
  REQUIRE(bus->commit({{append_of("q", {"1", "2"}), append_of("r", {"3"})}}, {}, 1000));
  REQUIRE(bus->commit({{append_of("q", {"4"})}}, {}, 2000));
  // The clock went back: the millisecond is kept.
  REQUIRE(bus->commit({{append_of("q", {"5"})}}, {}, 500));
  const Rows wanted = {at(1000, 0, "1"), at(1000, 1, "2"), at(2000, 0, "4"), at(2000, 1, "5")};
  CHECK(events_of(*bus, "q") == wanted);
  const auto again = open();
  CHECK(events_of(*again, "q") == wanted);
  CHECK(events_of(*again, "r") == Rows{at(1000, 0, "3")});
  CHECK(events_of(*again, "none").empty());
  CHECK(
      events_of(*again, "q", {.from = {.ms = 1000, .sequence = 1}, .before = {}, .event_time = {}})
          .size() == 3);
}

void facts_of_queues(const OpenBus& open) {
  const auto bus = open();
  CHECK(bus->queues()->empty());
  REQUIRE(bus->commit({{append_of("q", {"1", "22"}), append_of("p", {"3"})}}, {}, 1000));
  REQUIRE(bus->commit({{append_of("q", {"4"})}}, {}, 2000));
  const auto all = bus->queues();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).name == "p");
  const QueueFacts& q = all->at(1);
  CHECK(q.events == 3);
  CHECK(q.blocks == 2);
  CHECK(q.payload_bytes == 7);
  CHECK(q.first == Eid{1000, 0});
  CHECK(q.last == Eid{2000, 0});
  CHECK(!bus->queue("none")->has_value());
  CHECK(!bus->has_queue("none").value());
  CHECK(bus->has_queue("q").value());
  REQUIRE(bus->commit({{Append{.queue = "none", .pieces = {}}}}, {}, 3000));
  CHECK(bus->has_queue("none").value());
  CHECK(bus->queue("none").value()->events == 0);
  CHECK(bus->queue("q").value()->events == 3);
}

void trimmed_from_the_front(const OpenBus& open) {
  const auto bus = open();
  for (const int64_t ms : {1000, 2000, 3000}) {
    REQUIRE(bus->commit({{append_of("q", {"1", "2"})}}, {}, ms));
  }
  CHECK(!bus->trimmed("q")->has_value());
  // Whole blocks only.
  CHECK(bus->trim("q", {.ms = 2000, .sequence = 1}).value() == 2);
  CHECK(bus->trimmed("q").value() == Eid{1000, 1});
  CHECK(events_of(*bus, "q").size() == 4);
  CHECK(bus->trim("q", {.ms = 1000, .sequence = 1}).value() == 0);
  CHECK(bus->trim("q", {.ms = 9000}).value() == 4);
  // An empty queue knows how far it had come.
  CHECK(bus->queue("q").value()->last == Eid{3000, 1});
  REQUIRE(bus->commit({{append_of("q", {"3"})}}, {}, 1000));
  CHECK(events_of(*bus, "q") == Rows{at(3000, 2, "3")});
  CHECK(bus->remove_queue("q").value());
  CHECK(!bus->remove_queue("q").value());
  CHECK(events_of(*bus, "q").empty());
}

void trimmed_in_steps(const OpenBus& open) {
  const auto bus = open();
  for (int64_t ms = 1001; ms <= 1150; ++ms) {
    REQUIRE(bus->commit({{append_of("q", {"1", "2"})}}, {}, ms));
  }
  uint64_t gone = 0;
  uint64_t steps = 0;
  for (uint64_t events = 1; events > 0; gone += events, ++steps) {
    events = bus->trim("q", {.ms = 1141}).value();
    // Each step is whole.
    CHECK(bus->queue("q").value()->events == 300 - gone - events);
    if (events > 0) CHECK(bus->trimmed("q").value()->after(1) < *bus->queue("q").value()->first);
  }
  CHECK(gone == 280);
  CHECK(steps > 2);
  CHECK(bus->queue("q").value()->first == Eid{1141, 0});
  REQUIRE(bus->give_back());
}

void marks_only_move_on(const OpenBus& open) {
  const auto bus = open();
  REQUIRE(bus->mark("q", {.last = Eid{2000, 3}, .trimmed = Eid{1000, 1}}));
  CHECK(bus->queue("q").value()->last == Eid{2000, 3});
  CHECK(bus->queue("q").value()->events == 0);
  CHECK(bus->trimmed("q").value() == Eid{1000, 1});
  REQUIRE(bus->mark("q", {.last = Eid{1000, 0}, .trimmed = {}}));
  CHECK(bus->queue("q").value()->last == Eid{2000, 3});
  CHECK(bus->trimmed("q").value() == Eid{1000, 1});
  REQUIRE(bus->commit({{append_of("q", {"1"})}}, {}, 1500));
  CHECK(events_of(*bus, "q") == Rows{at(2000, 4, "1")});
  REQUIRE(bus->mark("empty", {}));
  CHECK(!bus->queue("empty").value()->last);
  CHECK(!bus->trimmed("empty")->has_value());
}

void what_lies_behind(const OpenBus& open) {
  const auto bus = open();
  REQUIRE(bus->commit({{append_of("q", {"1", "2", "3", "4"})}}, {}, 1000));
  REQUIRE(bus->commit({{append_of("q", {"5"})}}, {}, 2000));
  const auto events = [&](std::optional<Eid> position) {
    return bus->behind("q", position)->events;
  };
  CHECK(events(std::nullopt) == 5);
  CHECK(events(Eid{1000, 0}) == 4);
  CHECK(events(Eid{1000, 2}) == 2);
  CHECK(events(Eid{1000, 3}) == 1);
  CHECK(events(Eid{2000, 0}) == 0);
  CHECK(events(Eid{0, 0}) == 5);
  CHECK(bus->behind("q", Eid{1000, 3})->oldest == Eid{2000, 0});
  CHECK(bus->behind("q", Eid{1000, 1})->oldest == Eid{1000, 2});
  CHECK(bus->behind("q", Eid{1000, 1})->payload_bytes == 6);
  CHECK(!bus->behind("q", Eid{2000, 0})->oldest);
  CHECK(bus->behind("none", std::nullopt)->events == 0);
}

void given_eids(const OpenBus& open) {
  const auto bus = open();
  BlockBuilder builder;
  for (const uint32_t sequence : {5U, 9U}) {
    BlockBuilder::Event event;
    event.payload = "1";
    event.eid = Eid{1000, sequence};
    builder.add(event);
  }
  Append append{.queue = "q", .pieces = {}};
  append.pieces.push_back({.block = builder.take(7), .first = Eid{1000, 5}, .last = Eid{1000, 9}});
  REQUIRE(bus->commit({{append}}, {}, 5000));
  CHECK(events_of(*bus, "q") == Rows{at(1000, 5, "1"), at(1000, 9, "1")});
  const auto again = bus->commit({{append}}, {}, 5000);
  REQUIRE(!again);
  CHECK(again.error().message.find("has come to " + std::string(kMinute) + "1000-0000009") !=
        std::string::npos);
  REQUIRE(bus->commit({{append_of("q", {"2"})}}, {}, 500));
  CHECK(events_of(*bus, "q").back() == at(1000, 10, "2"));
}

void event_times(const OpenBus& open) {
  const auto bus = open();
  for (const int64_t time : {100, 300, 200}) {
    BlockBuilder builder;
    const std::string payload = std::to_string(time);
    BlockBuilder::Event event;
    event.payload = payload;
    event.source_time = time;
    builder.add(event);
    Append append{.queue = "q", .pieces = {}};
    append.pieces.push_back({.block = builder.take(9)});
    REQUIRE(bus->commit({{append}}, {}, 1000));
  }
  const Reading reading{.from = {}, .before = {}, .event_time = Period{200, 300}};
  CHECK(events_of(*bus, "q", reading) == Rows{at(1000, 2, "200")});
  const Reading early{.from = {}, .before = Eid{1000, 1}, .event_time = {}};
  CHECK(events_of(*bus, "q", early) == Rows{at(1000, 0, "100")});
  // Without one, an event's time is when it was written, however long ago its block was made.
  REQUIRE(bus->commit({{append_of("q", {"late"}, 2000)}}, {}, 9000));
  const Reading late{.from = {}, .before = {}, .event_time = Period{9000, 9001}};
  CHECK(events_of(*bus, "q", late) == Rows{at(9000, 0, "late")});
}

void envelopes_alone(const OpenBus& open) {
  const auto bus = open();
  REQUIRE(bus->commit({{append_of("q", {"1", "2"})}}, {}, 1000));
  Reading reading;
  reading.envelopes_only = true;
  const auto stored = bus->read("q", reading);
  REQUIRE((stored && *stored));
  CHECK((*stored)->block.payloads.empty());
  Envelopes envelopes;
  REQUIRE(decode_envelopes((*stored)->block, (*stored)->first, envelopes));
  CHECK(envelopes.rows.size() == 2);
}

/// All events of a queue as whole envelopes.
Rows envelopes_of(Bus& bus, const std::string& queue) {
  Rows rows;
  Reading reading;
  for (auto stored = bus.read(queue, reading); stored && *stored;
       stored = bus.read(queue, reading)) {
    CHECK((*stored)->intact);
    const auto decoded = decode_block((*stored)->block, (*stored)->first);
    REQUIRE(decoded);
    for (size_t i = 0; i < (*decoded)->lines.size(); ++i) {
      const Envelope& envelope = (*decoded)->envelopes.rows[i];
      CHECK((envelope.source_time >= (*stored)->block.least_time &&
             envelope.source_time <= (*stored)->block.greatest_time));
      write_envelope(envelope, queue, (*decoded)->lines[i], rows.emplace_back());
    }
    reading.from = (*stored)->last.after(1);
  }
  return rows;
}

/// Joins all that can be joined. Answers in how many steps.
int compact_all(Bus& bus, const std::string& queue) {
  int steps = 0;
  for (std::optional<Eid> from = Eid(); from; ++steps) {
    const auto next = bus.compact(queue, *from);
    REQUIRE(next);
    CHECK((!*next || **next >= *from));
    from = *next;
  }
  return steps;
}

/// An event with everything that an envelope can have, or with little of it.
Append varied_append(int number) {
  BlockBuilder builder;
  const std::string payload = "{\"n\": " + std::to_string(number) + "}";
  const std::string start = eid_text({.ms = 1000 + number, .sequence = 3});
  for (int i = 0; i <= number % 3; ++i) {
    BlockBuilder::Event event;
    event.payload = payload;
    const std::string id = "bot" + std::to_string(number % 4);
    if (number % 2 == 0) event.id = id;
    if (number % 3 == 0) event.source_time = 500 - number;
    if (number % 5 == 0) event.written = 700 + number;
    if (number % 4 == 1) event.correlation = {.source = "p", .start = start, .end = {}, .units = 1};
    if (number % 4 == 2) event.correlation = {.source = "r", .start = "x", .end = "y", .units = -2};
    builder.add(event);
  }
  Append append{.queue = "q", .pieces = {}};
  append.pieces.push_back({.block = builder.take(900)});
  return append;
}

void small_blocks_are_joined(const OpenBus& open) {
  const auto bus = open();
  CHECK(compact_all(*bus, "none") == 1);
  CHECK(!bus->small_end("none", 1)->has_value());
  for (int i = 0; i < 60; ++i) {
    // Also a clock that stands, and one that goes back.
    const int64_t now = 2000 + i / 2 * 10 - (i % 7 == 0 ? 25 : 0);
    REQUIRE(bus->commit({{varied_append(i), append_of("other", {"1"})}},
                        {{move_of(i == 0 ? "" : std::to_string(i - 1), std::to_string(i))}}, now));
  }
  CHECK(bus->trim("q", {.ms = 2010}).value() > 0);
  const Rows before = envelopes_of(*bus, "q");
  const QueueFacts was = bus->queue("q")->value();
  const Rows other = envelopes_of(*bus, "other");
  std::vector<Eid> positions = {*bus->trimmed("q").value(), *was.first, was.first->after(1)};
  for (const std::string& row : events_of(*bus, "q")) {
    positions.push_back(*parse_eid(row.substr(0, row.find(' '))));
  }
  std::vector<uint64_t> behind;
  for (const Eid& position : positions) behind.push_back(bus->behind("q", position)->events);
  CHECK(bus->small_end("q", was.blocks)->value() == *was.first);
  CHECK(!bus->small_end("q", was.blocks + 1)->has_value());

  const auto follower = open();
  const auto fd = follower->wake_fd();
  REQUIRE(fd);
  follower->seen();
  CHECK(compact_all(*bus, "q") == 2);
  CHECK(!is_readable(*fd));
  CHECK(envelopes_of(*bus, "q") == before);
  CHECK(envelopes_of(*open(), "q") == before);
  CHECK(envelopes_of(*bus, "other") == other);
  const QueueFacts now = bus->queue("q")->value();
  CHECK(now.blocks == 1);
  CHECK(now.events == was.events);
  CHECK(now.payload_bytes == was.payload_bytes);
  CHECK(now.stored_bytes < was.stored_bytes);
  CHECK(now.first == was.first);
  CHECK(now.last == was.last);
  CHECK(bus->queue("other").value()->blocks == 60);
  CHECK(bus->checkpoint("b", "queue:q")->position == "59");
  // A place in the middle is as good as one between two blocks.
  for (size_t i = 0; i < positions.size(); ++i) {
    CAPTURE(i);
    CHECK(bus->behind("q", positions[i])->events == behind[i]);
    const Reading reading{.from = positions[i].after(1), .before = {}, .event_time = {}};
    const Rows rest = events_of(*bus, "q", reading);
    CHECK(rest.size() == behind[i]);
    const auto oldest = bus->behind("q", positions[i])->oldest;
    CHECK(oldest.has_value() == !rest.empty());
    if (oldest && i > 2) CHECK(rest.front().starts_with(eid_text(*oldest)));
  }
  CHECK(compact_all(*bus, "q") == 1);
  REQUIRE(bus->give_back());
  REQUIRE(bus->commit({{append_of("q", {"new"})}}, {}, 100));
  CHECK(events_of(*bus, "q").back() == eid_text(was.last->after(1)) + " new");
}

/// Large blocks stay as they are, and no block gets larger than others are made.
void full_blocks_stay(const OpenBus& open) {
  const auto bus = open();
  const std::string third(BlockBuilder::kBytes / 3, 'x');
  const std::string large(BlockBuilder::kBytes * 2, 'y');
  for (const std::string* const event : {&third, &large, &third, &third, &third, &third, &large}) {
    REQUIRE(bus->commit({{append_of("q", {*event})}}, {}, 1000));
  }
  const Rows before = events_of(*bus, "q");
  CHECK(!bus->small_end("q", 1)->has_value());
  compact_all(*bus, "q");
  CHECK(events_of(*bus, "q") == before);
  std::vector<uint32_t> counts;
  Reading reading;
  for (auto stored = bus->read("q", reading); stored && *stored; stored = bus->read("q", reading)) {
    counts.push_back((*stored)->block.count);
    reading.from = (*stored)->last.after(1);
  }
  CHECK(counts == std::vector<uint32_t>{1, 1, 3, 1, 1});
}

/// A writer, two that join, and one that follows it all see nothing of one another.
void joined_while_read(const OpenBus& open) {
  constexpr int kCommits = 300;
  std::atomic<bool> written = false;
  std::atomic<int> failed = 0;
  std::vector<std::thread> others;
  others.emplace_back([&] {
    const auto bus = open();
    for (int i = 0; i < kCommits; ++i) {
      const Rows events = {std::to_string(2 * i), std::to_string(2 * i + 1)};
      if (!bus->commit({{append_of("q", events)}}, {}, 1000 + i)) ++failed;
    }
    written = true;
  });
  for (int compactor = 0; compactor < 2; ++compactor) {
    others.emplace_back([&] {
      const auto bus = open();
      while (!written) {
        for (std::optional<Eid> from = Eid(); from;) {
          const auto next = bus->compact("q", *from);
          if (!next) ++failed;
          from = next ? *next : std::nullopt;
        }
      }
    });
  }
  const auto reader = open();
  Reading reading;
  int seen = 0;
  bool right = true;
  while (seen < 2 * kCommits && right && failed == 0) {
    const auto stored = reader->read("q", reading);
    REQUIRE(stored);
    if (!*stored) continue;
    const auto decoded = decode_block((*stored)->block, (*stored)->first);
    REQUIRE(((*stored)->intact && decoded));
    for (size_t i = 0; i < (*decoded)->lines.size(); ++i) {
      if ((*decoded)->envelopes.rows[i].eid < reading.from) continue;
      right = right && (*decoded)->lines[i] == std::to_string(seen++);
    }
    const uint64_t left = reader->behind("q", (*stored)->last)->events;
    right = right && static_cast<uint64_t>(seen) + left <= 2 * kCommits;
    reading.from = (*stored)->last.after(1);
  }
  for (std::thread& other : others) other.join();
  CHECK(right);
  CHECK(failed == 0);
  CHECK(seen == 2 * kCommits);
  compact_all(*reader, "q");
  CHECK(reader->queue("q").value()->blocks == 1);
  CHECK(events_of(*reader, "q").size() == 2 * kCommits);
}

void followers_are_woken(const OpenBus& open) {
  const auto reader = open();
  const auto writer = open();
  const auto fd = reader->wake_fd();
  REQUIRE(fd);
  reader->seen();
  CHECK(!is_readable(*fd));
  REQUIRE(writer->commit({{append_of("q", {"1"})}}, {}, 1000));
  CHECK(is_readable(*fd));
  reader->seen();
  CHECK(!is_readable(*fd));
}

/// Writers at once: all get through, each in its own order.
void writers_take_turns(const OpenBus& open) {
  constexpr int kWriters = 4;
  constexpr int kCommits = 25;
  std::atomic<int> failed = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      const auto bus = open();
      for (int i = 0; i < kCommits; ++i) {
        const std::string event = std::to_string(w) + std::to_string(1000 + i);
        if (!bus->commit({{append_of("q", {event})}}, {}, 1000)) ++failed;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(failed == 0);
  std::map<char, int> next;
  for (const std::string& row : events_of(*open(), "q")) {
    const std::string event = row.substr(row.find(' ') + 1);
    CHECK(event.substr(1) == std::to_string(1000 + next[event[0]]++));
  }
  for (int w = 0; w < kWriters; ++w) CHECK(next[static_cast<char>('0' + w)] == kCommits);
}

}  // namespace

void run_bus_suite(const std::function<OpenBus()>& fresh) {
  run_bots_suite(fresh);
  SUBCASE("what is appended is there, in order, and eids never go back") {
    appended_in_order(fresh());
  }
  SUBCASE("queues and their facts") { facts_of_queues(fresh()); }
  SUBCASE("old blocks are trimmed, and eids go on behind them") { trimmed_from_the_front(fresh()); }
  SUBCASE("many blocks are trimmed step by step") { trimmed_in_steps(fresh()); }
  SUBCASE("how far a queue has come can be told, but not back") { marks_only_move_on(fresh()); }
  SUBCASE("how much lies behind a position") { what_lies_behind(fresh()); }
  SUBCASE("events may bring their eids, if these only grow") { given_eids(fresh()); }
  SUBCASE("blocks are found by event time, and up to an eid") { event_times(fresh()); }
  SUBCASE("envelopes can be had without payloads") { envelopes_alone(fresh()); }
  SUBCASE("small blocks are joined, and nobody notices") { small_blocks_are_joined(fresh()); }
  SUBCASE("large blocks stay as they are") { full_blocks_stay(fresh()); }
  SUBCASE("blocks are joined under writers and readers") { joined_while_read(fresh()); }
  SUBCASE("who follows is woken by a commit") { followers_are_woken(fresh()); }
  SUBCASE("writers take turns") { writers_take_turns(fresh()); }
  SUBCASE("random operations agree with a model") { run_model_suite(fresh); }
}

}  // namespace weir
