// The rule at the end of a time zone's file: what holds behind the last change that the file lists.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Standard time, and the days of each year on which the clocks change, if they do. Written as in
/// the variable TZ of POSIX, with the times beyond a day that RFC 9636 adds:
/// "CET-1CEST,M3.5.0,M10.5.0/3".
class ZoneRule {
 public:
  /// What holds from `begin` until before `end`, in seconds since 1970.
  struct Period {
    int64_t begin = 0;
    int64_t end = 0;
    int64_t offset = 0;             ///< seconds that the clocks are ahead of UTC
    std::string_view abbreviation;  ///< lives as long as the rule
  };

  /// Nothing if it is no rule.
  static std::optional<ZoneRule> parse(std::string_view text);
  /// The rule at the end of a file of RFC 9636 (TZif). Nothing if there is none.
  static std::optional<ZoneRule> of_file(std::string_view content);

  Period at(int64_t seconds) const;

 private:
  class Parser;

  struct Clock {
    std::string name;
    int64_t offset = 0;
  };
  /// When the clocks change in a year, by the clocks that it ends.
  struct Change {
    enum class Kind : uint8_t { kWeekday, kDay, kDayWithoutLeap };
    Kind kind = Kind::kWeekday;
    unsigned month = 0;
    unsigned week = 0;     ///< 5 is the last
    unsigned weekday = 0;  ///< 0 is Sunday
    unsigned day = 0;      ///< kDay: from 0 on; kDayWithoutLeap: from 1 on, February 29 left out
    int64_t time = 7200;   ///< seconds from the beginning of that day
    int64_t in(std::chrono::year year) const;
  };

  Clock standard_;
  std::optional<Clock> summer_;
  std::array<Change, 2> changes_;  ///< to summer time, and back
};

}  // namespace weir
