#include "bus/salvage.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/scratch.h"
#include "bus/sqlite.h"
#include "bus/suite.h"

using namespace weir;

namespace {

constexpr size_t kPage = 16'384;
constexpr const char* kQueues[] = {"a", "b", "c"};

/// A bus with three queues of three blocks, which do not shrink much.
std::string make_bus(const Scratch& scratch) {
  const std::string path = scratch.path("bus");
  auto bus = open_sqlite_bus(path, true);
  REQUIRE(bus);
  uint64_t state = 1;
  for (int64_t ms = 1000; ms <= 3000; ms += 1000) {
    for (const char* const queue : kQueues) {
      std::vector<std::string> events;
      for (int i = 0; i < 700; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        events.push_back(std::to_string(state));
      }
      const Append append = append_of(queue, events, ms);
      const Move move{.bot = "bot", .source = queue, .from = {}, .to = {.position = "1"}};
      const std::span<const Move> moves(&move, ms == 1000 ? 1 : 0);
      REQUIRE((*bus)->commit({&append, 1}, moves, ms));
    }
  }
  return path;
}

/// What can be had of a queue: "+EID" of each block, "-" for each that is damaged.
std::string blocks_of(Salvage& salvage, const std::string& queue) {
  std::string all;
  while (const auto found = salvage.next(queue)) {
    all += found->damage.empty() ? "+" + std::to_string(found->piece.first->ms) : "-";
    CHECK(found->damage.empty() == (found->piece.block.count == 700));
  }
  return all;
}

/// The file with nothing but zeros in a page, the first of which is 0.
std::string without_page(std::string file, size_t page) {
  return file.replace(page * kPage, kPage, kPage, '\0');
}

}  // namespace

TEST_CASE("a bus that is whole is read whole") {
  const Scratch scratch;
  auto salvage = open_sqlite_salvage(make_bus(scratch));
  REQUIRE(salvage);
  CHECK((*salvage)->damage().empty());
  CHECK((*salvage)->queues() == std::vector<std::string>{"a", "b", "c"});
  for (const char* const queue : kQueues) {
    CHECK(blocks_of(**salvage, queue) == "+1000+2000+3000");
  }
  CHECK(blocks_of(**salvage, "none").empty());
  CHECK((*salvage)->bots()->size() == 1);
}

TEST_CASE("how far a queue had come can be had, also of one that is empty") {
  const Scratch scratch;
  const std::string path = make_bus(scratch);
  {
    auto bus = open_sqlite_bus(path, false);
    REQUIRE(bus);
    REQUIRE((*bus)->trim("a", {.ms = 2500}));
    REQUIRE((*bus)->trim("b", {.ms = 9000}));
  }
  auto salvage = open_sqlite_salvage(path);
  REQUIRE(salvage);
  CHECK((*salvage)->marks("a").last == Eid{3000, 699});
  CHECK((*salvage)->marks("a").trimmed == Eid{2000, 699});
  CHECK((*salvage)->marks("b").last == Eid{3000, 699});
  CHECK((*salvage)->marks("b").trimmed == Eid{3000, 699});
  CHECK(!(*salvage)->marks("c").trimmed);
  CHECK(!(*salvage)->marks("none").last);
}

TEST_CASE("of a damaged block it is known what is lost with it") {
  const Scratch scratch;
  const std::string path = make_bus(scratch);
  {
    Database database;
    REQUIRE(database.open(path));
    REQUIRE(database.run("UPDATE blocks SET checksum = checksum + 1 WHERE queue = 2 AND id < 7"));
  }
  auto salvage = open_sqlite_salvage(path);
  REQUIRE(salvage);
  std::vector<std::pair<uint64_t, std::optional<Eid>>> lost;
  while (const auto found = (*salvage)->next("b")) lost.emplace_back(found->lost, found->last_lost);
  CHECK(lost == std::vector<std::pair<uint64_t, std::optional<Eid>>>{
                    {700, Eid{1000, 699}}, {700, Eid{2000, 699}}, {0, {}}});
}

TEST_CASE("what others do to the bus meanwhile does not show") {
  const Scratch scratch;
  const std::string path = scratch.path("bus");
  auto bus = open_sqlite_bus(path, true);
  REQUIRE(bus);
  for (int64_t ms = 1; ms <= 9; ++ms) {
    const Append append = append_of("q", {"1"}, ms);
    REQUIRE((*bus)->commit({&append, 1}, {}, ms));
  }
  auto salvage = open_sqlite_salvage(path);
  REQUIRE(salvage);
  uint64_t events = (*salvage)->next("q")->piece.block.count;
  REQUIRE((*bus)->compact("q", {}));
  REQUIRE((*bus)->queue("q").value_or(std::nullopt)->blocks == 1);
  while (const auto found = (*salvage)->next("q")) {
    CHECK(found->damage == "");
    events += found->piece.block.count;
  }
  CHECK(events == 9);
}

TEST_CASE("a bus whose last pages wait beside it is whole") {
  const Scratch scratch;
  const std::string path = make_bus(scratch);
  {
    // Every page is written once more, and none of them is taken into the file.
    Database database;
    REQUIRE(database.open(path));
    REQUIRE(database.run("PRAGMA wal_autocheckpoint=0; VACUUM"));
    sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  scratch.write("bus", scratch.read("bus").substr(0, 3 * kPage));
  auto salvage = open_sqlite_salvage(path);
  REQUIRE(salvage);
  CHECK((*salvage)->damage().empty());
  for (const char* const queue : kQueues) {
    CHECK(blocks_of(**salvage, queue) == "+1000+2000+3000");
  }
}

TEST_CASE("wherever a bus is cut off, that is said, and what lies before can be had") {
  const Scratch scratch;
  const std::string path = make_bus(scratch);
  const std::string whole = scratch.read("bus");
  size_t before = 0;
  bool opened = false;
  for (size_t size = 1; size < whole.size(); size += 1021) {
    CAPTURE(size);
    scratch.write("bus", whole.substr(0, size));
    if (size > 1 && whole.size() - size > kPage) {
      auto bus = open_sqlite_bus(path, false);
      REQUIRE_FALSE(bus);
      CHECK(bus.error().message == path + ": is cut off: " + std::to_string(size) + " of its " +
                                       std::to_string(whole.size()) +
                                       " bytes are there; 'weir queue fsck' tells what is left");
    }
    auto salvage = open_sqlite_salvage(path);
    size_t found = 0;
    if (salvage) {
      opened = true;
      CHECK((*salvage)->damage() == "is cut off: " + std::to_string(size) + " of its " +
                                        std::to_string(whole.size()) + " bytes are there");
      for (const char* const queue : kQueues) {
        const std::string blocks = blocks_of(**salvage, queue);
        found += static_cast<size_t>(std::ranges::count(blocks, '+'));
      }
    } else if (size > 1) {
      CHECK(salvage.error().message.substr(path.size()) ==
            ": is cut off: " + std::to_string(size) + " of its " + std::to_string(whole.size()) +
                " bytes are there, and nothing of it can be read");
    }
    CHECK(found >= before);
    CHECK((salvage || !opened));
    before = found;
    // It is looked at, and no more.
    salvage = {};
    CHECK(scratch.read("bus").size() == size);
  }
  CHECK(before >= 7);
}

TEST_CASE("where the index of the blocks is damaged, they are found without it") {
  const Scratch scratch;
  const std::string path = make_bus(scratch);
  int64_t page = 0;
  {
    Database database;
    REQUIRE(database.open(path));
    Statement root(database, "SELECT rootpage FROM sqlite_schema WHERE name = 'blocks_by_eid'");
    REQUIRE(root.bind());
    REQUIRE(root.step());
    page = root.number(0);
  }
  scratch.write("bus", without_page(scratch.read("bus"), static_cast<size_t>(page - 1)));
  auto salvage = open_sqlite_salvage(path);
  REQUIRE(salvage);
  CHECK((*salvage)->damage().starts_with("is damaged ("));
  CHECK((*salvage)->next("a")->damage ==
        "the index of its blocks is damaged; those are looked for one by one");
  for (const char* const queue : {"b", "c", "a"}) {
    CHECK(blocks_of(**salvage, queue) == "-+1000+2000+3000");
  }
  // Who uses the bus is told where to look.
  auto bus = open_sqlite_bus(path, false);
  REQUIRE(bus);
  const auto read = (*bus)->read("a", {});
  REQUIRE_FALSE(read);
  CHECK(read.error().message == path +
                                    ": is damaged (database disk image is malformed); 'weir queue "
                                    "fsck' tells what is left");
}

TEST_CASE("whichever page is lost, what is found is as it was written") {
  const Scratch scratch;
  const std::string path = make_bus(scratch);
  const std::string whole = scratch.read("bus");
  size_t found = 0;
  for (size_t page = 1; page < whole.size() / kPage; ++page) {
    CAPTURE(page);
    scratch.write("bus", without_page(whole, page));
    auto salvage = open_sqlite_salvage(path);
    REQUIRE(salvage);
    // The second page tells which page belongs to which, and is not needed to read them.
    CHECK((*salvage)->damage().starts_with("is damaged ("));
    (void)(*salvage)->bots();
    for (const char* const queue : kQueues) {
      const std::string blocks = blocks_of(**salvage, queue);
      found += static_cast<size_t>(std::ranges::count(blocks, '+'));
    }
  }
  CHECK(found > whole.size() / kPage);
}

TEST_CASE("a flipped bit anywhere is told, or does no harm") {
  const Scratch scratch;
  const std::string path = make_bus(scratch);
  const std::string whole = scratch.read("bus");
  size_t told = 0;
  for (size_t at = 0; at < whole.size(); at += 61) {
    CAPTURE(at);
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1 << at % 8);
    if (flipped[at] == '\0' || whole[at] == '\0') continue;  // mostly what nothing lies in
    scratch.write("bus", flipped);
    auto salvage = open_sqlite_salvage(path);
    if (!salvage || !(*salvage)->damage().empty()) {
      ++told;
      continue;
    }
    const auto queues = (*salvage)->queues();
    REQUIRE(queues);
    bool is_told = false;
    std::string found;
    for (const std::string& queue : *queues) {
      is_told |= !(*salvage)->marks(queue).intact;
      while (const auto block = (*salvage)->next(queue)) {
        is_told |= !block->damage.empty();
        if (block->damage.empty()) found += queue + std::to_string(block->piece.first->ms);
      }
    }
    for (const BotFacts& bot : *(*salvage)->bots()) {
      for (const BotCheckpoint& one : bot.checkpoints) is_told |= !one.intact;
      for (const BotStateFacts& one : bot.states) {
        is_told |= !(*salvage)->state(bot.name, one.shard);
      }
    }
    if (!is_told) CHECK(found == "a1000a2000a3000b1000b2000b3000c1000c2000c3000");
    told += is_told ? 1 : 0;
  }
  CHECK(told > 500);
}

TEST_CASE("who reads misses a block that the index lacks, and it can be saved") {
  const Scratch scratch;
  const std::string path = make_bus(scratch);
  {
    Database database;
    REQUIRE(database.open(path));
    // The index is told to be one of a part of the table, and back again.
    REQUIRE(database.run(
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = sql || ' WHERE id <> 5' "
        "WHERE name = 'blocks_by_eid'"));
  }
  {
    Database database;
    REQUIRE(database.open(path));
    REQUIRE(
        database.run("REINDEX blocks_by_eid; PRAGMA writable_schema=ON; UPDATE sqlite_schema "
                     "SET sql = replace(sql, ' WHERE id <> 5', '') WHERE name = "
                     "'blocks_by_eid'"));
  }
  auto salvage = open_sqlite_salvage(path);
  REQUIRE(salvage);
  CHECK((*salvage)->damage() == "is damaged (row 5 missing from index blocks_by_eid)");
  CHECK(blocks_of(**salvage, "a") == "+1000+2000+3000");
  CHECK((*salvage)->next("b")->damage.empty());
  const auto second = (*salvage)->next("b");
  REQUIRE(second);
  CHECK(second->damage ==
        "the block from z/1970/01/01/00/00/2000-0000000 to z/1970/01/01/00/00/2000-0000699 (700 "
        "events) is not found by who reads: it is missing in the index");
  CHECK(second->piece.block.count == 700);
  CHECK((*salvage)->next("b")->piece.first->ms == 3000);
}

TEST_CASE("what is no bus is none to be saved") {
  const Scratch scratch;
  auto none = open_sqlite_salvage(scratch.path("none"));
  REQUIRE(none);
  CHECK(*none == nullptr);
  const std::string text = scratch.write("text", std::string(5000, 'x'));
  CHECK(open_sqlite_salvage(text).error().message ==
        text + ": is no bus, and no SQLite file at all");
  auto empty = open_sqlite_salvage(scratch.write("empty", ""));
  REQUIRE(empty);
  CHECK((*empty)->queues()->empty());
}
