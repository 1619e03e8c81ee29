// What an event in a queue carries beside its payload. The names are those of RStreams.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace weir {

/// The id of an event in its queue: when it was written, and which of that millisecond it is. As
/// text, `z/YYYY/MM/DD/HH/mm/<ms>-<7 digits>` in UTC, whose order as strings is the order of the
/// queue.
struct Eid {
  int64_t ms = 0;         ///< since 1970-01-01T00:00:00Z; never negative
  uint32_t sequence = 0;  ///< 0 to 9,999,999
  auto operator<=>(const Eid&) const = default;

  static constexpr uint32_t kSequences = 10'000'000;
  /// The one `count` places further on: a millisecond that is full goes over into the next.
  Eid after(uint64_t count) const;
  /// The one in front; nothing in front of the first.
  std::optional<Eid> before() const;
};

void append_eid(const Eid& eid, std::string& out);
std::string eid_text(const Eid& eid);
/// Reads a whole eid. Nothing if the text is none, also where its date is not that of its
/// milliseconds.
std::optional<Eid> parse_eid(std::string_view text);
/// The times, in ms, from the first of the period that a partial eid names (`z/2026`, `z/2026/11/`
/// ... down to the minute) to before the first behind it. Nothing if the text is none.
struct Period {
  int64_t begin = 0;
  int64_t end = 0;
};
std::optional<Period> parse_period(std::string_view text);

/// What made an event: the events `start` to `end` of a queue, `units` of them. Of one event alone
/// `end` is empty.
struct Correlation {
  std::string_view source = {};
  std::string_view start = {};
  std::string_view end = {};
  int64_t units = 0;
  bool is_there() const { return !source.empty(); }
};

/// Texts live where the envelope says, see Envelopes.
struct Envelope {
  Eid eid;
  int64_t timestamp = 0;    ///< ms: when it was written
  int64_t source_time = 0;  ///< ms, event_source_timestamp: when what caused it happened
  std::string_view id;      ///< the bot that wrote it
  Correlation correlation;
};

/// The envelopes of neighbouring events of a queue, and the memory of their texts.
struct Envelopes {
  std::string queue;
  /// They are not in the queue: each is of an event that was made of several there. `correlation`
  /// says of which, `eid` is the first of them, and `source_time` the earliest of theirs.
  bool made = false;
  std::vector<Envelope> rows;
  Arena texts;  ///< what the views point into
};

/// Appends an envelope as a JSON object, with `payload`, which is JSON, as its last member.
void write_envelope(const Envelope& envelope, std::string_view queue, std::string_view payload,
                    std::string& out);

/// An envelope that was read, and the payload in it.
struct ReadEnvelope {
  Envelope envelope;
  std::optional<Eid> eid;              ///< where one was given
  std::optional<int64_t> written;      ///< its timestamp, where one was given
  std::optional<int64_t> source_time;  ///< its event_source_timestamp, where one was given
  std::string_view payload;            ///< "null" where there is none
};
/// Reads what `write_envelope` wrote, or RStreams: members in any order, unknown ones passed over,
/// all but the payload may be missing or null. `json` was checked. Texts with escapes go to
/// `texts`, others point into `json`. Gives why it is none, as static text.
struct EnvelopeProblem {
  std::string_view why;
};
std::optional<EnvelopeProblem> read_envelope(std::string_view json, Arena& texts,
                                             ReadEnvelope& out);

}  // namespace weir
