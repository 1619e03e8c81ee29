#include "bus/bounds.h"

#include <charconv>
#include <string>

#include "event/time.h"

namespace weir {
namespace {

struct Bound {
  Eid eid;
  bool is_whole = false;  ///< an event's own eid
};

Result<Bound> parse_bound(std::string_view option, std::string_view text, int64_t now) {
  if (const auto eid = parse_eid(text)) return Bound{.eid = *eid, .is_whole = true};
  if (const auto period = parse_period(text)) return Bound{.eid = {.ms = period->begin}};
  if (text.starts_with('-')) {
    const auto span = parse_span(text.substr(1));
    if (span && *span <= now) return Bound{.eid = {.ms = now - *span}};
  }
  // A date is its first moment, in UTC as eids are.
  const bool is_date = text.size() == std::string_view("2026-11-23").size();
  const auto time = parse_timestamp(std::string(text) + (is_date ? "T00:00:00Z" : ""));
  if (time && time->seconds >= 0) {
    return Bound{.eid = {.ms = time->seconds * 1000 + time->nanoseconds / 1'000'000}};
  }
  return usage_error(
      std::string(option) + " takes an eid or the beginning of one (z/2026/11), a " +
      "date or time (2026-11-23, 2026-11-23T10:00:00Z) or how long ago (-2h, -7d), not '" +
      std::string(text) + "'");
}

}  // namespace

std::optional<int64_t> parse_span(std::string_view text) {
  if (text.ends_with('d')) {
    int64_t days = 0;
    const char* const end = text.data() + text.size() - 1;
    const auto [stop, error] = std::from_chars(text.data(), end, days);
    if (error != std::errc() || stop != end || days < 0 || days > 3'000'000) return std::nullopt;
    return days * 86'400'000;
  }
  const auto span = parse_duration(text);
  if (!span || span->seconds < 0) return std::nullopt;
  return span->seconds * 1000 + span->nanoseconds / 1'000'000;
}

Result<Bounds> parse_bounds(std::optional<std::string_view> since,
                            std::optional<std::string_view> until, int64_t now) {
  Bounds bounds;
  if (since) {
    const auto bound = parse_bound("--since", *since, now);
    if (!bound) return std::unexpected(bound.error());
    bounds.from = bound->is_whole ? bound->eid.after(1) : bound->eid;
    if (bound->is_whole) bounds.behind = bound->eid;
    bounds.time.begin = bound->eid.ms + (bound->is_whole ? 1 : 0);
  }
  if (until) {
    const auto bound = parse_bound("--until", *until, now);
    if (!bound) return std::unexpected(bound.error());
    bounds.before = bound->eid;
    bounds.time.end = bound->eid.ms;
  }
  return bounds;
}

}  // namespace weir
