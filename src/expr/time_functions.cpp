// timestamp() duration() now() date() and what calendar and clock say of a time.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "base/utf8.h"
#include "event/now.h"
#include "event/time.h"
#include "event/time_format.h"
#include "event/time_read.h"
#include "event/time_zone.h"
#include "expr/arithmetic.h"
#include "expr/function.h"

namespace weir::expr {

namespace {

constexpr std::string_view kOtherForms = "; others need a format: timestamp(x, '%F %T')";

std::string unreadable(std::string_view text, std::string_view type, std::string_view why) {
  return "cannot read '" + std::string(beginning(text, 60)) + "' as " + std::string(type) + ": " +
         std::string(why);
}

Value make_error(const Call& call, const std::string& reason) { return call.fail({reason}); }

Value timestamp_of_seconds(const Call& call, int64_t seconds, uint32_t nanoseconds) {
  const Timestamp time{seconds, nanoseconds};
  if (in_range(time)) return to_value(time);
  return call.fail({"this number of seconds is out of the range of timestamp"});
}

/// The decimal number that the double is written as, so that 1764000000.123 means 123 milliseconds,
/// and not the binary fraction next to it.
Value timestamp_of_double(const Call& call, double number) {
  if (!(std::fabs(number) < 1e12)) return timestamp_of_seconds(call, INT64_MAX, 0);
  char text[400];
  const auto written = std::to_chars(text, text + sizeof text, number, std::chars_format::fixed);
  uint32_t nanoseconds = 0;
  uint32_t unit = 1'000'000'000;
  const std::string_view digits(text, static_cast<size_t>(written.ptr - text));
  for (size_t i = digits.find('.'); i < digits.size() - 1 && unit > 1; ++i) {
    unit /= 10;
    nanoseconds += unit * static_cast<uint32_t>(digits[i + 1] - '0');
  }
  const auto whole = static_cast<int64_t>(number);
  if (number > 0 || nanoseconds == 0) return timestamp_of_seconds(call, whole, nanoseconds);
  return timestamp_of_seconds(call, whole - 1, 1'000'000'000 - nanoseconds);
}

/// CEL reads text and whole seconds. What comes from an event may also be seconds with decimals,
/// and text that is a number.
Value to_timestamp(const Call& call) {
  const Value& value = call[0];
  switch (value.kind) {
    case Kind::kTimestamp:
      return value;
    case Kind::kInt:
      return timestamp_of_seconds(call, value.integer, 0);
    case Kind::kUint:
      if (!call.promotes) break;
      return timestamp_of_seconds(
          call, static_cast<int64_t>(std::min<uint64_t>(value.unsigned_integer, INT64_MAX)), 0);
    case Kind::kDouble:
      if (!call.promotes) break;
      return timestamp_of_double(call, value.real);
    case Kind::kString: {
      const auto time = parse_timestamp(value.text());
      if (time) return to_value(*time);
      if (value.is_text) {
        const Value number = number_of_text(value, call.arena);
        if (number.is_number())
          return to_timestamp({{&number, 1}, call.arena, call.name, nullptr, true});
      }
      const bool is_other_form = std::string_view(time.error()).starts_with("RFC 3339");
      return make_error(call, unreadable(value.text(), "timestamp", time.error()) +
                                  std::string(is_other_form ? kOtherForms : ""));
    }
    default:
      break;
  }
  return call.fail({"there is no timestamp of ", with_article(value)});
}

Value to_duration(const Call& call) {
  const Value& value = call[0];
  if (value.kind == Kind::kDuration) return value;
  if (value.kind != Kind::kString) {
    return call.fail({"there is no duration of ", with_article(value)});
  }
  const auto span = parse_duration(value.text());
  if (span) return to_value(*span);
  return make_error(call, unreadable(value.text(), "duration", span.error()));
}

std::string check_timestamp(size_t, const Value& constant) {
  if (constant.kind != Kind::kString) return {};
  const auto time = parse_timestamp(constant.text());
  return time ? std::string() : unreadable(constant.text(), "timestamp", time.error());
}

std::string check_duration(size_t, const Value& constant) {
  if (constant.kind != Kind::kString) return {};
  const auto span = parse_duration(constant.text());
  return span ? std::string() : unreadable(constant.text(), "duration", span.error());
}

Value run_now(const Call&) { return to_value(now()); }

// Parts of a time, as members of CivilTime or computed. CEL counts months, days of the month and
// days of the year from 0.

int64_t full_year(const CivilTime& civil) { return civil.year; }
int64_t month(const CivilTime& civil) { return civil.month - 1; }
int64_t date(const CivilTime& civil) { return civil.day; }
int64_t day_of_month(const CivilTime& civil) { return civil.day - 1; }
int64_t day_of_year(const CivilTime& civil) { return civil.year_day; }
int64_t day_of_week(const CivilTime& civil) { return civil.week_day; }
int64_t hours(const CivilTime& civil) { return civil.hour; }
int64_t minutes(const CivilTime& civil) { return civil.minute; }
int64_t seconds(const CivilTime& civil) { return civil.second; }

/// The zone that argument `i` names, or UTC if there is no such argument.
std::expected<TimeZone, std::string> zone_of(const Call& call, size_t i) {
  if (call.size() <= i) return TimeZone();
  if (call[i].kind != Kind::kString) {
    return std::unexpected(std::string(call.name) + " needs the name of a time zone, and this is " +
                           std::string(with_article(call[i])));
  }
  return TimeZone::find(call[i].text());
}

template <int64_t (*part)(const CivilTime&)>
Value part_of_timestamp(const Call& call) {
  if (call[0].kind != Kind::kTimestamp) return call.wrong_type(0, "a timestamp");
  const auto zone = zone_of(call, 1);
  if (!zone) return make_error(call, zone.error());
  const int64_t utc = timestamp_of(call[0]).seconds;
  return Value::of_int(part(civil_time(utc + zone->offset_at(utc))));
}

/// Of a duration the whole of it in that unit, without what is left over.
template <int64_t (*part)(const CivilTime&), int64_t unit>
Value part_of_time(const Call& call) {
  if (call[0].kind != Kind::kDuration) {
    return call[0].kind == Kind::kTimestamp ? part_of_timestamp<part>(call)
                                            : call.wrong_type(0, "a timestamp or a duration");
  }
  if (call.size() > 1) return call.fail({"a duration has no time zone"});
  const Duration span = duration_of(call[0]);
  const bool down = span.seconds < 0 && span.nanoseconds > 0;
  return Value::of_int((span.seconds + (down ? 1 : 0)) / unit);
}

/// Of both the milliseconds beyond the last whole second (language definition, "getMilliseconds").
Value milliseconds(const Call& call) {
  if (!call[0].is_time()) return call.wrong_type(0, "a timestamp or a duration");
  const int64_t nanoseconds = call[0].size;
  if (call[0].kind == Kind::kTimestamp) {
    const auto zone = zone_of(call, 1);
    return zone ? Value::of_int(nanoseconds / 1'000'000) : make_error(call, zone.error());
  }
  if (call.size() > 1) return call.fail({"a duration has no time zone"});
  const bool down = call[0].integer < 0 && nanoseconds > 0;
  return Value::of_int((down ? nanoseconds - 1'000'000'000 : nanoseconds) / 1'000'000);
}

std::string check_zone(size_t i, const Value& constant) {
  if (i != 1 || constant.kind != Kind::kString) return {};
  const auto zone = TimeZone::find(constant.text());
  return zone ? std::string() : zone.error();
}

/// What is wrong with a format of date or timestamp; empty if nothing is.
std::string wrong_format(std::string_view function, std::string_view format) {
  const std::string_view letter = find_wrong_letter(format);
  if (letter.empty()) return {};
  return "the format of " + std::string(function) + " has no meaning for '" + std::string(letter) +
         "' (a percent sign itself is written %%)";
}

std::string wrong_format_to_read(std::string_view format) {
  std::string wrong = wrong_format("timestamp", format);
  return wrong.empty() ? why_unreadable(format) : wrong;
}

/// The text that is to be read: 20261124 may as well stand as a number in an event.
std::optional<std::string_view> text_of(const Value& value, Arena& arena) {
  if (value.kind == Kind::kString) return value.text();
  if (value.kind == Kind::kInt) return arena.copy(std::to_string(value.integer));
  if (value.kind == Kind::kUint) return arena.copy(std::to_string(value.unsigned_integer));
  return std::nullopt;
}

Value run_timestamp(const Call& call) {
  const std::optional<std::string_view> text = text_of(call[0], call.arena);
  if (!text) return call.wrong_type(0, "a text or an integer in front of a format");
  if (call[1].kind != Kind::kString) return call.wrong_type(1, "a format, such as \"%d/%b/%Y\"");
  const std::string wrong = wrong_format_to_read(call[1].text());
  if (!wrong.empty()) return make_error(call, wrong);
  const auto zone = zone_of(call, 2);
  if (!zone) return make_error(call, zone.error());
  const auto time = read_date(*text, call[1].text(), *zone);
  if (time) return to_value(*time);
  const std::string form = "'" + std::string(beginning(call[1].text(), 60)) + "'";
  return make_error(call, unreadable(*text, form, time.error()));
}

std::string check_timestamp_format(size_t i, const Value& constant) {
  if (i == 0 || constant.kind != Kind::kString) return {};
  return i == 2 ? check_zone(1, constant) : wrong_format_to_read(constant.text());
}

Value run_date(const Call& call) {
  // The time may be whatever timestamp() takes.
  const Value time = to_timestamp({call.arguments.first(1), call.arena, call.name, nullptr, true});
  if (time.is_error()) return time;
  if (call[1].kind != Kind::kString) return call.wrong_type(1, "a format, such as \"%Y-%m-%d\"");
  const std::string wrong = wrong_format(call.name, call[1].text());
  if (!wrong.empty()) return make_error(call, wrong);
  const auto zone = zone_of(call, 2);
  if (!zone) return make_error(call, zone.error());
  std::string text;
  append_date(timestamp_of(time), *zone, call[1].text(), text);
  return make_string(call.arena, text);
}

std::string check_date(size_t i, const Value& constant) {
  if (constant.kind != Kind::kString) return {};
  if (i == 0) return check_timestamp(i, constant);
  if (i == 2) return check_zone(1, constant);
  return wrong_format("date", constant.text());
}

constexpr Function part_row(std::string_view name, Value (*run)(const Call&),
                            std::string_view usage, std::string_view help) {
  return {name, Function::kMethod, 1, 2, run, kIntType, usage, help, 0, check_zone};
}

constexpr Function kRows[] = {
    {"timestamp", Function::kGlobal, 1, 1, to_timestamp, kTimestampType, "timestamp(x)",
     "the time that RFC 3339 or seconds since 1970 say", 0, check_timestamp},
    {"timestamp", Function::kGlobal, 2, 3, run_timestamp, kTimestampType,
     "timestamp(text, format) or timestamp(text, format, zone)",
     "the time that a text in a format such as %d/%b/%Y says", 0, check_timestamp_format},
    {"duration", Function::kGlobal, 1, 1, to_duration, kDurationType, "duration(x)",
     "the span of time that a text such as 1h30m says", 0, check_duration},
    {"now", Function::kGlobal, 0, 0, run_now, kTimestampType, "now()",
     "when the run began, or the time of --now"},
    {"date", Function::kGlobal, 2, 3, run_date, kStringType,
     "date(time, format) or date(time, format, zone)",
     "the time as text in a format such as %Y-%m-%d", 0, check_date},
    part_row("getFullYear", part_of_timestamp<full_year>,
             "time.getFullYear() or time.getFullYear(zone)", "the year"),
    part_row("getMonth", part_of_timestamp<month>, "time.getMonth() or time.getMonth(zone)",
             "the month, from 0 to 11"),
    part_row("getDate", part_of_timestamp<date>, "time.getDate() or time.getDate(zone)",
             "the day of the month, from 1"),
    part_row("getDayOfMonth", part_of_timestamp<day_of_month>,
             "time.getDayOfMonth() or time.getDayOfMonth(zone)", "the day of the month, from 0"),
    part_row("getDayOfYear", part_of_timestamp<day_of_year>,
             "time.getDayOfYear() or time.getDayOfYear(zone)", "the day of the year, from 0"),
    part_row("getDayOfWeek", part_of_timestamp<day_of_week>,
             "time.getDayOfWeek() or time.getDayOfWeek(zone)",
             "the day of the week, from 0, which is Sunday"),
    part_row("getHours", part_of_time<hours, 3600>, "time.getHours() or time.getHours(zone)",
             "the hour; of a duration all its hours"),
    part_row("getMinutes", part_of_time<minutes, 60>, "time.getMinutes() or time.getMinutes(zone)",
             "the minute; of a duration all its minutes"),
    part_row("getSeconds", part_of_time<seconds, 1>, "time.getSeconds() or time.getSeconds(zone)",
             "the second; of a duration all its seconds"),
    part_row("getMilliseconds", milliseconds,
             "time.getMilliseconds() or time.getMilliseconds(zone)",
             "the milliseconds beyond the second"),
};

}  // namespace

std::span<const Function> time_functions() { return kRows; }

}  // namespace weir::expr
