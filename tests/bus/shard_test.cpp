#include "bus/shard.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "event/json_value.h"
#include "event/key.h"

using namespace weir;

namespace {

uint32_t shard_of_json(std::string_view json, uint32_t count) {
  Arena arena;
  std::string key;
  REQUIRE(append_key(read_json_value(json, arena), key) == "");
  return shard_of(key, count);
}

}  // namespace

TEST_CASE("which shard a key belongs to never changes") {
  const std::array<std::string_view, 6> keys = {"null", "1", "\"1\"", "\"anna\"", "0.5", "[1,2]"};
  std::string found;
  for (const std::string_view key : keys) {
    for (const uint32_t count : {1U, 2U, 3U, 16U, 1000U}) {
      found += std::to_string(shard_of_json(key, count)) + " ";
    }
  }
  CHECK(found == "1 1 3 1 257 1 1 2 11 875 1 2 3 2 938 1 1 1 13 413 1 2 1 10 266 1 2 3 10 698 ");
  CHECK(shard_of_json("1", 7) == shard_of_json("1.0", 7));
}

TEST_CASE("shards get about as many keys each, also of keys that are alike") {
  for (const uint32_t count : {2U, 3U, 4U, 16U}) {
    for (const int step : {1, 2, 16, 1000}) {
      std::vector<int> keys(count);
      for (int i = 0; i < 8000; ++i) {
        const uint32_t shard = shard_of_json(std::to_string(i * step), count);
        REQUIRE((shard >= 1 && shard <= count));
        ++keys[shard - 1];
      }
      for (const int n : keys) {
        CAPTURE(step);
        CHECK(n > 8000 / static_cast<int>(count) * 8 / 10);
        CHECK(n < 8000 / static_cast<int>(count) * 12 / 10);
      }
    }
  }
}

TEST_CASE("what a checkpoint is kept under says which shard it is") {
  const Shard shard{.number = 2, .split = {.count = 3, .key = "a == '#1/2 by b'"}};
  const std::string text = shard_source("queue:q", shard);
  CHECK(text == "queue:q#2/3 by a == '#1/2 by b'");
  const SourceParts parts = read_source(text);
  CHECK(parts.source == "queue:q");
  REQUIRE(parts.shard);
  CHECK(parts.shard->number == 2);
  CHECK(parts.shard->split == shard.split);
  for (const char* const whole : {"queue:q", "file:1-2", "to:/x/queue:q#1/2 by user", "queue:q#",
                                  "queue:q#1", "queue:q#1/2", "queue:q#x/2 by user", ""}) {
    CHECK(read_source(whole).source == whole);
    CHECK(!read_source(whole).shard);
  }
}
