// Points in time and spans of time, as text and as numbers.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "event/value.h"

namespace weir {

/// A point in time: seconds since 1970-01-01T00:00:00Z without leap seconds, rounded down, and the
/// nanoseconds (0 to 999,999,999) behind them. As google.protobuf.Timestamp it lies between
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z.
struct Timestamp {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
  auto operator<=>(const Timestamp&) const = default;
};

/// A span of time, in the same form: -0.5 s is {-1, 500'000'000}. As google.protobuf.Duration it
/// has at most 315,576,000,000 whole seconds (10,000 years) of either sign.
struct Duration {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
  auto operator<=>(const Duration&) const = default;
};

inline constexpr int64_t kLeastSecond = -62'135'596'800;     ///< 0001-01-01T00:00:00Z
inline constexpr int64_t kGreatestSecond = 253'402'300'799;  ///< 9999-12-31T23:59:59Z

bool in_range(Timestamp time);
bool in_range(Duration span);

/// Reads RFC 3339: a date, T, a time with at most nine decimals of a second, and Z or an offset
/// (letters of either case). The leap second 23:59:60 UTC at the end of a month reads as the second
/// that follows it, as POSIX counts. Gives why it cannot be read, as static text. Allocates
/// nothing.
std::expected<Timestamp, std::string_view> parse_timestamp(std::string_view text);

/// Reads numbers with units, one behind the other, and a sign in front: "1h30m", "-1.5s", "100us";
/// h, m, s, ms, us and ns. "0" alone needs no unit. What is less than a nanosecond is dropped.
/// Gives why it cannot be read, as static text. Allocates nothing.
std::expected<Duration, std::string_view> parse_duration(std::string_view text);

/// The most bytes that `write_timestamp` writes.
inline constexpr size_t kTimestampSize = 30;
/// Writes a time in range as RFC 3339 in UTC, with as many decimals as it has, and gives the end of
/// what was written.
char* write_timestamp(Timestamp time, char* to);
void append_timestamp(Timestamp time, std::string& out);
/// Appends a span in seconds, with as many decimals as it has: "1.5s".
void append_duration(Duration span, std::string& out);

/// Nothing where the result is out of range.
std::optional<Timestamp> add(Timestamp time, Duration span);
std::optional<Timestamp> subtract(Timestamp time, Duration span);
std::optional<Duration> add(Duration a, Duration b);
std::optional<Duration> subtract(Duration a, Duration b);
/// Two times that are further apart than 2^63 nanoseconds (292 years) have no difference: CEL's
/// conformance suite (timestamps, sub_time_duration_over) holds spans made this way to 64 bits.
std::optional<Duration> subtract(Timestamp a, Timestamp b);

/// A second of the proleptic Gregorian calendar.
struct CivilTime {
  int64_t year = 1970;
  int month = 1;     ///< 1 to 12
  int day = 1;       ///< 1 to 31
  int year_day = 0;  ///< 0 to 365
  int week_day = 0;  ///< 0 to 6, from Sunday
  int hour = 0;
  int minute = 0;
  int second = 0;
};

/// What calendar and clock show, where `seconds` is a Timestamp's plus the offset of the place.
CivilTime civil_time(int64_t seconds);
/// Days from 1970-01-01 to that date.
int64_t days_to(int64_t year, int month, int day);

inline Value to_value(Timestamp time) {
  return Value::of_timestamp(time.seconds, time.nanoseconds);
}
inline Value to_value(Duration span) { return Value::of_duration(span.seconds, span.nanoseconds); }
/// The content of a kTimestamp.
inline Timestamp timestamp_of(const Value& value) { return {value.integer, value.size}; }
/// The content of a kDuration.
inline Duration duration_of(const Value& value) { return {value.integer, value.size}; }

}  // namespace weir
