// Times in a format of one's own.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "event/time.h"
#include "event/time_zone.h"

namespace weir {

inline constexpr std::array<std::string_view, 7> kDayNames = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
inline constexpr std::array<std::string_view, 12> kMonthNames = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

/// The week by ISO 8601 and the year that it counts to: the one that has its Thursday.
struct IsoWeek {
  int64_t year;
  int64_t week;
};
IsoWeek iso_week(const CivilTime& civil);

/// Appends what `format` says of the time as the zone's clocks and calendars show it. Everything
/// stands for itself but for POSIX strftime's %a %A %b %B %d %e %F %g %G %H %I %j %m %M %p %R %s %S
/// %T %u %V %w %y %Y %z %Z %% (in English), and %L, %f and %N for milli-, micro- and nanoseconds of
/// the second, %:z for an offset with a colon. Needs a format in which `find_wrong_letter` finds
/// nothing.
void append_date(Timestamp time, const TimeZone& zone, std::string_view format, std::string& out);

/// The first % of the format with what stands behind it, if that means nothing; else empty.
std::string_view find_wrong_letter(std::string_view format);

}  // namespace weir
