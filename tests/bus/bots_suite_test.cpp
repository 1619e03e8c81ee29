// The part of the suite that is about bots and what they remember.
#include <doctest/doctest.h>

#include <algorithm>

#include "bus/suite.h"

namespace weir {

namespace {

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

/// "1 KEY=VALUE, ..."
std::string entries_of(const BotState& state) {
  std::string text;
  for (const StateEntry& entry : state.entries) {
    text += (text.empty() ? "" : ", ") + std::to_string(entry.stage) + " " + entry.key + "=" +
            entry.value;
  }
  return text;
}

void states_compare_and_set(const OpenBus& open) {
  const auto bus = open();
  CHECK(bus->state("b", 0)->version == 0);
  CHECK(bus->state("b", 0)->entries.empty());
  StateMove move{.bot = "b", .pipeline = "batch", .changes = {{2, "k", "two"}, {1, "k", "one"}}};
  REQUIRE(bus->commit({{append_of("q", {"1"})}}, {{move_of("", "x")}}, {{move}}, 1000));
  CHECK(entries_of(*open()->state("b", 0)) == "1 k=one, 2 k=two");
  CHECK(open()->state("b", 0)->version == 1);
  CHECK(open()->state("b", 0)->pipeline == "batch");
  // The loser of a race writes nothing at all, whatever else it has.
  const auto lost = bus->commit({{append_of("q", {"2"})}}, {{move_of("x", "y")}}, {{move}}, 1000);
  REQUIRE(!lost);
  CHECK(lost.error().message ==
        "stale checkpoint: what bot b holds was changed since this run began; nothing was written");
  CHECK(events_of(*bus, "q").size() == 1);
  CHECK(bus->checkpoint("b", "queue:q")->position == "x");
  // A new value, a new entry, one that goes, and one that is not there.
  move = {.bot = "b",
          .from = 1,
          .pipeline = "batch",
          .changes = {{1, "k", std::string("\0\n", 2)},
                      {1, "a", ""},
                      {2, "k", std::nullopt},
                      {2, "none", std::nullopt}}};
  REQUIRE(bus->commit({}, {}, {{move}}, 1000));
  CHECK(entries_of(*open()->state("b", 0)) == "1 a=, 1 k=" + std::string("\0\n", 2));
  // Each shard has its own.
  const StateMove shard{.bot = "b", .shard = 2, .pipeline = "batch", .changes = {{1, "s", "2"}}};
  REQUIRE(bus->commit({}, {}, {{shard}}, 1000));
  CHECK(entries_of(*bus->state("b", 2)) == "1 s=2");
  const auto bots = open()->bots();
  REQUIRE((bots && bots->size() == 1 && bots->front().states.size() == 2));
  CHECK(bots->front().states.at(0).entries == 2);
  CHECK(bots->front().states.at(1).shard == 2);
  CHECK(bots->front().states.at(1).version == 1);
  // What is forgotten stays counted: a run that began before must not bring it back.
  const StateMove forget{.bot = "b", .from = 2, .forgets = true};
  REQUIRE(bus->commit({}, {}, {{forget}}, 1000));
  CHECK(bus->state("b", 0)->entries.empty());
  CHECK(bus->state("b", 0)->version == 3);
  CHECK(entries_of(*bus->state("b", 2)) == "1 s=2");
  CHECK(bus->remove_bot("b").value());
  CHECK(bus->state("b", 2)->version == 0);
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
  CHECK(whole->is_running("b").value());
  CHECK(whole->lock_bot("d").value());
  CHECK(!whole->is_running("d").value());
  CHECK(one->is_running("d").value());
  CHECK(!one->is_running("e").value());
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

}  // namespace

void run_bots_suite(const std::function<OpenBus()>& fresh) {
  SUBCASE("checkpoints are compared and set, with what is written") {
    checkpoints_compare_and_set(fresh());
  }
  SUBCASE("bots are listed, paused and forgotten") { bots_are_kept(fresh()); }
  SUBCASE("bots are described") { bots_are_described(fresh()); }
  SUBCASE("states are compared and set, with what is written") { states_compare_and_set(fresh()); }
  SUBCASE("a queue is split once, and joined again") { queues_are_split(fresh()); }
  SUBCASE("shards run side by side, and the whole bot alone") { shards_are_locked(fresh()); }
  SUBCASE("a bot is locked until its holder is gone") { one_run_of_a_bot(fresh()); }
}

}  // namespace weir
