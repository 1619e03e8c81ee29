#include "event/zone_rule.h"

#include <doctest/doctest.h>

#include <string>

#include "event/time.h"

using weir::ZoneRule;

namespace {

/// Abbreviation and offset in minutes at a time, of a rule that can be read.
std::string clock_at(std::string_view rule, std::string_view time) {
  const auto read = ZoneRule::parse(rule);
  if (!read) return "no rule";
  const int64_t seconds = weir::parse_timestamp(time).value().seconds;
  const ZoneRule::Period period = read->at(seconds);
  CHECK(period.begin <= seconds);
  CHECK(period.end > seconds);
  return std::string(period.abbreviation) + " " + std::to_string(period.offset / 60);
}

}  // namespace

TEST_CASE("the clocks change on the days of a rule, to the second") {
  const std::string_view berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
  CHECK(clock_at(berlin, "2050-03-27T00:59:59Z") == "CET 60");
  CHECK(clock_at(berlin, "2050-03-27T01:00:00Z") == "CEST 120");
  CHECK(clock_at(berlin, "2050-10-30T00:59:59Z") == "CEST 120");
  CHECK(clock_at(berlin, "2050-10-30T01:00:00Z") == "CET 60");
  CHECK(clock_at(berlin, "9999-12-31T23:59:59Z") == "CET 60");
  const std::string_view new_york = "EST5EDT,M3.2.0,M11.1.0";
  CHECK(clock_at(new_york, "2040-03-11T06:59:59Z") == "EST -300");
  CHECK(clock_at(new_york, "2040-03-11T07:00:00Z") == "EDT -240");
  CHECK(clock_at(new_york, "2040-11-04T05:59:59Z") == "EDT -240");
  CHECK(clock_at(new_york, "2040-11-04T06:00:00Z") == "EST -300");
}

TEST_CASE("a rule may have its summer over the end of the year, and times outside of the day") {
  const std::string_view chatham = "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45";
  CHECK(clock_at(chatham, "2041-01-01T00:00:00Z") == "+1345 825");
  CHECK(clock_at(chatham, "2041-06-01T00:00:00Z") == "+1245 765");
  const std::string_view nuuk = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
  CHECK(clock_at(nuuk, "2040-03-25T00:59:59Z") == "-02 -120");
  CHECK(clock_at(nuuk, "2040-03-25T01:00:00Z") == "-01 -60");
  const std::string_view gaza = "EET-2EEST,M3.4.4/50,M10.4.4/50";
  CHECK(clock_at(gaza, "2040-03-23T23:59:59Z") == "EET 120");
  CHECK(clock_at(gaza, "2040-03-24T00:00:00Z") == "EEST 180");
  CHECK(clock_at("IST-1GMT0,M10.5.0,M3.5.0/1", "2040-01-01T00:00:00Z") == "GMT 0");
  CHECK(clock_at("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2040-01-01T00:00:00Z") == "+11 660");
}

TEST_CASE("days are counted with and without February 29, and summer may be all the year") {
  CHECK(clock_at("AAA0BBB,J60/0,J300", "2044-03-01T00:00:00Z") == "BBB 60");
  CHECK(clock_at("AAA0BBB,J60/0,J300", "2044-02-29T23:59:59Z") == "AAA 0");
  CHECK(clock_at("AAA0BBB,59/0,300", "2044-02-29T00:00:00Z") == "BBB 60");
  CHECK(clock_at("AAA0BBB,59/0,300", "2044-02-28T23:59:59Z") == "AAA 0");
  for (const std::string_view time : {"2044-01-01T03:00:00Z", "2044-12-31T23:59:59Z"}) {
    CHECK(clock_at("XXX3EDT4,0/0,J365/23", time) == "EDT -240");
  }
  CHECK(clock_at("IST-5:30", "2044-02-29T00:00:00Z") == "IST 330");
}

TEST_CASE("what is no rule is none") {
  for (const std::string_view text :
       {"", "A", "CET", "CET-", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
        "CET-1CEST,J0,J1", "CET-1CEST,366,1", "<CET-1", "CET-168", "CET-1:60"}) {
    CAPTURE(text);
    CHECK(!ZoneRule::parse(text));
  }
  CHECK(!ZoneRule::of_file("TZif\0 old\nCET-1\n"));
  CHECK(!ZoneRule::of_file("TZif2 cut off\nCET-1"));
  CHECK(ZoneRule::of_file("TZif2 and data\nCET-1\n"));
  CHECK(!ZoneRule::of_file("TZif2 and data\n\n"));
}
