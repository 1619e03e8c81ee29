// From where to where a queue is read, as people write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "event/envelope.h"

namespace weir {

/// What `--since` and `--until` say:
///
/// - a whole eid: since it, it not included; until it, it not included either;
/// - a part of one (z/2026/11): from the beginning of that period; until its beginning;
/// - a time as RFC 3339 has it, or before now: -2h, -90s, -1h30m, -7d.
struct Bounds {
  std::optional<Eid> from;    ///< the first that is read
  std::optional<Eid> before;  ///< the first that is not
  std::optional<Eid> behind;  ///< what `from` is the next of, if a whole eid says it
  /// The same as times, in ms: what is read where event times decide.
  Period time{.begin = INT64_MIN, .end = INT64_MAX};
};

/// A span in ms: days (7d), or a duration as expressions have it (1h30m, 90s, 0.5s). Nothing if the
/// text is none, or the span is negative.
std::optional<int64_t> parse_span(std::string_view text);

/// Either may be nothing; an empty text is an error, for it may be a script's variable that is not
/// set. Errors (kUsage) name the option. `now` in ms.
Result<Bounds> parse_bounds(std::optional<std::string_view> since,
                            std::optional<std::string_view> until, int64_t now);

}  // namespace weir
