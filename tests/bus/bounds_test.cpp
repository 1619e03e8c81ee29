#include "bus/bounds.h"

#include <doctest/doctest.h>

using namespace weir;

namespace {

constexpr int64_t kNow = 1'795'847'946'235;  // 2026-11-28T06:39:06.235Z

Eid since(std::string_view text) { return parse_bounds(text, {}, kNow)->from.value(); }
Eid until(std::string_view text) { return parse_bounds({}, text, kNow)->before.value(); }

}  // namespace

TEST_CASE("a whole eid is left out, at either end") {
  const std::string eid = "z/2026/11/28/06/39/1795847946235-0000002";
  CHECK(since(eid) == Eid{kNow, 3});
  CHECK(until(eid) == Eid{kNow, 2});
  CHECK(parse_bounds(eid, {}, kNow)->behind == Eid{kNow, 2});
  CHECK(!parse_bounds("z/2026/11/28", {}, kNow)->behind);
}

TEST_CASE("a part of an eid is a period: it is read from its beginning, or up to it") {
  CHECK(since("z/2026/11/28") == Eid{1'795'824'000'000, 0});
  CHECK(since("z/2026/11/28/") == Eid{1'795'824'000'000, 0});
  CHECK(until("z/2026") == Eid{1'767'225'600'000, 0});
}

TEST_CASE("times, and how long ago") {
  CHECK(since("2026-11-28T06:39:06.235Z") == Eid{kNow, 0});
  CHECK(since("2026-11-28") == Eid{1'795'824'000'000, 0});
  CHECK(until("2026-11-28") == Eid{1'795'824'000'000, 0});
  CHECK_FALSE(parse_bounds("2026-02-30", {}, kNow));
  CHECK_FALSE(parse_bounds("2026-11-2x", {}, kNow));
  CHECK(since("-2h") == Eid{kNow - 7'200'000, 0});
  CHECK(since("-1h30m") == Eid{kNow - 5'400'000, 0});
  CHECK(since("-7d") == Eid{kNow - 604'800'000, 0});
  CHECK(parse_bounds("-90s", "-30s", kNow)->time.begin == kNow - 90'000);
  CHECK(parse_bounds("-90s", "-30s", kNow)->time.end == kNow - 30'000);
}

TEST_CASE("nothing said is no bound") {
  const auto bounds = parse_bounds({}, {}, kNow);
  REQUIRE(bounds);
  CHECK(!bounds->from);
  CHECK(!bounds->before);
  CHECK(bounds->time.begin == INT64_MIN);
}

TEST_CASE("what is none of these is said") {
  for (const std::string_view text :
       {"", "yesterday", "z/2026/13", "z/26", "2h", "-2x", "-1d2", "z/"}) {
    CAPTURE(text);
    const auto bounds = parse_bounds(text, {}, kNow);
    REQUIRE(!bounds);
    CHECK(bounds.error().message.starts_with("--since takes an eid or the beginning of one"));
    CHECK(parse_bounds({}, text, kNow).error().message.starts_with("--until takes"));
  }
}
