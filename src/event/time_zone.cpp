#include "event/time_zone.h"

#include <date/tz.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <mutex>
#include <optional>

#include "base/file.h"
#include "base/utf8.h"
#include "event/zone_rule.h"

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

/// Where the database is that the library reads.
constexpr std::string_view kFolder = "/usr/share/zoneinfo/";
/// Years end at 9999. A period that ends behind that is the last one of a file.
constexpr int64_t kEndOfTimes = 253402300800;

/// What holds at a place at some time, and how long.
struct Period {
  const date::time_zone* place = nullptr;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t offset = 0;
  std::string abbreviation = {};
};

date::sys_info info_at(const date::time_zone& place, int64_t seconds) {
  return place.get_info(date::sys_seconds(std::chrono::seconds(seconds)));
}

/// The library leaves out the rule at the end of a zone's file, though it is what holds today where
/// the database is a slim one, and from 2038 on where it is not. Null if there is none. The rules
/// live until the process ends.
const ZoneRule* rule_of(const date::time_zone& place) {
  static std::mutex mutex;
  static std::map<const date::time_zone*, std::optional<ZoneRule>> rules;
  const std::lock_guard lock(mutex);
  const auto [known, is_new] = rules.try_emplace(&place);
  if (is_new) {
    FileSystem& files = system_files();
    const OpenFile file(files, files.open(std::string(kFolder) + place.name(), O_RDONLY, 0));
    std::string content;
    std::array<char, 8192> piece{};
    ssize_t size = 0;
    while (file && (size = files.read(file.fd(), piece.data(), piece.size())) > 0) {
      content.append(piece.data(), static_cast<size_t>(size));
    }
    known->second = ZoneRule::of_file(content);
  }
  return known->second ? &*known->second : nullptr;
}

Period period_at(const date::time_zone& place, const ZoneRule* rule, int64_t seconds) {
  const date::sys_info info = info_at(place, seconds);
  Period period = {&place, info.begin.time_since_epoch().count(),
                   info.end.time_since_epoch().count(), info.offset.count(), info.abbrev};
  if (rule == nullptr || period.end < kEndOfTimes) return period;
  const ZoneRule::Period later = rule->at(seconds);
  return {&place, std::max(period.begin, later.begin), later.end, later.offset,
          std::string(later.abbreviation)};
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
    const ZoneRule* rule = nullptr;
  };
  thread_local Last last;
  if (last.place == nullptr || last.name != name) {
    const auto unknown = [&](std::string_view why) {
      return std::unexpected("there is no time zone '" + std::string(beginning(name, 60)) + "'" +
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
      last = {std::string(name), place, rule_of(*place)};
    } catch (const std::exception&) {
      return unknown("");
    }
  }
  zone.place_ = last.place;
  zone.rule_ = last.rule;
  return zone;
}

int64_t TimeZone::offset_at(int64_t seconds) const {
  if (place_ == nullptr) return fixed_;
  thread_local Period last;
  if (last.place != place_ || seconds < last.begin || seconds >= last.end) {
    last = period_at(*place_, rule_, seconds);
  }
  return last.offset;
}

std::string TimeZone::abbreviation_at(int64_t seconds) const {
  if (place_ != nullptr) return period_at(*place_, rule_, seconds).abbreviation;
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
