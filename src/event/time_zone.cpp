#include "event/time_zone.h"

#include <absl/time/time.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "base/file.h"
#include "base/utf8.h"

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

constexpr std::string_view kUsualFolder = "/usr/share/zoneinfo";

/// Where the database is.
std::string folder() {
  const char* const set = std::getenv("TZDIR");
  return set != nullptr && *set != '\0' ? set : std::string(kUsualFolder);
}

/// True for what a name of the database can be. The name may come from an event, and is the rest
/// of a path: there is no ".." in it, and each file has one name only. Beside the places there are
/// the same ones again, once with leap seconds, and one that is another on each machine.
bool is_name(std::string_view name) {
  const auto is_usual = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  };
  return !name.starts_with('/') && !name.ends_with('/') && !name.contains("//") &&
         !name.starts_with("posix") && !name.starts_with("right/") && name != "localtime" &&
         std::ranges::all_of(name, is_usual);
}

/// The library remembers each name for which there is no such file, for good.
bool is_zone_file(const std::string& path) {
  FileSystem& files = system_files();
  const OpenFile file(files, files.open(path, O_RDONLY | O_NONBLOCK, 0));
  std::array<char, 4> magic{};  // RFC 9636, 3.1
  return file && files.read(file.fd(), magic.data(), magic.size()) == 4 &&
         std::string_view(magic.data(), magic.size()) == "TZif";
}

bool is_folder(const std::string& path) {
  struct stat status {};
  return system_files().status(path, status) == 0 && S_ISDIR(status.st_mode);
}

/// What the clocks of a place are ahead of UTC from `begin` until before `end`.
struct Period {
  absl::TimeZone place;
  int64_t begin = 0;
  int64_t end = 0;
  int64_t offset = 0;
};

Period period_at(const absl::TimeZone& place, int64_t seconds) {
  const absl::Time time = absl::FromUnixSeconds(seconds);
  const auto begin_of = [&](const absl::TimeZone::CivilTransition& change) {
    return absl::ToUnixSeconds(place.At(change.to).trans);
  };
  Period period = {
      .place = place, .begin = seconds, .end = seconds + 1, .offset = place.At(time).offset};
  absl::TimeZone::CivilTransition change;
  // The library lists four centuries of changes. Behind those there may be more, unlisted.
  if (!place.NextTransition(time, &change)) return period;
  period.end = begin_of(change);
  if (place.PrevTransition(time + absl::Seconds(1), &change)) period.begin = begin_of(change);
  return period;
}

}  // namespace

std::expected<TimeZone, std::string> TimeZone::find(std::string_view name) {
  TimeZone zone;
  if (name == "UTC") return zone;
  if (const std::optional<int64_t> offset = read_offset(name)) {
    zone.fixed_ = *offset;
    return zone;
  }
  // An expression asks for the same zones again and again.
  thread_local std::map<std::string, absl::TimeZone, std::less<>> places;
  auto place = places.find(name);
  if (place == places.end()) {
    const auto unknown = [&](std::string_view why) {
      return std::unexpected("there is no time zone '" + std::string(beginning(name, 60)) + "'" +
                             std::string(why));
    };
    if (!is_name(name)) return unknown("");
    const std::string files = folder();
    if (!is_folder(files)) {
      return unknown(files == kUsualFolder ? ": the system has no time zones (package tzdata)"
                                           : ": TZDIR names no folder");
    }
    // The library guards itself, which a sanitizer that was not there when it was compiled cannot
    // see.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    absl::TimeZone found;
    if (!is_zone_file(files + '/' + std::string(name)) ||
        !absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &found)) {
      return unknown("");
    }
    place = places.emplace(name, found).first;
  }
  zone.place_ = place->second;
  return zone;
}

int64_t TimeZone::offset_at(int64_t seconds) const {
  if (!place_) return fixed_;
  // Events come in the order of their times, more or less.
  thread_local Period last;
  if (last.place != *place_ || seconds < last.begin || seconds >= last.end) {
    last = period_at(*place_, seconds);
  }
  return last.offset;
}

std::string TimeZone::abbreviation_at(int64_t seconds) const {
  // The file may be anyone's.
  if (place_) return well_formed_utf8(place_->At(absl::FromUnixSeconds(seconds)).zone_abbr);
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
