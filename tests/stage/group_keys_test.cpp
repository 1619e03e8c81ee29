#include "stage/group_keys.h"

#include <doctest/doctest.h>

#include <string>

using weir::GroupKeys;

TEST_CASE("keys are numbered in the order they were added, and found again") {
  GroupKeys keys;
  CHECK(keys.find("a", GroupKeys::hash("a")) == GroupKeys::kNone);
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < 10'000; ++i) {
      const std::string key = std::to_string(i);
      REQUIRE(keys.find(key, GroupKeys::hash(key)) == GroupKeys::kNone);
      const auto [number, is_new] = keys.number(key, GroupKeys::hash(key));
      REQUIRE(number == i);
      REQUIRE(is_new);
    }
    REQUIRE(keys.size() == 10'000);
    for (uint32_t i = 0; i < 10'000; ++i) {
      const std::string key = std::to_string(i);
      REQUIRE(keys.find(key, GroupKeys::hash(key)) == i);
      const auto [number, is_new] = keys.number(key, GroupKeys::hash(key));
      REQUIRE(number == i);
      REQUIRE_FALSE(is_new);
      REQUIRE(keys.key(i) == key);
      REQUIRE(keys.hash_of(i) == GroupKeys::hash(key));
    }
    CHECK(keys.find("", GroupKeys::hash("")) == GroupKeys::kNone);
    keys.clear();
    CHECK(keys.size() == 0);
  }
}

TEST_CASE("keys with one hash are told apart") {
  GroupKeys keys;
  for (uint32_t i = 0; i < 100; ++i) REQUIRE(keys.number(std::to_string(i), 7).number == i);
  for (uint32_t i = 0; i < 100; ++i) REQUIRE(keys.find(std::to_string(i), 7) == i);
  CHECK(keys.find("100", 7) == GroupKeys::kNone);
}
