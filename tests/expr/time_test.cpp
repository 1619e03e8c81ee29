// Timestamps, durations, and what they are converted from and to.
#include <doctest/doctest.h>

#include "event/now.h"
#include "on_event.h"

namespace weir::expr {

TEST_CASE("timestamps") {
  OnEvent on(
      R"({"ts":"2026-11-23T10:00:00.5Z","s":1700000000,"ms":1700000000123,"d":1.5,"b":true})");
  CHECK(on("timestamp(ts)") == "google.protobuf.Timestamp \"2026-11-23T10:00:00.5Z\"");
  CHECK(on("timestamp(timestamp(ts)) == timestamp('2026-11-23T12:00:00.5+02:00')") == "bool true");
  CHECK(on("timestamp(s)") == "google.protobuf.Timestamp \"2023-11-14T22:13:20Z\"");
  CHECK(on("timestamp(ms / 1000)") == "google.protobuf.Timestamp \"2023-11-14T22:13:20.123Z\"");
  CHECK(on("timestamp(-d)") == "google.protobuf.Timestamp \"1969-12-31T23:59:58.5Z\"");
  CHECK(on("timestamp(dyn(-0.0000000001))") ==
        "google.protobuf.Timestamp \"1970-01-01T00:00:00Z\"");
  CHECK(on("timestamp(dyn(1u))") == "google.protobuf.Timestamp \"1970-01-01T00:00:01Z\"");
  CHECK(on("timestamp(ms)") == "error: this number of seconds is out of the range of timestamp");
  CHECK(on("timestamp(dyn(1e300))") ==
        "error: this number of seconds is out of the range of timestamp");
  CHECK(on("timestamp(b)") == "error: there is no timestamp of a bool");
  CHECK(on("timestamp(string(s))") ==
        "error: cannot read '1700000000' as timestamp: RFC 3339 is expected, as in "
        "2026-01-31T12:00:00Z; others need a format: timestamp(x, '%F %T')");
  CHECK(on("timestamp('2026-02-30T00:00:00Z')") ==
        "cannot read '2026-02-30T00:00:00Z' as timestamp: RFC 3339 is expected, as in "
        "2026-01-31T12:00:00Z\n  timestamp('2026-02-30T00:00:00Z')\n            "
        "^^^^^^^^^^^^^^^^^^^^^^");
  CHECK(on("timestamp()") ==
        "expected timestamp(x) or timestamp(text, format) or timestamp(text, format, zone)\n  "
        "timestamp()\n  ^^^^^^^^^");
  CHECK(on("string(timestamp(ts))") == "string \"2026-11-23T10:00:00.5Z\"");
  CHECK(on("int(timestamp(ts))") == "int 1795428000");
  CHECK(on("int(timestamp(-d))") == "int -2");
  CHECK(on("double(timestamp(ts))") == "error: there is no double of a timestamp");
  OnEvent text({{"ts", "2026-11-23T10:00:00Z"}, {"s", "1700000000.25"}, {"other", "soon"}});
  CHECK(text("timestamp(ts)") == "google.protobuf.Timestamp \"2026-11-23T10:00:00Z\"");
  CHECK(text("timestamp(s)") == "google.protobuf.Timestamp \"2023-11-14T22:13:20.25Z\"");
  CHECK(text("timestamp(other)").starts_with("error: cannot read 'soon' as timestamp"));
  OnEvent standard("{}", Dialect::kStandard);
  CHECK(standard("timestamp(1.5)") == "error: there is no timestamp of a double");
  CHECK(standard("timestamp(1u)") == "error: there is no timestamp of a uint");
  CHECK(standard("timestamp('soon')").starts_with("error: cannot read 'soon'"));
}

TEST_CASE("timestamps in a format") {
  OnEvent on(
      R"({"t":"24/Nov/2026:10:00:00 +0100","day":20261124,"d":1.5,"f":"%F","z":"Asia/Tokyo"})");
  CHECK(on("timestamp(t, '%d/%b/%Y:%T %z')") ==
        "google.protobuf.Timestamp \"2026-11-24T09:00:00Z\"");
  CHECK(on("timestamp(day, '%Y%m%d')") == "google.protobuf.Timestamp \"2026-11-24T00:00:00Z\"");
  CHECK(on("timestamp(day, '%Y%m%d', z)") == "google.protobuf.Timestamp \"2026-11-23T15:00:00Z\"");
  CHECK(on("timestamp(12u, '%s')") == "google.protobuf.Timestamp \"1970-01-01T00:00:12Z\"");
  CHECK(on("date(timestamp(t, '%d/%b/%Y:%T %z'), '%d/%b/%Y:%T %z', '+01:00') == t") == "bool true");
  CHECK(on("timestamp(t, f)") ==
        "error: cannot read '24/Nov/2026:10:00:00 +0100' as '%F': %Y is expected at "
        "'24/Nov/2026:10:00:00'");
  CHECK(on("timestamp(d, '%s')") ==
        "error: timestamp needs a text or an integer in front of a format, and this is a double");
  CHECK(on("timestamp(t, day)") ==
        "error: timestamp needs a format, such as \"%d/%b/%Y\", and this is an int");
  CHECK(on("timestamp(t, f, t)") == "error: there is no time zone '24/Nov/2026:10:00:00 +0100'");
  CHECK(on("timestamp(t, f + '%q')") ==
        "error: the format of timestamp has no meaning for '%q' (a percent sign itself is written "
        "%%)");
  CHECK(on("timestamp(t, '%d %q')").starts_with("the format of timestamp has no meaning for '%q'"));
  CHECK(on("timestamp(t, '%T')").starts_with("a time needs a year"));
  CHECK(on("timestamp(t, '%F', 'Berlin')").starts_with("there is no time zone 'Berlin'"));
  CHECK(on("timestamp(nope, '%F')") == "missing");
}

TEST_CASE("durations") {
  OnEvent on(R"({"took":"1m30s","n":5})");
  CHECK(on("duration(took)") == "google.protobuf.Duration \"90s\"");
  CHECK(on("duration(duration(took))") == "google.protobuf.Duration \"90s\"");
  CHECK(on("string(duration('-1.5h'))") == "string \"-5400s\"");
  CHECK(on("duration(n)") == "error: there is no duration of an int");
  CHECK(on("int(duration(took))") == "error: there is no int of a duration");
  CHECK(
      on("duration('5 min')") ==
      "cannot read '5 min' as duration: numbers with units are expected, as in 1h30m or -1.5s (h, "
      "m, s, ms, us, ns)\n  duration('5 min')\n           ^^^^^^^");
  CHECK(on("duration(took + '5')").starts_with("error: cannot read '1m30s5' as duration"));
  CHECK(on("duration('10000s').getHours()") == "int 2");
  CHECK(on("duration('-10000s').getHours()") == "int -2");
  CHECK(on("duration(took).getMinutes()") == "int 1");
  CHECK(on("duration(took).getSeconds()") == "int 90");
  CHECK(on("duration('-1.75s').getSeconds()") == "int -1");
  CHECK(on("duration('123.321456789s').getMilliseconds()") == "int 321");
  CHECK(on("duration('-1.75s').getMilliseconds()") == "int -750");
  CHECK(on("duration(took).getSeconds('UTC')") == "error: a duration has no time zone");
  CHECK(on("duration(took).getMilliseconds('UTC')") == "error: a duration has no time zone");
  CHECK(on("duration(took).getDate()") ==
        "error: getDate needs a timestamp, and this is a duration");
  CHECK(on("n.getHours()") ==
        "error: getHours needs a timestamp or a duration, and this is an int");
  CHECK(on("n.getMilliseconds()") ==
        "error: getMilliseconds needs a timestamp or a duration, and this is an int");
}

TEST_CASE("what calendar and clock say") {
  OnEvent on(R"({"ts":"2009-02-13T23:31:30.123456789Z","zone":"Asia/Tokyo","bad":"Mars","n":1})");
  CHECK(on("timestamp(ts).getFullYear()") == "int 2009");
  CHECK(on("timestamp(ts).getMonth()") == "int 1");
  CHECK(on("timestamp(ts).getDate()") == "int 13");
  CHECK(on("timestamp(ts).getDayOfMonth()") == "int 12");
  CHECK(on("timestamp(ts).getDayOfYear()") == "int 43");
  CHECK(on("timestamp(ts).getDayOfWeek()") == "int 5");
  CHECK(on("timestamp(ts).getHours()") == "int 23");
  CHECK(on("timestamp(ts).getMinutes()") == "int 31");
  CHECK(on("timestamp(ts).getSeconds()") == "int 30");
  CHECK(on("timestamp(ts).getMilliseconds()") == "int 123");
  CHECK(on("timestamp(ts).getHours('America/New_York')") == "int 18");
  CHECK(on("timestamp(ts).getMinutes('Asia/Kathmandu')") == "int 16");
  CHECK(on("timestamp(ts).getDate(zone)") == "int 14");
  CHECK(on("timestamp(ts).getDayOfWeek('+00:30')") == "int 6");
  CHECK(on("timestamp(ts).getMilliseconds(zone)") == "int 123");
  CHECK(on("timestamp('2024-12-31T23:00:00Z').getFullYear('+01:00')") == "int 2025");
  CHECK(on("timestamp(ts).getHours(bad)") == "error: there is no time zone 'Mars'");
  CHECK(on("timestamp(ts).getMilliseconds(bad)") == "error: there is no time zone 'Mars'");
  CHECK(on("timestamp(ts).getHours('Mars')") ==
        "there is no time zone 'Mars'\n  timestamp(ts).getHours('Mars')\n                         "
        "^^^^^^");
  CHECK(on("timestamp(ts).getHours(n)") ==
        "error: getHours needs the name of a time zone, and this is an int");
  CHECK(on("ts.getHours()") ==
        "error: getHours needs a timestamp or a duration, and this is a string");
}

TEST_CASE("arithmetic of times") {
  OnEvent on(R"({"ts":"2026-11-23T10:00:00Z","n":5})");
  CHECK(on("timestamp(ts) + duration('1h')") ==
        "google.protobuf.Timestamp \"2026-11-23T11:00:00Z\"");
  CHECK(on("duration('1h') + timestamp(ts)") ==
        "google.protobuf.Timestamp \"2026-11-23T11:00:00Z\"");
  CHECK(on("timestamp(ts) - duration('0.5s')") ==
        "google.protobuf.Timestamp \"2026-11-23T09:59:59.5Z\"");
  CHECK(on("timestamp(ts) - timestamp('2026-11-23T09:00:00Z')") ==
        "google.protobuf.Duration \"3600s\"");
  CHECK(on("duration('1s') - duration('2s') + duration('10ms')") ==
        "google.protobuf.Duration \"-0.99s\"");
  CHECK(on("timestamp(ts) + duration('300000000000s')") ==
        "error: the result of '+' is out of the range of times");
  CHECK(on("timestamp('9999-01-01T00:00:00Z') - timestamp(ts)") ==
        "error: the result of '-' is out of the range of times");
  CHECK(on("timestamp(ts) + n") == "error: cannot add a timestamp and an int");
  CHECK(on("n - duration('1s')") == "error: cannot subtract a duration from an int");
  CHECK(on("dyn(duration('1s')) * 2") == "error: cannot multiply a duration by an int");
  CHECK(
      on("timestamp(ts) + timestamp(ts)") ==
      "there is no '+' for a timestamp and a timestamp\n  timestamp(ts) + timestamp(ts)\n         "
      "       ^");
  CHECK(
      on("duration('1s') - timestamp(ts)") ==
      "there is no '-' for a duration and a timestamp\n  duration('1s') - timestamp(ts)\n         "
      "        ^");
  CHECK(on("dyn(duration('1s')) - timestamp(ts)") ==
        "error: cannot subtract a timestamp from a duration");
  CHECK(on("-dyn(duration('1s'))") == "error: cannot negate a duration");
}

TEST_CASE("order and equality of times") {
  OnEvent on(R"({"ts":"2026-11-23T10:00:00Z","l":[1]})");
  CHECK(on("timestamp(ts) > timestamp('2026-11-23T09:59:59.999999999Z')") == "bool true");
  CHECK(on("timestamp(ts) <= timestamp('2026-11-23T11:00:00+01:00')") == "bool true");
  CHECK(on("duration('60s') == duration('1m')") == "bool true");
  CHECK(on("duration('-0.2s') < duration('-0.1s')") == "bool true");
  CHECK(on("duration('-0.1s') < duration('0.1s')") == "bool true");
  CHECK(on("timestamp(0) == dyn(duration('0'))") == "bool false");
  CHECK(on("dyn(timestamp(0)) == 0") == "bool false");
  CHECK(on("dyn(timestamp(0)) == null") == "bool false");
  CHECK(on("timestamp(ts) in [timestamp(0), timestamp(ts)]") == "bool true");
  CHECK(on("l.all(x, timestamp(x) == timestamp(1))") == "bool true");
  CHECK(on("timestamp(ts) > ts") ==
        "error: cannot compare a timestamp with a string by >: timestamp(...) reads a text as a "
        "time");
  CHECK(
      on("timestamp(ts) > duration('1s')") ==
      "cannot compare a timestamp with a duration\n  timestamp(ts) > duration('1s')\n              "
      "  ^");
}

TEST_CASE("comparing times makes nothing in the arena") {
  constexpr std::string_view kSource =
      "timestamp(ts) > timestamp('2026-01-01T00:00:00Z') && timestamp(ts).getHours('UTC') < 12 && "
      "timestamp(ts) - timestamp(0) > duration('1h')";
  PathTable paths;
  const auto node = parse(kSource);
  REQUIRE(node);
  const auto program = Program::compile(**node, kSource, paths);
  REQUIRE(program);
  const std::vector<std::vector<Value>> columns(static_cast<size_t>(paths.size()),
                                                {Value::of_string("2026-11-23T10:00:00.123Z")});
  Arena arena;
  const Value value = program->eval({columns, 0, arena});
  CHECK((value.kind == Kind::kBool && value.boolean));
  CHECK(arena.handed_out() == 0);
}

TEST_CASE("types of times") {
  OnEvent on(R"({"timestamp":5,"google":{"protobuf":{"Duration":"mine"}}})");
  CHECK(on("type(timestamp(0)) == google.protobuf.Timestamp") == "bool true");
  CHECK(on("type(duration('0')) == duration") == "bool true");
  CHECK(on("type(type(duration('0')))") == "type type");
  // What the event has goes first.
  CHECK(on("timestamp") == "int 5");
  CHECK(on("google.protobuf.Duration") == "string \"mine\"");
  CHECK(on("timestamp(timestamp)") == "google.protobuf.Timestamp \"1970-01-01T00:00:05Z\"");
  OnEvent bare("{}");
  CHECK(bare("timestamp") == "type google.protobuf.Timestamp");
  CHECK(bare("duration") == "type google.protobuf.Duration");
  CHECK(bare("google.protobuf.Timestamp") == "type google.protobuf.Timestamp");
  CHECK(bare("google.protobuf") == "missing");
  CHECK(bare("has(google.protobuf.Timestamp)") == "bool false");
  OnEvent standard("{}", Dialect::kStandard);
  CHECK(standard("google.protobuf.Timestamp") == "type google.protobuf.Timestamp");
  CHECK(standard("type(google.protobuf.Duration) == type") == "bool true");
  CHECK(standard("timestamp") == "error: there is no variable 'timestamp'");
}

TEST_CASE("date") {
  OnEvent on(
      R"({"ts":"2026-11-23T23:30:00Z","s":1700000000,"f":"%H:%M","bad":"%q","zone":"Mars"})");
  CHECK(on("date(timestamp(ts), '%Y-%m-%d')") == "string \"2026-11-23\"");
  CHECK(on("date(ts, f, 'Europe/Berlin')") == "string \"00:30\"");
  CHECK(on("date(s, '%F')") == "string \"2023-11-14\"");
  CHECK(on("date(ts, s)") ==
        "error: date needs a format, such as \"%Y-%m-%d\", and this is an int");
  CHECK(on("date(ts, bad)") ==
        "error: the format of date has no meaning for '%q' (a percent sign itself is written %%)");
  CHECK(on("date(ts, '%Q')") ==
        "the format of date has no meaning for '%Q' (a percent sign itself is written %%)\n  "
        "date(ts, '%Q')\n           ^^^^");
  CHECK(on("date(ts, f, zone)") == "error: there is no time zone 'Mars'");
  CHECK(on("date(ts, f, 'Mars')").starts_with("there is no time zone 'Mars'\n"));
  CHECK(on("date('noon', f)").starts_with("cannot read 'noon' as timestamp"));
  CHECK(on("date(f, f)").starts_with("error: cannot read '%H:%M' as "));
}

TEST_CASE("now is one time for the whole run") {
  OnEvent on("{}");
  const std::string before = on("now()");
  CHECK(on("now() == now()") == "bool true");
  CHECK(on("now()") == before);
  CHECK(on("now() > timestamp('2025-01-01T00:00:00Z')") == "bool true");
  CHECK(on("now(1)") == "expected now()\n  now(1)\n  ^^^");
}

}  // namespace weir::expr
