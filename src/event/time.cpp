#include "event/time.h"

#include <array>
#include <charconv>
#include <cstring>

namespace weir {

namespace {

__extension__ using Wide = __int128;

constexpr uint32_t kSecond = 1'000'000'000;  // in nanoseconds
constexpr int64_t kDay = 86'400;             // in seconds
constexpr int64_t kLongestDuration = 315'576'000'000;

constexpr std::string_view kTimestampForm = "RFC 3339 is expected, as in 2026-01-31T12:00:00Z";
constexpr std::string_view kTimestampRange = "it is not within the years 1 to 9999";
constexpr std::string_view kDurationForm =
    "numbers with units are expected, as in 1h30m or -1.5s (h, m, s, ms, us, ns)";
constexpr std::string_view kDurationRange = "it is longer than 315576000000s";

/// Digits at fixed places. One that is no digit spoils them all, which is asked for at the end.
class Digits {
 public:
  explicit Digits(const char* text) : text_(text) {}
  int two(size_t at) { return 10 * one(at) + one(at + 1); }
  int four(size_t at) { return 100 * two(at) + two(at + 2); }
  bool fine() const { return !spoiled_; }

 private:
  int one(size_t at) {
    const auto digit = static_cast<unsigned char>(text_[at] - '0');
    spoiled_ = spoiled_ || digit > 9;
    return digit;
  }
  const char* text_;
  bool spoiled_ = false;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[static_cast<size_t>(month - 1)];
}

/// Takes the decimals behind a point, up to nine, as nanoseconds. False if there are none, or more.
bool take_decimals(const char*& p, const char* end, uint32_t& nanoseconds) {
  const char* const begin = p;
  while (p < end && is_digit(*p)) {
    if (p - begin == 9) return false;
    nanoseconds = nanoseconds * 10 + static_cast<uint32_t>(*p++ - '0');
  }
  for (auto digits = p - begin; digits < 9; ++digits) nanoseconds *= 10;
  return p > begin;
}

/// Takes `Z` or `+hh:mm`, which must be all that is left. Gives seconds east of UTC.
std::optional<int64_t> take_offset(const char* p, const char* end) {
  if (end - p == 1 && (*p == 'Z' || *p == 'z')) return 0;
  if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':') return std::nullopt;
  Digits digits(p);
  const int hours = digits.two(1);
  const int minutes = digits.two(4);
  if (!digits.fine() || hours > 23 || minutes > 59) return std::nullopt;
  const int64_t offset = hours * 3600 + minutes * 60;
  return *p == '-' ? -offset : offset;
}

/// The same value with a whole number of seconds rounded down.
Duration split(Wide nanoseconds) {
  auto seconds = static_cast<int64_t>(nanoseconds / kSecond);
  auto rest = static_cast<int64_t>(nanoseconds % kSecond);
  if (rest < 0) {
    --seconds;
    rest += kSecond;
  }
  return {seconds, static_cast<uint32_t>(rest)};
}

Wide nanoseconds_of(int64_t seconds, uint32_t nanoseconds) {
  return Wide{seconds} * kSecond + nanoseconds;
}

/// a + b or a - b, of anything that is seconds and nanoseconds within either range: 64 bits hold
/// them easily.
template <typename T, typename A, typename B>
std::optional<T> checked_sum(A a, B b) {
  T sum{a.seconds + b.seconds, a.nanoseconds + b.nanoseconds};
  if (sum.nanoseconds >= kSecond) {
    sum.nanoseconds -= kSecond;
    ++sum.seconds;
  }
  return in_range(sum) ? std::optional(sum) : std::nullopt;
}

template <typename T, typename A, typename B>
std::optional<T> checked_difference(A a, B b) {
  T difference{a.seconds - b.seconds, a.nanoseconds - b.nanoseconds};
  if (a.nanoseconds < b.nanoseconds) {
    difference.nanoseconds += kSecond;
    --difference.seconds;
  }
  return in_range(difference) ? std::optional(difference) : std::nullopt;
}

/// Nanoseconds of the unit that `p` stands at, which is taken; 0 if there is none.
int64_t take_unit(const char*& p, const char* end) {
  struct Unit {
    std::string_view name;
    int64_t nanoseconds;
  };
  // A unit that begins another one stands behind it.
  constexpr std::array<Unit, 6> kUnits = {{{"ns", 1},
                                           {"us", 1000},
                                           {"ms", 1'000'000},
                                           {"s", kSecond},
                                           {"m", 60LL * kSecond},
                                           {"h", 3600LL * kSecond}}};
  const std::string_view rest(p, static_cast<size_t>(end - p));
  for (const Unit& unit : kUnits) {
    if (!rest.starts_with(unit.name)) continue;
    p += unit.name.size();
    return unit.nanoseconds;
  }
  return 0;
}

char* write_digits(uint32_t number, int digits, char* to) {
  for (int i = digits; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
  return to + digits;
}

/// Writes a point and the decimals of a second, without zeros at the end; nothing for none.
char* write_decimals(uint32_t nanoseconds, char* to) {
  if (nanoseconds == 0) return to;
  *to++ = '.';
  to = write_digits(nanoseconds, 9, to);
  while (to[-1] == '0') --to;
  return to;
}

}  // namespace

bool in_range(Timestamp time) {
  return time.seconds >= kLeastSecond && time.seconds <= kGreatestSecond;
}

bool in_range(Duration span) {
  if (span.seconds < -kLongestDuration) {
    return span.seconds == -kLongestDuration - 1 && span.nanoseconds > 0;
  }
  return span.seconds <= kLongestDuration;
}

std::expected<Timestamp, std::string_view> parse_timestamp(std::string_view text) {
  if (text.size() < 20) return std::unexpected(kTimestampForm);
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  Digits digits(begin);
  const int year = digits.four(0);
  const int month = digits.two(5);
  const int day = digits.two(8);
  const int hour = digits.two(11);
  const int minute = digits.two(14);
  const int second = digits.two(17);
  const bool separated = begin[4] == '-' && begin[7] == '-' &&
                         (begin[10] == 'T' || begin[10] == 't') && begin[13] == ':' &&
                         begin[16] == ':';
  if (!digits.fine() || !separated || month < 1 || month > 12 || day < 1 ||
      day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60) {
    return std::unexpected(kTimestampForm);
  }
  const char* p = begin + 19;
  uint32_t nanoseconds = 0;
  if (*p == '.' && !take_decimals(++p, end, nanoseconds)) return std::unexpected(kTimestampForm);
  const std::optional<int64_t> offset = take_offset(p, end);
  if (!offset) return std::unexpected(kTimestampForm);
  const int64_t seconds =
      days_to(year, month, day) * kDay + hour * 3600 + minute * 60 + second - *offset;
  const Timestamp time{seconds, nanoseconds};
  if (!in_range(time)) return std::unexpected(kTimestampRange);
  if (second == 60) {
    const CivilTime next = civil_time(seconds);
    const bool ends_month = next.day == 1 && seconds % kDay == 0;
    if (!ends_month) return std::unexpected(kTimestampForm);
  }
  return time;
}

std::expected<Duration, std::string_view> parse_duration(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) ++p;
  if (end - p == 1 && *p == '0') return Duration{};
  if (p == end) return std::unexpected(kDurationForm);
  Wide total = 0;
  while (p < end) {
    int64_t whole = 0;
    const auto [behind, problem] = std::from_chars(p, end, whole);
    if (*p == '-') return std::unexpected(kDurationForm);
    if (problem == std::errc::result_out_of_range) return std::unexpected(kDurationRange);
    bool has_digits = behind != p;
    p = behind;
    // Decimals beyond the eighteenth are less than a nanosecond of the greatest unit.
    int64_t decimals = 0;
    int64_t scale = 1;
    if (p < end && *p == '.') {
      for (++p; p < end && is_digit(*p); ++p) {
        has_digits = true;
        if (scale == 1'000'000'000'000'000'000) continue;
        decimals = decimals * 10 + (*p - '0');
        scale *= 10;
      }
    }
    const int64_t unit = has_digits ? take_unit(p, end) : 0;
    if (unit == 0) return std::unexpected(kDurationForm);
    total += Wide{whole} * unit + Wide{decimals} * unit / scale;
    if (total > Wide{kLongestDuration + 1} * kSecond) return std::unexpected(kDurationRange);
  }
  const Duration span = split(negative ? -total : total);
  if (!in_range(span)) return std::unexpected(kDurationRange);
  return span;
}

char* write_timestamp(Timestamp time, char* to) {
  const CivilTime civil = civil_time(time.seconds);
  const auto two = [&](char before, int number) {
    *to++ = before;
    to = write_digits(static_cast<uint32_t>(number), 2, to);
  };
  to = write_digits(static_cast<uint32_t>(civil.year), 4, to);
  two('-', civil.month);
  two('-', civil.day);
  two('T', civil.hour);
  two(':', civil.minute);
  two(':', civil.second);
  to = write_decimals(time.nanoseconds, to);
  *to++ = 'Z';
  return to;
}

void append_timestamp(Timestamp time, std::string& out) {
  char text[kTimestampSize];
  out.append(text, write_timestamp(time, text));
}

void append_duration(Duration span, std::string& out) {
  Wide total = nanoseconds_of(span.seconds, span.nanoseconds);
  char text[40];
  char* to = text;
  if (total < 0) {
    *to++ = '-';
    total = -total;
  }
  const Duration magnitude = split(total);
  to = std::to_chars(to, text + sizeof text, magnitude.seconds).ptr;
  to = write_decimals(magnitude.nanoseconds, to);
  *to++ = 's';
  out.append(text, to);
}

std::optional<Timestamp> add(Timestamp time, Duration span) {
  return checked_sum<Timestamp>(time, span);
}

std::optional<Timestamp> subtract(Timestamp time, Duration span) {
  return checked_difference<Timestamp>(time, span);
}

std::optional<Duration> add(Duration a, Duration b) { return checked_sum<Duration>(a, b); }

std::optional<Duration> subtract(Duration a, Duration b) {
  return checked_difference<Duration>(a, b);
}

std::optional<Duration> subtract(Timestamp a, Timestamp b) {
  const std::optional<Duration> span = checked_difference<Duration>(a, b);
  if (!span) return std::nullopt;
  const Wide nanoseconds = nanoseconds_of(span->seconds, span->nanoseconds);
  const bool fits = nanoseconds >= INT64_MIN && nanoseconds <= INT64_MAX;
  return fits ? span : std::nullopt;
}

// The calendar goes by years that begin in March, so that a leap day is the last of its year, in
// eras of 400 years, which all have the same number of days. See "chrono-Compatible Low-Level Date
// Algorithms" (H. Hinnant).

namespace {

constexpr int64_t kEraDays = 146'097;
constexpr int64_t kEpochFromMarch0 = 719'468;  // days from 0000-03-01 to 1970-01-01

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

int64_t days_to(int64_t year, int month, int day) {
  const int64_t march_year = year - (month <= 2 ? 1 : 0);
  const int64_t era = floor_divide(march_year, 400);
  const int64_t year_of_era = march_year - era * 400;
  const int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
  return era * kEraDays + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         kEpochFromMarch0;
}

CivilTime civil_time(int64_t seconds) {
  const int64_t days = floor_divide(seconds, kDay);
  const auto of_day = static_cast<int>(seconds - days * kDay);
  const int64_t from_march = days + kEpochFromMarch0;
  const int64_t era = floor_divide(from_march, kEraDays);
  const int64_t day_of_era = from_march - era * kEraDays;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * day_of_year + 2) / 153;
  CivilTime civil;
  civil.day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  civil.month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  civil.year = year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0);
  civil.year_day = static_cast<int>(days - days_to(civil.year, 1, 1));
  // 1970-01-01 was a Thursday.
  civil.week_day = static_cast<int>(days + 4 - floor_divide(days + 4, 7) * 7);
  civil.hour = of_day / 3600;
  civil.minute = of_day / 60 % 60;
  civil.second = of_day % 60;
  return civil;
}

}  // namespace weir
