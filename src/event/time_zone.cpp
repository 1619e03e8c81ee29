#include "event/time_zone.h"

#include <date/tz.h>

#include <exception>
#include <optional>

namespace weir {

namespace {

/// "+11:00", "-02:30", "02:00" as seconds.
std::optional<int64_t> read_offset(std::string_view name) {
  const bool west = name.starts_with('-');
  if (west || name.starts_with('+')) name.remove_prefix(1);
  if (name.size() != 5 || name[2] != ':') return std::nullopt;
  for (const size_t at : {0U, 1U, 3U, 4U}) {
    if (name[at] < '0' || name[at] > '9') return std::nullopt;
  }
  const int64_t hours = (name[0] - '0') * 10 + (name[1] - '0');
  const int64_t minutes = (name[3] - '0') * 10 + (name[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  const int64_t seconds = hours * 3600 + minutes * 60;
  return west ? -seconds : seconds;
}

/// What the database says of one place at one time, and how long that holds.
struct Period {
  const date::time_zone* place = nullptr;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t offset = 0;
};

date::sys_info info_at(const date::time_zone& place, int64_t seconds) {
  return place.get_info(date::sys_seconds(std::chrono::seconds(seconds)));
}

}  // namespace

std::expected<TimeZone, std::string> TimeZone::find(std::string_view name) {
  TimeZone zone;
  if (name == "UTC") return zone;
  if (const std::optional<int64_t> offset = read_offset(name)) {
    zone.fixed_ = *offset;
    return zone;
  }
  // An expression asks for the same zone again and again.
  struct Last {
    std::string name;
    const date::time_zone* place = nullptr;
  };
  thread_local Last last;
  if (last.place == nullptr || last.name != name) {
    const auto unknown = [&](std::string_view why) {
      return std::unexpected("there is no time zone '" + std::string(name.substr(0, 60)) + "'" +
                             std::string(why));
    };
    try {
      if (date::get_tzdb().zones.empty()) {
        return unknown(": the system has no time zones (package tzdata)");
      }
    } catch (const std::exception&) {
      return unknown(": the system has no time zones (package tzdata)");
    }
    try {
      const date::time_zone* const place = date::locate_zone(name);
      // The zone's file is read only now, and might be none.
      info_at(*place, 0);
      last = {std::string(name), place};
    } catch (const std::exception&) {
      return unknown("");
    }
  }
  zone.place_ = last.place;
  return zone;
}

int64_t TimeZone::offset_at(int64_t seconds) const {
  if (place_ == nullptr) return fixed_;
  thread_local Period last;
  if (last.place != place_ || seconds < last.begin || seconds >= last.end) {
    const date::sys_info info = info_at(*place_, seconds);
    last = {place_, info.begin.time_since_epoch().count(), info.end.time_since_epoch().count(),
            info.offset.count()};
  }
  return last.offset;
}

std::string TimeZone::abbreviation_at(int64_t seconds) const {
  if (place_ != nullptr) return info_at(*place_, seconds).abbrev;
  if (fixed_ == 0) return "UTC";
  std::string text;
  append_offset(fixed_, true, text);
  return text;
}

void append_offset(int64_t seconds, bool colon, std::string& out) {
  out += seconds < 0 ? '-' : '+';
  const int64_t minutes = (seconds < 0 ? -seconds : seconds) / 60;
  const auto two = [&](int64_t number) {
    out += static_cast<char>('0' + number / 10 % 10);
    out += static_cast<char>('0' + number % 10);
  };
  two(minutes / 60);
  if (colon) out += ':';
  two(minutes % 60);
}

}  // namespace weir
