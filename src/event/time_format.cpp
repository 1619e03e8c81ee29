#include "event/time_format.h"

#include "base/utf8.h"

namespace weir {

namespace {

constexpr std::string_view kLetters = "aAbBdeFgGHIjmMpRsSTuVwyYzZ%LfN";

/// Appends with zeros (or another character) in front up to a width.
void append_padded(int64_t number, size_t width, std::string& out, char padding = '0') {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), padding);
  out += digits;
}

void append_letter(char letter, Timestamp time, const CivilTime& civil, const TimeZone& zone,
                   std::string& out) {
  const auto two = [&](int64_t number) { append_padded(number, 2, out); };
  const std::string_view day = kDayNames[static_cast<size_t>(civil.week_day)];
  const std::string_view month = kMonthNames[static_cast<size_t>(civil.month - 1)];
  const auto several = [&](std::string_view letters, char between) {
    for (size_t i = 0; i < letters.size(); ++i) {
      if (i > 0) out += between;
      append_letter(letters[i], time, civil, zone, out);
    }
  };
  switch (letter) {
    case 'a':
      out += day.substr(0, 3);
      break;
    case 'A':
      out += day;
      break;
    case 'b':
      out += month.substr(0, 3);
      break;
    case 'B':
      out += month;
      break;
    case 'd':
      two(civil.day);
      break;
    case 'e':
      append_padded(civil.day, 2, out, ' ');
      break;
    case 'F':
      several("Ymd", '-');
      break;
    case 'g':
      two(iso_week(civil).year % 100);
      break;
    case 'G':
      append_padded(iso_week(civil).year, 4, out);
      break;
    case 'H':
      two(civil.hour);
      break;
    case 'I':
      two(civil.hour % 12 == 0 ? 12 : civil.hour % 12);
      break;
    case 'j':
      append_padded(civil.year_day + 1, 3, out);
      break;
    case 'm':
      two(civil.month);
      break;
    case 'M':
      two(civil.minute);
      break;
    case 'p':
      out += civil.hour < 12 ? "AM" : "PM";
      break;
    case 'R':
      several("HM", ':');
      break;
    case 's':
      out += std::to_string(time.seconds);
      break;
    case 'S':
      two(civil.second);
      break;
    case 'T':
      several("HMS", ':');
      break;
    case 'u':
      out += static_cast<char>('0' + (civil.week_day == 0 ? 7 : civil.week_day));
      break;
    case 'V':
      two(iso_week(civil).week);
      break;
    case 'w':
      out += static_cast<char>('0' + civil.week_day);
      break;
    case 'y':
      two(civil.year % 100);
      break;
    case 'Y':
      append_padded(civil.year, 4, out);
      break;
    case 'z':
      append_offset(zone.offset_at(time.seconds), false, out);
      break;
    case 'Z':
      out += zone.abbreviation_at(time.seconds);
      break;
    case 'L':
      append_padded(time.nanoseconds / 1'000'000, 3, out);
      break;
    case 'f':
      append_padded(time.nanoseconds / 1000, 6, out);
      break;
    case 'N':
      append_padded(time.nanoseconds, 9, out);
      break;
    default:
      out += letter;
  }
}

}  // namespace

IsoWeek iso_week(const CivilTime& civil) {
  const int64_t from_monday = (civil.week_day + 6) % 7;
  const int64_t thursday = days_to(civil.year, civil.month, civil.day) - from_monday + 3;
  const CivilTime of_thursday = civil_time(thursday * 86'400);
  return {of_thursday.year, of_thursday.year_day / 7 + 1};
}

void append_date(Timestamp time, const TimeZone& zone, std::string_view format, std::string& out) {
  const int64_t offset = zone.offset_at(time.seconds);
  const CivilTime civil = civil_time(time.seconds + offset);
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
    } else if (format[++i] == ':') {
      ++i;
      append_offset(offset, true, out);
    } else {
      append_letter(format[i], time, civil, zone, out);
    }
  }
}

std::string_view find_wrong_letter(std::string_view format) {
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const std::string_view rest = format.substr(i);
    if (rest.starts_with("%:z")) {
      i += 2;
    } else if (rest.size() > 1 && kLetters.find(rest[1]) != std::string_view::npos) {
      ++i;
    } else {
      return rest.substr(0, rest.size() == 1 ? 1 : 1 + first_character(rest.substr(1)).size());
    }
  }
  return {};
}

}  // namespace weir
