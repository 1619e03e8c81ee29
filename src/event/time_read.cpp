#include "event/time_read.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/utf8.h"
#include "event/time_format.h"

namespace weir {

namespace {

constexpr int64_t kDay = 86'400;

using Part = std::optional<int64_t>;

/// What a text says of a time.
struct Parts {
  Part year, year_of_century, month, day, year_day;  ///< days and months from 1
  Part iso_year, iso_year_of_century, week, week_day;
  Part hour, half_day_hour, half, minute, second, nanoseconds;
  Part epoch, offset;
  std::string_view abbreviation;  ///< of the zone, where that does not tell an offset
};

/// A number: how many digits it has, and what it may be.
struct Number {
  char letter;
  size_t least_digits;
  size_t most_digits;
  int64_t least;
  int64_t most;
  Part Parts::*part;
};

constexpr std::array<Number, 16> kNumbers = {{
    {'d', 1, 2, 1, 31, &Parts::day},
    {'e', 1, 2, 1, 31, &Parts::day},
    {'g', 2, 2, 0, 99, &Parts::iso_year_of_century},
    {'G', 4, 4, 0, 9999, &Parts::iso_year},
    {'H', 1, 2, 0, 23, &Parts::hour},
    {'I', 1, 2, 1, 12, &Parts::half_day_hour},
    {'j', 1, 3, 1, 366, &Parts::year_day},
    {'m', 1, 2, 1, 12, &Parts::month},
    {'M', 1, 2, 0, 59, &Parts::minute},
    {'s', 1, 18, 0, INT64_MAX, &Parts::epoch},
    {'S', 1, 2, 0, 60, &Parts::second},
    {'u', 1, 1, 1, 7, &Parts::week_day},
    {'V', 1, 2, 1, 53, &Parts::week},
    {'w', 1, 1, 0, 6, &Parts::week_day},
    {'y', 2, 2, 0, 99, &Parts::year_of_century},
    {'Y', 4, 4, 0, 9999, &Parts::year},
}};

constexpr std::array<std::string_view, 2> kHalves = {"AM", "PM"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool begins_with(std::string_view text, std::string_view name) {
  return std::ranges::equal(text.substr(0, name.size()), name, {}, lower, lower);
}

/// What the letters that stand for several letters stand for.
std::string_view several(char letter) {
  switch (letter) {
    case 'F':
      return "%Y-%m-%d";
    case 'R':
      return "%H:%M";
    case 'T':
      return "%H:%M:%S";
    default:
      return {};
  }
}

/// How many decimals a format has at its front, if they stand there.
size_t decimals_in_front(std::string_view format) {
  return format.starts_with("%L")   ? 3
         : format.starts_with("%f") ? 6
         : format.starts_with("%N") ? 9
                                    : 0;
}

/// What is left of a text, as far as a message has room for it.
std::string shown(std::string_view rest) { return std::string(beginning(rest, 20)); }

/// Takes a text apart, from its front on. What does not fit ends it.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// False where the text does not fit; `reason` says why.
  bool read(std::string_view format) {
    for (size_t i = 0; i < format.size(); ++i) {
      if (format[i] == ' ') {
        if (!skip_blanks()) return fail("a blank is expected");
      } else if (format[i] != '%') {
        const std::string_view wanted = first_character(format.substr(i));
        if (!rest_.starts_with(wanted)) return fail("'" + std::string(wanted) + "' is expected");
        rest_.remove_prefix(wanted.size());
        i += wanted.size() - 1;
      } else {
        if (format[++i] == ':') ++i;
        if (const std::string_view inner = several(format[i]); !inner.empty()) {
          if (!read(inner)) return false;
        } else if (!read_letter(format[i], format.substr(i + 1))) {
          return fail("%" + std::string(1, format[i]) + " is expected");
        }
      }
    }
    return true;
  }

  std::string_view rest() const { return rest_; }
  const Parts& parts() const { return parts_; }
  const std::string& reason() const { return reason_; }

 private:
  bool fail(const std::string& expected) {
    if (!reason_.empty()) return false;
    reason_ = expected + (rest_.empty() ? " at its end" : " at '" + shown(rest_) + "'");
    return false;
  }

  bool skip_blanks() {
    const size_t blanks = std::min(rest_.find_first_not_of(" \t"), rest_.size());
    rest_.remove_prefix(blanks);
    return blanks > 0;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Sets a part. What was said before must be the same.
  bool set(Part& part, int64_t value) {
    if (part && *part != value) {
      reason_ = "it says two things";
      return false;
    }
    part = value;
    return true;
  }

  /// Takes digits; nothing where there are too few.
  Part digits(size_t least, size_t most) {
    size_t count = 0;
    int64_t number = 0;
    while (count < most && count < rest_.size() && is_digit(rest_[count])) {
      number = number * 10 + (rest_[count++] - '0');
    }
    if (count < least) return std::nullopt;
    rest_.remove_prefix(count);
    return number;
  }

  /// `behind` is the format behind the number.
  bool read_number(const Number& number, std::string_view behind) {
    const std::string_view before = rest_;
    if (number.letter == 'e') skip_blanks();
    const bool negative = number.letter == 's' && take('-');
    size_t most = number.most_digits;
    if (const size_t decimals = decimals_in_front(behind); number.letter == 's' && decimals > 0) {
      // Of 1700000000123 by %s%L the last three are decimals.
      const auto end = std::ranges::find_if_not(rest_, is_digit);
      const auto count = static_cast<size_t>(end - rest_.begin());
      most = std::min(most, count - std::min(count, decimals));
    }
    const Part value = digits(number.least_digits, most);
    if (!value || *value < number.least || *value > number.most) {
      rest_ = before;
      return false;
    }
    const int64_t day = number.letter == 'u' ? *value % 7 : *value;
    return set(parts_.*number.part, negative ? -day : day);
  }

  bool read_decimals(size_t most) {
    const size_t before = rest_.size();
    Part value = digits(1, most);
    if (!value) return false;
    for (size_t count = before - rest_.size(); count < 9; ++count) *value *= 10;
    return set(parts_.nanoseconds, *value);
  }

  /// Takes one of the names, or what it begins with if that is `shortened` letters long.
  bool read_name(std::span<const std::string_view> names, size_t shortened, int64_t first,
                 Part& part) {
    for (size_t i = 0; i < names.size(); ++i) {
      const bool is_whole = begins_with(rest_, names[i]);
      if (!is_whole && !begins_with(rest_, names[i].substr(0, shortened))) continue;
      rest_.remove_prefix(is_whole ? names[i].size() : shortened);
      return set(part, first + static_cast<int64_t>(i));
    }
    return false;
  }

  /// Z, +hh, +hhmm or +hh:mm.
  bool read_offset() {
    if (take('Z') || take('z')) return set(parts_.offset, 0);
    const std::string_view before = rest_;
    const bool negative = rest_.starts_with('-');
    if (!take('-') && !take('+')) return false;
    const Part hours = digits(2, 2);
    const bool colon = hours && take(':');
    Part minutes = digits(2, 2);
    if (!minutes && !colon) minutes = 0;
    if (!hours || !minutes || *hours > 23 || *minutes > 59) {
      rest_ = before;
      return false;
    }
    const int64_t offset = *hours * 3600 + *minutes * 60;
    return set(parts_.offset, negative ? -offset : offset);
  }

  bool read_abbreviation() {
    const auto end = std::ranges::find_if_not(rest_, is_letter);
    const std::string_view name = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    if (name.empty()) return read_offset();
    rest_.remove_prefix(name.size());
    if (name == "UTC" || name == "GMT" || name == "Z") return set(parts_.offset, 0);
    parts_.abbreviation = name;
    return true;
  }

  bool read_letter(char letter, std::string_view behind) {
    const auto number = std::ranges::find(kNumbers, letter, &Number::letter);
    if (number != kNumbers.end()) return read_number(*number, behind);
    switch (letter) {
      case 'a':
      case 'A':
        return read_name(kDayNames, 3, 0, parts_.week_day);
      case 'b':
      case 'B':
        return read_name(kMonthNames, 3, 1, parts_.month);
      case 'p':
        return read_name(kHalves, 2, 0, parts_.half);
      case 'L':
        return read_decimals(3);
      case 'f':
        return read_decimals(6);
      case 'N':
        return read_decimals(9);
      case 'z':
        return read_offset();
      case 'Z':
        return read_abbreviation();
      default:
        return take(letter);  // %%
    }
  }

  std::string_view rest_;
  Parts parts_;
  std::string reason_;
};

/// A year of two digits as POSIX has it.
int64_t whole_year(int64_t of_century) { return of_century + (of_century < 69 ? 2000 : 1900); }

/// Days from 1970-01-01.
int64_t days_of(const Parts& parts) {
  const bool has_week = parts.week && (parts.iso_year || parts.iso_year_of_century);
  if (has_week && !parts.month && !parts.day && !parts.year_day) {
    const int64_t year = parts.iso_year ? *parts.iso_year : whole_year(*parts.iso_year_of_century);
    // The first week has January 4.
    const int64_t fourth = days_to(year, 1, 4);
    const int64_t monday = fourth - (civil_time(fourth * kDay).week_day + 6) % 7;
    return monday + (*parts.week - 1) * 7 + (parts.week_day.value_or(1) + 6) % 7;
  }
  const int64_t year = parts.year ? *parts.year : whole_year(*parts.year_of_century);
  if (parts.year_day && !parts.month && !parts.day) {
    return days_to(year, 1, 1) + *parts.year_day - 1;
  }
  return days_to(year, static_cast<int>(parts.month.value_or(1)),
                 static_cast<int>(parts.day.value_or(1)));
}

/// Seconds that a clock shows at the time, as if it were one of UTC.
int64_t local_seconds(const Parts& parts) {
  int64_t hour = parts.hour.value_or(0);
  if (!parts.hour && parts.half_day_hour) hour = *parts.half_day_hour % 12 + *parts.half * 12;
  return days_of(parts) * kDay + hour * 3600 + parts.minute.value_or(0) * 60 +
         parts.second.value_or(0);
}

/// The times at which the zone's clocks show that, the first one first.
std::vector<int64_t> times_of(int64_t local, const TimeZone& zone) {
  std::vector<int64_t> times;
  for (const int64_t near : {local - kDay, local, local + kDay}) {
    const int64_t time = local - zone.offset_at(near);
    if (time + zone.offset_at(time) == local) times.push_back(time);
  }
  std::ranges::sort(times);
  return times;
}

/// True if all that was read is so at that time.
bool agrees(const Parts& parts, int64_t local) {
  const bool leap = parts.second == 60;
  const CivilTime civil = civil_time(local - (leap ? 1 : 0));
  const IsoWeek iso = iso_week(civil);
  const auto fits = [](const Part& part, int64_t value) { return !part || *part == value; };
  return fits(parts.year, civil.year) && fits(parts.year_of_century, civil.year % 100) &&
         fits(parts.month, civil.month) && fits(parts.day, civil.day) &&
         fits(parts.year_day, civil.year_day + 1) && fits(parts.iso_year, iso.year) &&
         fits(parts.iso_year_of_century, iso.year % 100) && fits(parts.week, iso.week) &&
         fits(parts.week_day, civil.week_day) && fits(parts.hour, civil.hour) &&
         fits(parts.half_day_hour, civil.hour % 12 == 0 ? 12 : civil.hour % 12) &&
         fits(parts.half, civil.hour / 12) && fits(parts.minute, civil.minute) &&
         (leap || fits(parts.second, civil.second));
}

/// The second that follows 23:59:60 UTC at the end of a month, as POSIX counts.
bool is_behind_leap_second(int64_t seconds) {
  return seconds % kDay == 0 && civil_time(seconds).day == 1;
}

std::expected<int64_t, std::string> find_seconds(const Parts& parts, const TimeZone& zone) {
  if (parts.epoch) return *parts.epoch;
  const int64_t local = local_seconds(parts);
  if (parts.offset) return local - *parts.offset;
  const std::vector<int64_t> times = times_of(local, zone);
  if (times.empty()) {
    return std::unexpected("the clocks of this zone never showed that: they were put forward");
  }
  if (parts.abbreviation.empty()) return times.front();
  for (const int64_t time : times) {
    if (zone.abbreviation_at(time) == parts.abbreviation) return time;
  }
  return std::unexpected("'" + std::string(parts.abbreviation) +
                         "' is not what the time is called in this zone then (the zone is UTC, or "
                         "what is named behind the format)");
}

}  // namespace

std::expected<Timestamp, std::string> read_date(std::string_view text, std::string_view format,
                                                const TimeZone& zone) {
  Reader reader(text);
  if (!reader.read(format)) return std::unexpected(reader.reason());
  if (!reader.rest().empty()) {
    return std::unexpected("'" + shown(reader.rest()) + "' is left");
  }
  const Parts& parts = reader.parts();
  const auto seconds = find_seconds(parts, zone);
  if (!seconds) return std::unexpected(seconds.error());
  const Timestamp time{*seconds, static_cast<uint32_t>(parts.nanoseconds.value_or(0))};
  if (!in_range(time)) return std::unexpected("it is not within the years 1 to 9999");
  const int64_t offset = parts.offset ? *parts.offset : zone.offset_at(time.seconds);
  if (!agrees(parts, time.seconds + offset)) {
    return std::unexpected("there is no such date, or it says two things");
  }
  if (parts.second == 60 && !is_behind_leap_second(time.seconds)) {
    return std::unexpected("there is a second 60 at the end of a month only, in UTC");
  }
  return time;
}

std::string why_unreadable(std::string_view format) {
  std::string letters;
  for (size_t i = 0; i + 1 < format.size(); ++i) {
    if (format[i] != '%') continue;
    letters += format[++i];
    letters += several(format[i]);
  }
  const auto has = [&](std::string_view any) {
    return letters.find_first_of(any) != std::string::npos;
  };
  if (has("I") && !has("p")) return "%I needs %p, the half of the day";
  if (has("s")) return {};
  if (has("Yy") ? has("V") && !has("Gg") && !has("dej") : has("V") != has("Gg")) {
    return "%V and %G need each other: a week may count to another year than its days";
  }
  if (!has("YyGg")) {
    return "a time needs a year: put it in front, as in timestamp('2026 ' + text, '%Y %b %d %T')";
  }
  if (has("de") && !has("mbB")) return "a day needs a month, %m or %b";
  return {};
}

}  // namespace weir
