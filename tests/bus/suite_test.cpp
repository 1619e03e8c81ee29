#include "bus/suite.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
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

Move move_of(const std::string& from, const std::string& to) {
  return {.bot = "b", .source = "queue:q", .from = from, .to = {.position = to, .records = 7}};
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

void checkpoints_compare_and_set(const OpenBus& open) {
  const auto bus = open();
  CHECK(bus->checkpoint("b", "queue:q")->position.empty());
  REQUIRE(bus->commit({}, {{move_of("", "x")}}, 1000));
  CHECK(bus->checkpoint("b", "queue:q")->position == "x");
  CHECK(bus->checkpoint("b", "queue:q")->records == 7);
  // The loser of a race writes nothing at all.
  const auto lost = bus->commit({{append_of("q", {"1"})}}, {{move_of("", "y")}}, 1000);
  REQUIRE(!lost);
  CHECK(lost.error().message ==
        "stale checkpoint: bot b stood at the beginning of queue:q when this run began, and has "
        "been moved to x since; nothing was written");
  CHECK(events_of(*bus, "q").empty());
  CHECK(!bus->queue("q")->has_value());
  REQUIRE(bus->commit({{append_of("q", {"1"})}}, {{move_of("x", "y")}}, 1000));
  CHECK(events_of(*open(), "q").size() == 1);
  CHECK(open()->checkpoint("b", "queue:q")->position == "y");
}

void bots_are_kept(const OpenBus& open) {
  const auto bus = open();
  REQUIRE(bus->commit({}, {{move_of("", "x")}}, 1000));
  REQUIRE(bus->pause_bot("a", true));
  auto bots = open()->bots();
  REQUIRE(bots);
  REQUIRE(bots->size() == 2);
  CHECK(bots->at(0).name == "a");
  CHECK(bots->at(0).paused);
  CHECK(bots->at(0).checkpoints.empty());
  CHECK(!bots->at(1).paused);
  CHECK(bots->at(1).checkpoints.at(0).source == "queue:q");
  CHECK(bus->is_paused("a").value());
  REQUIRE(bus->pause_bot("a", false));
  CHECK(!bus->is_paused("a").value());
  CHECK(!bus->is_paused("none").value());
  CHECK(bus->remove_bot("b").value());
  CHECK(!bus->remove_bot("b").value());
  CHECK(bus->checkpoint("b", "queue:q")->position.empty());
}

void bots_are_described(const OpenBus& open) {
  const auto bus = open();
  REQUIRE(bus->commit({}, {{move_of("", "x")}}, 1000));
  REQUIRE(bus->describe_bot("b", {.owner = "anna", .description = "bills"}));
  const auto bots = open()->bots();
  REQUIRE((bots && bots->size() == 1));
  CHECK(bots->front().words == BotWords{.owner = "anna", .description = "bills"});
  CHECK(bots->front().checkpoints.at(0).checkpoint.position == "x");
}

void queues_are_split(const OpenBus& open) {
  const auto bus = open();
  const Split wanted{.count = 2, .key = "user"};
  const std::string first = shard_source("queue:q", {.number = 1, .split = wanted});
  const std::string second = shard_source("queue:q", {.number = 2, .split = wanted});
  REQUIRE(bus->commit({}, {{move_of("", "x")}}, 1000));
  CHECK(!bus->split("b", "queue:q", std::nullopt)->has_value());
  CHECK(bus->split("b", "queue:q", wanted)->value() == wanted);
  // Each shard begins where the whole stood, which is no more.
  CHECK(bus->checkpoint("b", first)->position == "x");
  CHECK(bus->checkpoint("b", second)->position == "x");
  CHECK(bus->checkpoint("b", second)->records == 0);
  CHECK(bus->checkpoint("b", "queue:q")->position.empty());
  // What is split stays so, whatever another run wants.
  const auto again = open();
  CHECK(again->split("b", "queue:q", std::nullopt)->value() == wanted);
  CHECK(again->split("b", "queue:q", Split{.count = 3, .key = "user"})->value() == wanted);
  CHECK(again->split("b", "queue:q", Split{.count = 2, .key = "id"})->value() == wanted);
  CHECK(!again->split("b", "queue:qq", std::nullopt)->has_value());
  CHECK(!again->split("a", "queue:q", std::nullopt)->has_value());
  // A run that began before must not bring back what is gone.
  Move late = move_of("x", "y");
  CHECK(!bus->commit({}, {{late}}, 1000));
  const Move shard{
      .bot = "b", .source = first, .from = "x", .to = {.position = "y"}, .exists = true};
  REQUIRE(bus->commit({}, {{shard}}, 1000));
  const Move join{
      .bot = "b", .source = first, .from = "y", .to = {}, .exists = true, .forgets = true};
  const Move other{
      .bot = "b", .source = second, .from = "x", .to = {}, .exists = true, .forgets = true};
  REQUIRE(bus->commit({}, {{join, other, move_of("", "z")}}, 1000));
  CHECK(!bus->split("b", "queue:q", std::nullopt)->has_value());
  CHECK(bus->checkpoint("b", "queue:q")->position == "z");
  Move gone = shard;
  gone.from = "";
  CHECK(!bus->commit({}, {{gone}}, 1000));
}

void shards_are_locked(const OpenBus& open) {
  const auto one = open();
  const auto two = open();
  const auto whole = open();
  CHECK(one->lock_bot("b", 1).value());
  CHECK(!two->lock_bot("b", 1).value());
  CHECK(two->lock_bot("b", 2).value());
  CHECK(!whole->lock_bot("b").value());
  CHECK(whole->lock_bot("a").value());
  CHECK(!two->lock_bot("a", 1).value());
  CHECK(one->lock_output("to:/x").value());
  CHECK(!two->lock_output("to:/x").value());
}

void one_run_of_a_bot(const OpenBus& open) {
  const auto first = open();
  auto second = open();
  CHECK(first->lock_bot("b").value());
  CHECK(!second->lock_bot("b").value());
  CHECK(second->lock_bot("c").value());
  CHECK(!first->lock_bot("c").value());
  second.reset();
  CHECK(first->lock_bot("c").value());
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

/// Random operations on the bus, and on a model of it: events with eids, and one checkpoint.
void model(const OpenBus& open) {
  std::mt19937 random(20261128);
  const auto pick = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  struct Model {
    std::vector<std::pair<Eid, std::string>> events;
    std::optional<Eid> last;
    std::string position;
  } wanted;
  // Blocks as they lie there, since only whole ones are trimmed: how many events each has.
  std::vector<size_t> blocks;
  auto bus = open();
  int64_t now = 1'000'000;
  for (int step = 0; step < 300; ++step) {
    CAPTURE(step);
    now += pick(3) - 1;
    switch (pick(4)) {
      case 0:
      case 1: {
        Rows events;
        for (int i = pick(5); i >= 0; --i) events.push_back(std::to_string(step * 10 + i));
        const bool stale = pick(3) == 0;
        const std::string target = std::to_string(step);
        const std::string believed = stale ? "elsewhere" : wanted.position;
        const auto done =
            bus->commit({{append_of("q", events, now)}}, {{move_of(believed, target)}}, now);
        CHECK(done.has_value() == !stale);
        if (stale) break;
        Eid eid{now, 0};
        if (wanted.last && *wanted.last >= eid) eid = wanted.last->after(1);
        for (const std::string& event : events) {
          wanted.events.emplace_back(eid, event);
          wanted.last = eid;
          eid = eid.after(1);
        }
        blocks.push_back(events.size());
        wanted.position = target;
        break;
      }
      case 2: {
        if (wanted.events.empty()) break;
        const size_t upto = static_cast<size_t>(pick(static_cast<int>(wanted.events.size()) - 1));
        const Eid before = wanted.events[upto].first;
        size_t gone = 0;
        while (!blocks.empty() && gone + blocks.front() <= upto) {
          gone += blocks.front();
          blocks.erase(blocks.begin());
        }
        CHECK(bus->trim("q", before).value() == gone);
        wanted.events.erase(wanted.events.begin(),
                            wanted.events.begin() + static_cast<std::ptrdiff_t>(gone));
        break;
      }
      case 3:
        // As after a crash: nothing is left but what was committed.
        bus = open();
        break;
      default: {
        Reading reading;
        if (!wanted.events.empty()) {
          reading.from =
              wanted.events[static_cast<size_t>(pick(static_cast<int>(wanted.events.size()) - 1))]
                  .first;
        }
        Rows rows;
        for (const auto& [eid, event] : wanted.events) {
          if (eid >= reading.from) rows.push_back(at(eid.ms, eid.sequence, event));
        }
        CHECK(events_of(*bus, "q", reading) == rows);
        CHECK(bus->checkpoint("b", "queue:q")->position == wanted.position);
      }
    }
  }
  CHECK(wanted.last.has_value());
}

}  // namespace

void run_bus_suite(const std::function<OpenBus()>& fresh) {
  SUBCASE("what is appended is there, in order, and eids never go back") {
    appended_in_order(fresh());
  }
  SUBCASE("queues and their facts") { facts_of_queues(fresh()); }
  SUBCASE("checkpoints are compared and set, with what is written") {
    checkpoints_compare_and_set(fresh());
  }
  SUBCASE("bots are listed, paused and forgotten") { bots_are_kept(fresh()); }
  SUBCASE("bots are described") { bots_are_described(fresh()); }
  SUBCASE("a queue is split once, and joined again") { queues_are_split(fresh()); }
  SUBCASE("shards run side by side, and the whole bot alone") { shards_are_locked(fresh()); }
  SUBCASE("a bot is locked until its holder is gone") { one_run_of_a_bot(fresh()); }
  SUBCASE("old blocks are trimmed, and eids go on behind them") { trimmed_from_the_front(fresh()); }
  SUBCASE("how much lies behind a position") { what_lies_behind(fresh()); }
  SUBCASE("events may bring their eids, if these only grow") { given_eids(fresh()); }
  SUBCASE("blocks are found by event time, and up to an eid") { event_times(fresh()); }
  SUBCASE("envelopes can be had without payloads") { envelopes_alone(fresh()); }
  SUBCASE("who follows is woken by a commit") { followers_are_woken(fresh()); }
  SUBCASE("writers take turns") { writers_take_turns(fresh()); }
  SUBCASE("random operations agree with a model") { model(fresh()); }
}

}  // namespace weir
