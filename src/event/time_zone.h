// Time zones: how far a place's clocks are from UTC, and when.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// A fixed offset from UTC, or a place of the IANA time zone database. Free to copy.
class TimeZone {
 public:
  TimeZone() = default;  ///< UTC

  /// Finds "UTC", an offset such as "+11:00", "-02:30" or "02:00", or a name such as
  /// "America/New_York" (letters of that case). The file of a name is read when the name is first
  /// used, from the system's database or the folder in the variable TZDIR. Safe on several threads.
  /// The error is a reason for a person.
  static std::expected<TimeZone, std::string> find(std::string_view name);

  /// Seconds that the clocks are ahead of UTC (east is positive) at that second.
  int64_t offset_at(int64_t seconds) const;
  /// How people there call the time then: "CET", "EDT"; for a fixed offset "UTC" or "+11:00".
  std::string abbreviation_at(int64_t seconds) const;

 private:
  int64_t fixed_ = 0;
  std::optional<absl::TimeZone> place_;  ///< the library's, which lives until the process ends
};

/// Appends an offset as "+11:00"; without `colon` as "+1100".
void append_offset(int64_t seconds, bool colon, std::string& out);

}  // namespace weir
