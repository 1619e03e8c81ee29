#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/scratch.h"
#include "bus/bus.h"
#include "bus/salvage.h"
#include "bus/sqlite.h"
#include "bus/suite.h"

using namespace weir;

namespace {

std::string problem_of(const std::string& path) {
  auto bus = open_sqlite_bus(path, true);
  return bus ? "" : bus.error().message.substr(path.size());
}

void run_sql(const std::string& path, const std::string& sql) {
  Database database;
  REQUIRE(database.open(path));
  const auto done = database.run(sql);
  CAPTURE((done ? "" : done.error().message));
  REQUIRE(done);
}

}  // namespace

TEST_CASE("the bus in a SQLite file") {
  const Scratch scratch;
  int number = 0;
  run_bus_suite([&] {
    const std::string path = scratch.path("bus" + std::to_string(number++));
    return [path] {
      auto bus = open_sqlite_bus(path, true);
      REQUIRE(bus);
      return std::move(*bus);
    };
  });
}

TEST_CASE("a bus is made by who writes, with its folders, for its owner alone") {
  const Scratch scratch;
  const std::string path = scratch.path("a/b/weir.bus");
  CHECK(open_sqlite_bus(path, false).value() == nullptr);
  CHECK(!scratch.has("a"));
  REQUIRE(open_sqlite_bus(path, true));
  struct stat status {};
  for (const char* const ending : {"", "-lock"}) {
    REQUIRE(stat((path + ending).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
  REQUIRE(stat(scratch.path("a/b").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  CHECK(open_sqlite_bus(path, false).value() != nullptr);
}

TEST_CASE("what is no bus is refused, and a later version's too") {
  const Scratch scratch;
  CHECK(problem_of(scratch.path(".")) == ": is no regular file, so it is no bus");
  CHECK(problem_of(scratch.write("text", std::string(5000, 'x'))) ==
        ": is no bus, and no SQLite file at all");
  run_sql(scratch.path("other"), "CREATE TABLE songs(name TEXT)");
  CHECK(problem_of(scratch.path("other")) ==
        ": is a SQLite file, but no bus (it has a table 'songs')");
  const std::string path = scratch.path("later");
  REQUIRE(open_sqlite_bus(path, true));
  run_sql(path, "PRAGMA user_version=5");
  CHECK(problem_of(path) ==
        ": is a bus of version 5, and this weir knows version 4: use the weir that wrote it, or a "
        "later one");
}

TEST_CASE("a bus of an earlier version is brought up to date, with all that is in it") {
  const Scratch scratch;
  const std::string back_to_3 =
      "DROP TABLE states; DROP TABLE state_entries; PRAGMA user_version=3;";
  const std::string back_to_2 =
      back_to_3 +
      "ALTER TABLE queues DROP COLUMN checksum; ALTER TABLE checkpoints DROP COLUMN checksum; "
      "PRAGMA user_version=2;";
  std::string back;
  SUBCASE("version 3") { back = back_to_3; }
  SUBCASE("version 2") { back = back_to_2; }
  SUBCASE("version 1") {
    back = back_to_2 +
           "ALTER TABLE bots DROP COLUMN owner; ALTER TABLE bots DROP COLUMN description; "
           "PRAGMA user_version=1";
  }
  const std::string path = scratch.path("bus");
  const Move move{.bot = "b", .source = "queue:q", .from = "", .to = {.position = "x"}};
  REQUIRE(open_sqlite_bus(path, true).value()->commit({{append_of("q", {"1"})}}, {{move}}, 1000));
  run_sql(path, back);
  for (int i = 0; i < 2; ++i) {
    auto bus = open_sqlite_bus(path, true);
    REQUIRE(bus);
    CHECK(events_of(**bus, "q").size() == 1);
    CHECK((*bus)->checkpoint("b", "queue:q")->position == "x");
    REQUIRE((*bus)->describe_bot("b", {.owner = "anna", .description = ""}));
    CHECK((*bus)->bots()->front().words.owner == "anna");
    CHECK((*bus)->bots()->front().checkpoints.front().intact);
    CHECK((*bus)->state("b", 0)->version == 0);
  }
  auto salvage = open_sqlite_salvage(path);
  REQUIRE(salvage);
  CHECK((*salvage)->damage() == "");
  CHECK((*salvage)->marks("q").intact);
}

TEST_CASE("what a bot or a queue remembers is not believed if it is damaged") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  auto bus = open_sqlite_bus(path, true);
  REQUIRE(bus);
  const Move move{.bot = "b", .source = "queue:q", .from = "", .to = {.position = "x"}};
  REQUIRE((*bus)->commit({{append_of("q", {"1"})}}, {{move}}, 1000));
  run_sql(path, "UPDATE checkpoints SET checkpoint = 'y'");
  CHECK(
      (*bus)->checkpoint("b", "queue:q").error().message ==
      "bot b: its checkpoint in queue:q is damaged: 'weir bot reset b --source queue:q --to WHEN' "
      "sets it anew");
  CHECK_FALSE((*bus)->bots()->front().checkpoints.front().intact);
  const Move anew{.bot = "b", .source = "queue:q", .from = "y", .to = {.position = "z"}};
  REQUIRE((*bus)->commit({}, {{anew}}, 2000));
  CHECK((*bus)->checkpoint("b", "queue:q")->position == "z");

  run_sql(path, "UPDATE queues SET last_eid = 'z/2026/11/23/10/00/1795428000000-0000000'");
  const auto done = (*bus)->commit({{append_of("q", {"2"})}}, {}, 3000);
  REQUIRE_FALSE(done);
  CHECK(done.error().message ==
        "queue:q: how far it has come is damaged; 'weir queue fsck' tells what is left");
  CHECK_FALSE((*open_sqlite_salvage(path))->marks("q").intact);
}

TEST_CASE("what the stages of a bot hold is not believed if it is damaged") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  auto bus = open_sqlite_bus(path, true);
  REQUIRE(bus);
  const StateMove move{.bot = "b", .pipeline = "batch", .changes = {{1, "k", "v"}, {1, "l", "w"}}};
  REQUIRE((*bus)->commit({}, {}, {{move}}, 1000));
  std::string damage;
  SUBCASE("a value") { damage = "UPDATE state_entries SET value = 'x' WHERE key = 'k'"; }
  SUBCASE("a key") { damage = "UPDATE state_entries SET key = 'm' WHERE key = 'k'"; }
  SUBCASE("a name") { damage = "UPDATE state_entries SET bot = 'c' WHERE key = 'k'"; }
  SUBCASE("one is gone") { damage = "DELETE FROM state_entries WHERE key = 'k'"; }
  SUBCASE("its head") { damage = "UPDATE states SET pipeline = 'sample'"; }
  SUBCASE("the name of its head") { damage = "UPDATE states SET bot = 'c'"; }
  run_sql(path, damage);
  CHECK((*bus)->state("b", 0).error().message ==
        "bot b: what its stages hold is damaged: 'weir bot reset b --state' forgets it");
  const auto salvage = open_sqlite_salvage(path);
  REQUIRE(salvage);
  const auto bots = (*salvage)->bots();
  REQUIRE(bots);
  bool is_told = false;
  for (const BotFacts& bot : *bots) {
    for (const BotStateFacts& state : bot.states) {
      is_told |= !(*salvage)->state(bot.name, state.shard);
    }
  }
  CHECK(is_told);
}

TEST_CASE("what a bus cannot be made of") {
  const Scratch scratch;
  scratch.write("file", "");
  const std::string path = scratch.path("file/bus");
  CHECK(problem_of(path) == ": cannot be made: not a directory");
}

TEST_CASE("a damaged block is seen, and the others are still there") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  {
    auto bus = open_sqlite_bus(path, true);
    REQUIRE(bus);
    for (const int64_t ms : {1000, 2000, 3000}) {
      REQUIRE((*bus)->commit({{append_of("q", {"1", "2"})}}, {}, ms));
    }
  }
  run_sql(path, "UPDATE blocks SET payloads = zeroblob(length(payloads)) WHERE id = 2");
  auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  Reading reading;
  std::vector<bool> intact;
  for (auto stored = (*bus)->read("q", reading); stored && *stored;
       stored = (*bus)->read("q", reading)) {
    intact.push_back((*stored)->intact);
    reading.from = (*stored)->last.after(1);
  }
  CHECK(intact == std::vector<bool>{true, false, true});
}

TEST_CASE("a damaged block is not joined with others, and joining gives room back") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  auto bus = open_sqlite_bus(path, true);
  REQUIRE(bus);
  for (int64_t ms = 1001; ms <= 1400; ++ms) {
    REQUIRE((*bus)->commit({{append_of("q", {"1", "2"})}}, {}, ms));
  }
  run_sql(path, "UPDATE blocks SET payloads = zeroblob(length(payloads)) WHERE id = 200");
  for (std::optional<Eid> from = Eid(); from;) {
    const auto next = (*bus)->compact("q", *from);
    REQUIRE(next);
    from = *next;
  }
  CHECK((*bus)->queue("q").value()->blocks == 3);
  CHECK((*bus)->queue("q").value()->events == 800);
  Reading reading;
  std::vector<std::pair<uint32_t, bool>> found;
  for (auto stored = (*bus)->read("q", reading); stored && *stored;
       stored = (*bus)->read("q", reading)) {
    found.emplace_back((*stored)->block.count, (*stored)->intact);
    reading.from = (*stored)->last.after(1);
  }
  CHECK(found == std::vector<std::pair<uint32_t, bool>>{{398, true}, {2, false}, {400, true}});
  struct stat before {};
  REQUIRE((*bus)->give_back());
  REQUIRE(stat(path.c_str(), &before) == 0);
  CHECK(before.st_size < 300'000);
}

TEST_CASE("a bus is opened without a write, and removing gives room back") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  uint64_t state = 1;
  std::vector<std::string> events;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    events.push_back(std::to_string(state));
  }
  {
    auto bus = open_sqlite_bus(path, true);
    REQUIRE(bus);
    for (const int64_t ms : {1000, 2000, 3000}) {
      REQUIRE((*bus)->commit({{append_of("q", events)}}, {}, ms));
    }
  }
  const std::string before = scratch.read("bus");
  {
    auto bus = open_sqlite_bus(path, false);
    REQUIRE(bus);
    CHECK((*bus)->queue("q").value()->events == 60'000);
    struct stat log {};
    REQUIRE(stat((path + "-wal").c_str(), &log) == 0);
    CHECK(log.st_size == 0);
  }
  CHECK(scratch.read("bus") == before);
  {
    auto bus = open_sqlite_bus(path, false);
    REQUIRE(bus);
    CHECK((*bus)->trim("q", {.ms = 2500}).value() == 40'000);
    // What is removed costs little: nothing is written over it.
    struct stat log {};
    REQUIRE(stat((path + "-wal").c_str(), &log) == 0);
    CHECK(log.st_size < 200'000);
    REQUIRE((*bus)->give_back());
  }
  CHECK(scratch.read("bus").size() < before.size() / 2);
  CHECK(events_of(*open_sqlite_bus(path, false).value(), "q").size() == 20'000);
}

TEST_CASE("whoever has a bus alone keeps others out until then") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  REQUIRE(open_sqlite_bus(path, true).value()->commit({{append_of("q", {"1"})}}, {}, 1000));
  const auto count = [](Database& database) {
    Statement asked(database, "SELECT count(*) FROM blocks");
    const auto bound = asked.bind();
    const auto row = bound ? asked.step() : Result<bool>(std::unexpected(bound.error()));
    return row ? asked.number(0) : -1;
  };
  {
    Database alone;
    REQUIRE(alone.open(path));
    REQUIRE(alone.open_alone());
    CHECK(count(alone) == 1);
    CHECK(!scratch.has("bus-shm"));
    Database other;
    REQUIRE(other.open(path));
    sqlite3_busy_timeout(other.handle(), 0);
    CHECK(count(other) == -1);
  }
  Database other;
  REQUIRE(other.open(path));
  CHECK(count(other) == 1);
}

TEST_CASE("any changed byte of a block shows") {
  BlockBuilder builder;
  for (int i = 0; i < 50; ++i) {
    const std::string payload = "{\"n\":" + std::to_string(i * i) + "}";
    BlockBuilder::Event event;
    event.payload = payload;
    event.id = "bot";
    builder.add(event);
  }
  const Block block = builder.take(1000);
  for (size_t i = 0; i < block.payloads.size(); ++i) {
    Block damaged = block;
    damaged.payloads[i] = static_cast<char>(damaged.payloads[i] ^ 0x10);
    std::string to(block.payload_bytes, '\0');
    std::string whole = to;
    REQUIRE(decode_payloads(block, whole.data()));
    CHECK((!decode_payloads(damaged, to.data()) || to == whole));
  }
  for (size_t i = 0; i < block.envelopes.size(); ++i) {
    Block damaged = block;
    damaged.envelopes[i] = static_cast<char>(damaged.envelopes[i] ^ 0x10);
    Envelopes out;
    if (decode_envelopes(damaged, {1000, 0}, out)) CHECK(out.rows.size() == 50);
  }
}
