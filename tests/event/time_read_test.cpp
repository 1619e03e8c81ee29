// Times in formats of one's own, read.
#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>

#include "event/time_format.h"
#include "event/time_read.h"

using weir::Timestamp;
using weir::TimeZone;

namespace {

/// The time as RFC 3339, or why there is none.
std::string read(std::string_view text, std::string_view format, std::string_view zone = "UTC") {
  CHECK(weir::find_wrong_letter(format).empty());
  CHECK(weir::why_unreadable(format).empty());
  const auto time = weir::read_date(text, format, TimeZone::find(zone).value());
  if (!time) return time.error();
  std::string shown;
  weir::append_timestamp(*time, shown);
  return shown;
}

}  // namespace

TEST_CASE("times of common logs are read") {
  CHECK(read("24/Nov/2026:10:00:00 +0000", "%d/%b/%Y:%T %z") == "2026-11-24T10:00:00Z");
  CHECK(read("2026-11-24 10:00:00", "%F %T") == "2026-11-24T10:00:00Z");
  CHECK(read("2026-11-24 10:00:00,123", "%F %T,%L") == "2026-11-24T10:00:00.123Z");
  CHECK(read("2026 Nov  4 10:00:00", "%Y %b %e %T") == "2026-11-04T10:00:00Z");
  CHECK(read("2026 Nov 4 10:00:00", "%Y %b %e %T") == "2026-11-04T10:00:00Z");
  CHECK(read("Tue, 24 Nov 2026 10:00:00 GMT", "%a, %d %b %Y %T %Z") == "2026-11-24T10:00:00Z");
  CHECK(read("tuesday 24 NOVEMBER 2026", "%A %d %B %Y") == "2026-11-24T00:00:00Z");
  CHECK(read("1700000000.5", "%s.%f") == "2023-11-14T22:13:20.5Z");
  CHECK(read("-1", "%s") == "1969-12-31T23:59:59Z");
  CHECK(read("1700000000123", "%s%L") == "2023-11-14T22:13:20.123Z");
  CHECK(read("1700000000123456", "%s%f") == "2023-11-14T22:13:20.123456Z");
  CHECK(read("-1250", "%s%L") == "1969-12-31T23:59:59.25Z");
  CHECK(read("11/4/26 1:05 pm", "%m/%d/%y %I:%M %p") == "2026-11-04T13:05:00Z");
  CHECK(read("12:30 AM 2026-11-04", "%I:%M %p %F") == "2026-11-04T00:30:00Z");
  CHECK(read("20261124100000", "%Y%m%d%H%M%S") == "2026-11-24T10:00:00Z");
  CHECK(read("2026-308", "%Y-%j") == "2026-11-04T00:00:00Z");
  CHECK(read("2025-W01-1", "%G-W%V-%u") == "2024-12-30T00:00:00Z");
  CHECK(read("20-53 Sun", "%g-%V %a") == "2021-01-03T00:00:00Z");
  CHECK(read("100% 2026", "100%% %Y") == "2026-01-01T00:00:00Z");
  CHECK(read("69 68", "%y 68") == "1969-01-01T00:00:00Z");
  CHECK(read("68", "%y") == "2068-01-01T00:00:00Z");
}

TEST_CASE("offsets and zones say when it was") {
  for (const std::string_view offset : {"+02", "+0200", "+02:00"}) {
    CHECK(read("2026-11-24 10:00 " + std::string(offset), "%F %R %z") == "2026-11-24T08:00:00Z");
    CHECK(read("2026-11-24 10:00 " + std::string(offset), "%F %R %:z") == "2026-11-24T08:00:00Z");
  }
  CHECK(read("2026-11-24 10:00Z", "%F %R%z", "Europe/Berlin") == "2026-11-24T10:00:00Z");
  CHECK(read("2026-11-24 10:00", "%F %R", "-02:30") == "2026-11-24T12:30:00Z");
  // The hour that the clocks show twice, and the one that they do not show.
  CHECK(read("2026-10-25 02:30", "%F %R", "Europe/Berlin") == "2026-10-25T00:30:00Z");
  CHECK(read("2026-10-25 02:30 CEST", "%F %R %Z", "Europe/Berlin") == "2026-10-25T00:30:00Z");
  CHECK(read("2026-10-25 02:30 CET", "%F %R %Z", "Europe/Berlin") == "2026-10-25T01:30:00Z");
  CHECK(read("2026-03-29 02:30", "%F %R", "Europe/Berlin") ==
        "the clocks of this zone never showed that: they were put forward");
  CHECK(read("2026-03-29 03:00", "%F %R", "Europe/Berlin") == "2026-03-29T01:00:00Z");
  CHECK(read("2026-11-24 10:00 CET", "%F %R %Z") ==
        "'CET' is not what the time is called in this zone then (the zone is UTC, or what is named "
        "behind the format)");
}

TEST_CASE("what is no such time is an error") {
  CHECK(read("2026-02-30", "%F") == "there is no such date, or it says two things");
  CHECK(read("Mon 2026-11-24", "%a %F") == "there is no such date, or it says two things");
  CHECK(read("2026-01-02 02", "%F %j") == "2026-01-02T00:00:00Z");
  CHECK(read("2026 2027", "%Y %Y") == "it says two things");
  CHECK(read("2025-W53-1", "%G-W%V-%u") == "there is no such date, or it says two things");
  CHECK(read("2026-13-01", "%F") == "%m is expected at '13-01'");
  CHECK(read("2026-11", "%F") == "'-' is expected at its end");
  CHECK(read("26-11-24", "%F") == "%Y is expected at '26-11-24'");
  CHECK(read("2026-11-24x", "%F") == "'x' is left");
  CHECK(read("2026-11-24T10:00", "%F %R") == "a blank is expected at 'T10:00'");
  CHECK(read("2026 1.0000000001", "%Y %S.%N") == "'1' is left");
  CHECK(read("2026 Nov +25", "%Y %b %z") == "%z is expected at '+25'");
  CHECK(read("0000-01-01", "%F") == "it is not within the years 1 to 9999");
  CHECK(read("999999999999", "%s") == "it is not within the years 1 to 9999");
  CHECK(read("1700000000000", "%s") == "it is not within the years 1 to 9999");
  CHECK(read("123", "%s%L") == "%s is expected at '123'");
  CHECK(read("9999999999999999999", "%s") == "'9' is left");
  CHECK(read("2016-12-31 23:59:60", "%F %T") == "2017-01-01T00:00:00Z");
  CHECK(read("2016-12-30 23:59:60", "%F %T") ==
        "there is a second 60 at the end of a month only, in UTC");
  CHECK(read("", "%F") == "%Y is expected at its end");
  // No message has half a character.
  CHECK(read("2026é", "%Y年") == "'年' is expected at 'é'");
  CHECK(read("2026é", "%Yè") == "'è' is expected at 'é'");
  CHECK(read("2026a12345678901234567é", "%Y") == "'a12345678901234567é' is left");
  CHECK(read("2026a123456789012345678é", "%Y") == "'a123456789012345678' is left");
}

TEST_CASE("formats that tell no time are known beforehand") {
  for (const std::string_view format :
       {"", "%b %e %T", "%H:%M", "%Y %d", "%Y %I:%M", "%Y-W%V", "%G", "%V", "%p %F %I %d"}) {
    CAPTURE(format);
    CHECK(weir::why_unreadable(format).empty() == (format == "%p %F %I %d"));
  }
}

TEST_CASE("what a date shows is read back") {
  constexpr std::array<std::string_view, 13> kFormats = {"%F %T.%N %z",
                                                         "%s.%N",
                                                         "%s%N",
                                                         "%a %d %b %Y %I:%M:%S %p %N %:z",
                                                         "%G-W%V-%u %T%N%z",
                                                         "%Y%m%d%H%M%S%N%z",
                                                         "%Y %j %R:%S %N %z",
                                                         "%A, %e %B %Y %T %N %:z",
                                                         "%g %V %w %T.%N %z",
                                                         "%d/%b/%Y:%T.%N %z %%",
                                                         "%F %T %N %s",
                                                         "%R:%S,%N %y%m%d %z",
                                                         "%L %N %f %F %T %z"};
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::string_view format = kFormats[static_cast<size_t>(i) % kFormats.size()];
    const bool short_year = format.find("%g") != format.npos || format.find("%y") != format.npos;
    // Two digits mean years up to 2068.
    const int64_t span = short_year ? 3'000'000'000 : 200'000'000'000;
    Timestamp time{static_cast<int64_t>(random() % static_cast<uint64_t>(span)),
                   static_cast<uint32_t>(random() % 1'000'000'000)};
    if (format.starts_with("%L")) time.nanoseconds = 0;
    constexpr std::array<std::string_view, 4> kZones = {"UTC", "Europe/Berlin", "America/St_Johns",
                                                        "-02:30"};
    const TimeZone zone = TimeZone::find(kZones[random() % kZones.size()]).value();
    std::string text;
    weir::append_date(time, zone, format, text);
    CAPTURE(format);
    CAPTURE(text);
    CHECK(weir::read_date(text, format, zone) == time);
  }
}
