#include "source/commit_rule.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/units.h"
#include "event/time.h"

namespace weir {

Result<CommitRule> parse_commit_rule(std::string_view text) {
  CommitRule rule{.bytes = SIZE_MAX};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, rule.events);
  if (error == std::errc() && stop == end && rule.events > 0) return rule;
  rule.events = UINT64_MAX;
  if (const auto bytes = parse_size(text); bytes && *bytes > 0) {
    rule.bytes = *bytes;
    return rule;
  }
  rule.bytes = SIZE_MAX;
  constexpr int64_t kMostSeconds = 10 * 365 * 86'400LL;
  if (const auto time = parse_duration(text); time && time->seconds >= 0 &&
                                              time->seconds < kMostSeconds &&
                                              (time->seconds > 0 || time->nanoseconds > 0)) {
    rule.time = std::chrono::seconds(time->seconds) + std::chrono::nanoseconds(time->nanoseconds);
    return rule;
  }
  return usage_error("--commit-every takes a number of events (1000), a size (8MiB) or a time " +
                     std::string("(5s), not '") + std::string(text) + "'");
}

}  // namespace weir
