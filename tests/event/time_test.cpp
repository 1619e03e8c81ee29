#include "event/time.h"

#include <doctest/doctest.h>

#include <string>

#include "event/keep.h"
#include "event/time_format.h"
#include "event/time_zone.h"

using weir::Duration;
using weir::Timestamp;
using weir::TimeZone;

namespace {

/// The time as weir writes it, or why it cannot be read.
std::string time(std::string_view text) {
  const auto read = weir::parse_timestamp(text);
  if (!read) return "error: " + std::string(read.error());
  std::string out;
  weir::append_timestamp(*read, out);
  return out;
}

std::string span(std::string_view text) {
  const auto read = weir::parse_duration(text);
  if (!read) return "error: " + std::string(read.error());
  std::string out;
  weir::append_duration(*read, out);
  return out;
}

Timestamp at(std::string_view text) { return weir::parse_timestamp(text).value(); }

const std::string kNoTime = "error: RFC 3339 is expected, as in 2026-01-31T12:00:00Z";
const std::string kNoSpan =
    "error: numbers with units are expected, as in 1h30m or -1.5s (h, m, s, ms, us, ns)";

}  // namespace

TEST_CASE("a timestamp is RFC 3339") {
  CHECK(at("1970-01-01T00:00:00Z") == Timestamp{0, 0});
  CHECK(at("2009-02-13T23:31:30Z") == Timestamp{1'234'567'890, 0});
  CHECK(at("1969-12-31T23:59:59.5Z") == Timestamp{-1, 500'000'000});
  CHECK(time("2026-11-24T10:00:00Z") == "2026-11-24T10:00:00Z");
  CHECK(time("2026-11-24t10:00:00z") == "2026-11-24T10:00:00Z");
  CHECK(time("2026-11-24T10:00:00.120Z") == "2026-11-24T10:00:00.12Z");
  CHECK(time("2026-11-24T10:00:00.000000001Z") == "2026-11-24T10:00:00.000000001Z");
  CHECK(time("2026-11-24T00:30:00+05:30") == "2026-11-23T19:00:00Z");
  CHECK(time("2026-11-24T23:30:00-00:45") == "2026-11-25T00:15:00Z");
  CHECK(time("2026-11-24T10:00:00-00:00") == "2026-11-24T10:00:00Z");
  CHECK(time("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00Z");
  CHECK(time("2000-02-29T00:00:00Z") == "2000-02-29T00:00:00Z");
  CHECK(time("0001-01-01T00:00:00Z") == "0001-01-01T00:00:00Z");
  CHECK(time("9999-12-31T23:59:59.999999999Z") == "9999-12-31T23:59:59.999999999Z");
  CHECK(at("0001-01-01T00:00:00Z").seconds == weir::kLeastSecond);
  CHECK(at("9999-12-31T23:59:59Z").seconds == weir::kGreatestSecond);
}

TEST_CASE("what is no timestamp") {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11-24",
                                      "2026-11-24T10:00:00",
                                      "2026-11-24T10:00Z",
                                      "2026-11-24 10:00:00Z",
                                      "2026-11-24T10:00:00.Z",
                                      "2026-11-24T10:00:00,5Z",
                                      "2026-11-24T10:00:00.1234567890Z",
                                      "2026-11-24T10:00:00+0100",
                                      "2026-11-24T10:00:00+01",
                                      "2026-11-24T10:00:00+24:00",
                                      "2026-11-24T10:00:00+01:60",
                                      "2026-11-24T10:00:00Z ",
                                      " 2026-11-24T10:00:00Z",
                                      "2026-13-24T10:00:00Z",
                                      "2026-00-24T10:00:00Z",
                                      "2026-11-31T10:00:00Z",
                                      "2026-11-00T10:00:00Z",
                                      "2025-02-29T10:00:00Z",
                                      "1900-02-29T10:00:00Z",
                                      "2026-11-24T24:00:00Z",
                                      "2026-11-24T10:60:00Z",
                                      "2026-11-24T10:00:61Z",
                                      "20261-1-24T10:00:00Z",
                                      "2026-11-24T1a:00:00Z",
                                      "2026/11/24T10:00:00Z",
                                      "10000-01-01T00:00:00Z",
                                      "-001-01-01T00:00:00Z",
                                      "2026-11-24T10:00:00Zz"}) {
    CAPTURE(text);
    CHECK(time(text) == kNoTime);
  }
  const std::string out_of_range = "error: it is not within the years 1 to 9999";
  CHECK(time("0000-12-31T23:59:59Z") == out_of_range);
  CHECK(time("0001-01-01T00:00:00+00:01") == out_of_range);
  CHECK(time("9999-12-31T23:59:59-00:01") == out_of_range);
}

TEST_CASE("a leap second is the second behind it") {
  CHECK(time("1990-12-31T23:59:60Z") == "1991-01-01T00:00:00Z");
  CHECK(time("1990-12-31T15:59:60.25-08:00") == "1991-01-01T00:00:00.25Z");
  CHECK(time("2026-11-24T10:00:60Z") == kNoTime);
  CHECK(time("2026-11-24T23:59:60Z") == kNoTime);
  CHECK(time("9999-12-31T23:59:60Z") == "error: it is not within the years 1 to 9999");
}

TEST_CASE("a duration is numbers with units") {
  CHECK(span("0") == "0s");
  CHECK(span("-0") == "0s");
  CHECK(span("1.5s") == "1.5s");
  CHECK(span("-2ms") == "-0.002s");
  CHECK(span("100us") == "0.0001s");
  CHECK(span("1ns") == "0.000000001s");
  CHECK(span("+1h30m") == "5400s");
  CHECK(span("1h1m1s1ms1us1ns") == "3661.001001001s");
  CHECK(span("-1.5h") == "-5400s");
  CHECK(span(".5s") == "0.5s");
  CHECK(span("1.s") == "1s");
  CHECK(span("1.9ns") == "0.000000001s");
  CHECK(span("0.1234567891234567891234s") == "0.123456789s");
  CHECK(span("1m1m") == "120s");
  CHECK(weir::parse_duration("-0.5s") == Duration{-1, 500'000'000});
  CHECK(span("315576000000s") == "315576000000s");
  CHECK(span("-315576000000.999999999s") == "-315576000000.999999999s");
  for (const std::string_view text : {"", "-", "+", "1", "s", ".s", "1 s", "1s ", "1d", "1S", "1sx",
                                      "--1s", "1h-1m", "1.2.3s", "00", "inf", "1e3s"}) {
    CAPTURE(text);
    CHECK(span(text) == kNoSpan);
  }
  for (const std::string_view text : {"315576000001s", "-315576000001s", "99999999999999999999s",
                                      "9223372036854775807h", "315576000000s1000000000ns"}) {
    CAPTURE(text);
    CHECK(span(text) == "error: it is longer than 315576000000s");
  }
}

TEST_CASE("times and durations add up, within their ranges") {
  const Timestamp last = at("9999-12-31T23:59:59.999999999Z");
  const Timestamp first = at("0001-01-01T00:00:00Z");
  CHECK(add(at("1969-12-31T23:59:59.75Z"), Duration{0, 500'000'000}) == Timestamp{0, 250'000'000});
  CHECK(subtract(at("1970-01-01T00:00:00.25Z"), Duration{0, 500'000'000}) ==
        Timestamp{-1, 750'000'000});
  CHECK_FALSE(add(last, Duration{0, 1}));
  CHECK_FALSE(subtract(first, Duration{0, 1}));
  CHECK(add(last, Duration{-1, 999'999'999}) == at("9999-12-31T23:59:59.999999998Z"));
  CHECK(subtract(at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:00.5Z")) ==
        Duration{-1, 500'000'000});
  CHECK_FALSE(subtract(last, first));
  CHECK_FALSE(subtract(first, last));
  CHECK(subtract(Timestamp{9'223'372'036, 854'775'807}, Timestamp{}).has_value());
  CHECK_FALSE(subtract(Timestamp{9'223'372'036, 854'775'808}, Timestamp{}));
  CHECK(subtract(Timestamp{}, Timestamp{9'223'372'036, 854'775'808}).has_value());
  const Duration longest{315'576'000'000, 999'999'999};
  CHECK_FALSE(add(longest, Duration{0, 1}));
  CHECK(add(longest, Duration{-1, 0}) == Duration{315'575'999'999, 999'999'999});
  CHECK_FALSE(subtract(Duration{-315'576'000'000, 0}, Duration{1, 0}));
  CHECK(subtract(Duration{-315'576'000'000, 0}, Duration{0, 999'999'999}).has_value());
}

TEST_CASE("every day has its date") {
  int64_t day = weir::days_to(1, 1, 1);
  CHECK(day * 86'400 == weir::kLeastSecond);
  int week_day = 1;  // a Monday
  const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool all_right = true;
  for (int year = 1; year <= 9999; ++year) {
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int year_day = 0;
    for (int month = 1; month <= 12; ++month) {
      const int length = lengths[month - 1] + (month == 2 && leap ? 1 : 0);
      for (int date = 1; date <= length; ++date, ++day, ++year_day) {
        const weir::CivilTime civil = weir::civil_time(day * 86'400 + 86'399);
        all_right = all_right && weir::days_to(year, month, date) == day && civil.year == year &&
                    civil.month == month && civil.day == date && civil.year_day == year_day &&
                    civil.week_day == week_day && civil.hour == 23 && civil.second == 59;
        week_day = (week_day + 1) % 7;
      }
    }
  }
  CHECK(all_right);
}

TEST_CASE("zones are offsets or names") {
  const auto offset = [](std::string_view zone, std::string_view when) {
    const auto found = TimeZone::find(zone);
    return found ? std::to_string(found->offset_at(at(when).seconds)) : "error: " + found.error();
  };
  CHECK(offset("UTC", "2026-07-01T00:00:00Z") == "0");
  CHECK(offset("+11:00", "2026-07-01T00:00:00Z") == "39600");
  CHECK(offset("-02:30", "2026-07-01T00:00:00Z") == "-9000");
  CHECK(offset("02:00", "2026-07-01T00:00:00Z") == "7200");
  CHECK(offset("Europe/Berlin", "2026-07-01T00:00:00Z") == "7200");
  CHECK(offset("Europe/Berlin", "2026-01-01T00:00:00Z") == "3600");
  CHECK(offset("America/New_York", "2026-03-08T06:59:59Z") == "-18000");
  CHECK(offset("America/New_York", "2026-03-08T07:00:00Z") == "-14400");
  CHECK(offset("US/Central", "2009-02-13T23:31:30Z") == "-21600");
  // Before the first and behind the last change that the database lists.
  CHECK(offset("Europe/Berlin", "0001-01-01T00:00:00Z") == "3208");
  CHECK(offset("Asia/Kolkata", "9999-12-31T00:00:00Z") == "19800");
  CHECK(offset("Europe/Berlin", "2050-03-27T00:59:59Z") == "3600");
  CHECK(offset("Europe/Berlin", "2050-03-27T01:00:00Z") == "7200");
  CHECK(offset("Europe/Berlin", "9999-10-31T00:59:59Z") == "7200");
  CHECK(offset("Europe/Berlin", "9999-10-31T01:00:00Z") == "3600");
  CHECK(offset("Pacific/Chatham", "2041-01-01T00:00:00Z") == "49500");
  CHECK(offset("Pacific/Chatham", "2041-06-01T00:00:00Z") == "45900");
  for (const std::string_view zone :
       {"", "Nowhere/City", "europe/berlin", "Europe", "zone.tab", "+24:00", "+1:00", "+01:60",
        "+0100", "++1:00", "../../etc/passwd", "/etc/localtime", "Europe//Berlin", "Europe/Berlin/",
        "posix/Europe/Berlin", "right/Europe/Berlin", "UTC+01:00", "localtime"}) {
    CAPTURE(zone);
    CHECK(offset(zone, "2026-01-01T00:00:00Z") ==
          "error: there is no time zone '" + std::string(zone) + "'");
  }
  CHECK(TimeZone::find("Europe/Berlin")->abbreviation_at(at("2026-07-01T00:00:00Z").seconds) ==
        "CEST");
  CHECK(TimeZone::find("-02:30")->abbreviation_at(0) == "-02:30");
}

TEST_CASE("a date has the format that is asked for") {
  const auto date = [](std::string_view when, std::string_view format, std::string_view zone) {
    std::string out;
    weir::append_date(at(when), TimeZone::find(zone).value(), format, out);
    return out;
  };
  CHECK(date("2026-11-04T09:05:07.012345678Z", "%Y-%m-%d %H:%M:%S|%F %T|%R|%y %e %j", "UTC") ==
        "2026-11-04 09:05:07|2026-11-04 09:05:07|09:05|26  4 308");
  CHECK(date("2026-11-04T09:05:07.012345678Z", "%L %f %N %s %%", "UTC") ==
        "012 012345 012345678 1793783107 %");
  CHECK(date("2026-11-04T13:05:07Z", "%a %A %b %B %u %w %I%p", "UTC") ==
        "Wed Wednesday Nov November 3 3 01PM");
  CHECK(date("2026-11-04T00:05:07Z", "%I %p", "UTC") == "12 AM");
  CHECK(date("2026-07-01T22:30:00Z", "%F %T %z %:z %Z", "Europe/Berlin") ==
        "2026-07-02 00:30:00 +0200 +02:00 CEST");
  CHECK(date("2026-07-01T22:30:00Z", "%F %R %z %Z", "-02:30") == "2026-07-01 20:00 -0230 -02:30");
  // The last days of a year may be in the next year's first week, and the other way round.
  CHECK(date("2024-12-30T00:00:00Z", "%G-W%V-%u %g", "UTC") == "2025-W01-1 25");
  CHECK(date("2021-01-03T00:00:00Z", "%G-W%V-%u", "UTC") == "2020-W53-7");
  CHECK(date("0001-01-01T00:00:00Z", "%Y %y", "-01:00") == "0000 00");
  CHECK(date("2026-11-04T00:00:00Z", "", "UTC").empty());
  CHECK(weir::find_wrong_letter("%Y %q") == "%q");
  CHECK(weir::find_wrong_letter("%") == "%");
  CHECK(weir::find_wrong_letter("%:Y") == "%:");
  CHECK(weir::find_wrong_letter("%Y %é!") == "%é");
  CHECK(weir::find_wrong_letter("a%%b%:z").empty());
}

TEST_CASE("times are kept") {
  for (const weir::Value& value :
       {weir::Value::of_timestamp(5, 999'999'999), weir::Value::of_duration(-5, 1)}) {
    weir::KeptValue kept;
    kept.keep(weir::Value::of_string("before"));
    kept.keep(value);
    weir::Arena arena;
    for (const weir::Value& copy : {kept.get(), weir::copy_value(value, arena)}) {
      CHECK(copy.kind == value.kind);
      CHECK(copy.integer == value.integer);
      CHECK(copy.size == value.size);
      CHECK(copy.data == nullptr);
    }
  }
}
