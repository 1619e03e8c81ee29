// What people may write about an output (`to`, `tee`), and what is made of it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/option.h"
#include "base/result.h"
#include "base/terminal.h"
#include "bus/session.h"
#include "codec/compression.h"
#include "codec/format.h"
#include "sink/sink.h"

namespace weir {

/// What a pipeline reads and writes. No two outputs are one place: what the one wrote would be
/// lost, or their lines mixed by chance. Sockets are no places: each use is a connection of its
/// own. A queue may be written by several, and not be read and written: that would never end.
class Places {
 public:
  /// `bus` is where the queues are that the ends name.
  explicit Places(std::shared_ptr<BusSession> bus) : bus_(std::move(bus)) {}
  const std::shared_ptr<BusSession>& bus() const { return bus_; }
  /// The first endpoint, as it was written, that a bot cannot read or write exactly once. Empty if
  /// there is none.
  const std::string& not_for_bots() const { return not_for_bots_; }

  void add_input(const Endpoint& endpoint);
  /// Takes a place to write for `who` ("to", "tee", "--errors"). An error if it is taken.
  Result<void> claim(const Endpoint& endpoint, std::string_view who);
  /// As `claim`, and an error as well if it is an input.
  Result<void> claim_unread(const Endpoint& endpoint, std::string_view who);

 private:
  struct Output {
    std::string place;
    std::string who;
  };
  static std::string place_of(const Endpoint& endpoint);
  void note_for_bots(const Endpoint& endpoint, bool fits);

  std::shared_ptr<BusSession> bus_;
  std::string not_for_bots_;
  std::vector<std::string> inputs_;
  std::vector<Output> outputs_;
};

/// The option rows of an output.
inline constexpr OptionRow kOutputOptions[] = {
    {.name = "--listen",
     .help = "let a reader connect to a tcp:// or unix: endpoint, instead of connecting to it",
     .detail = "The first who connects gets everything; the run begins when it is there."},
    {.name = "--envelope",
     .help = "queue: only: the events are whole envelopes, as from --envelope gives them",
     .detail = "They keep their eids and times, so that a queue can be moved and lose nothing; an "
               "eid must lie behind all that the queue had before."},
    {.name = "--append",
     .help = "a file that a bot writes: go on behind what others have written",
     .detail = "A file that the bot has written before it goes on with in any case."},
    {.name = "--format",
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "how events are written; else by the file's name, or NDJSON",
     .choices = kOutputFormats},
    {.name = "--compress",
     .type = OptionType::kChoice,
     .metavar = "METHOD",
     .help = "how the output is compressed; else by the file's name (.gz, .zst)",
     .choices = kCompressions},
    {.name = "--level",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "how hard to compress: gzip 1 to 9, zstd 1 to 19"},
    {.name = "--columns",
     .type = OptionType::kText,
     .metavar = "FIELDS",
     .help = "the columns of CSV or a table, separated by commas; else the fields of the first "
             "events"},
};

/// Makes the sink for what was written about `endpoint`; opens nothing. A queue is on `bus`.
/// `format` is what applies without --format, or empty: the file's name decides. `terminal` is what
/// standard output is. Rows that cannot be written are rejected as stage `index`. Errors are of
/// kind kUsage.
Result<std::unique_ptr<Sink>> make_output(const Endpoint& endpoint, const Arguments& arguments,
                                          std::string_view format, const Terminal& terminal,
                                          uint8_t index, std::shared_ptr<BusSession> bus);

}  // namespace weir
