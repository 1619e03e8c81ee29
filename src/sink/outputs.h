// What people may write about an output (`to`, `tee`), and what is made of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/option.h"
#include "base/result.h"
#include "base/terminal.h"
#include "bus/bus_files.h"
#include "bus/session.h"
#include "codec/compression.h"
#include "codec/format.h"
#include "event/path.h"
#include "expr/limits.h"
#include "sink/sink.h"

namespace weir {

/// What a pipeline reads and writes. No two outputs are one place: what the one wrote would be
/// lost, or their lines mixed by chance, or events would be in a queue twice. Sockets are no
/// places: each use is a connection of its own. No queue is read and written: that would never end.
/// The files of the bus are no place to write, also in a run that names no queue: nobody means
/// that.
class Places {
 public:
  /// `bus` is where the queues are that the ends name.
  explicit Places(std::shared_ptr<BusSession> bus)
      : bus_(std::move(bus)), bus_files_(bus_->path()) {}
  const std::shared_ptr<BusSession>& bus() const { return bus_; }
  /// The first endpoint, as it was written, that a bot cannot read or write exactly once. Empty if
  /// there is none.
  const std::string& not_for_bots() const { return not_for_bots_; }

  void add_input(const Endpoint& endpoint);
  /// The events that are read are whole envelopes (from --envelope).
  void note_envelopes() { gives_envelopes_ = true; }
  bool gives_envelopes() const { return gives_envelopes_; }
  /// Takes a place to write for `who` ("to", "tee", "--errors", ...). An error if it is
  /// taken.
  Result<void> claim(const Endpoint& endpoint, std::string_view who);
  /// As `claim`, and an error as well if it is an input.
  Result<void> claim_unread(const Endpoint& endpoint, std::string_view who);
  /// Tells why a canonical path is no place to write any more ("tee writes it"); also of what is
  /// claimed later, and empty if it is one.
  std::function<std::string(const std::string& path)> taken() const;

 private:
  struct Output {
    std::string place;
    std::string who;
  };
  static std::string place_of(const Endpoint& endpoint);
  void note_for_bots(const Endpoint& endpoint, bool fits);

  std::shared_ptr<BusSession> bus_;
  BusFiles bus_files_;
  std::string not_for_bots_;
  std::vector<std::string> inputs_;
  std::shared_ptr<std::vector<Output>> outputs_ = std::make_shared<std::vector<Output>>();
  bool gives_envelopes_ = false;
};

/// The option rows of an output.
inline constexpr OptionRow kOutputOptions[] = {
    {.name = "--listen",
     .help = "let a reader connect to a tcp:// or unix: endpoint, instead of connecting to it",
     .detail = "The first who connects gets everything; the run begins when it is there."},
    {.name = "--envelope",
     .help = "write whole envelopes: what the events of a queue had there",
     .detail = "A queue takes events that are envelopes, as from --envelope gives them; they keep "
               "their eids and times, so that a queue can be moved and lose nothing, and an eid "
               "must lie behind all that the queue had before. Elsewhere the events are written in "
               "the envelopes of those that were read from a queue."},
    {.name = "--append",
     .help = "files that a bot writes or whose names events make: go on behind what stands there",
     .detail = "A file that the bot has written before it goes on with in any case."},
    {.name = "--open-files",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "of files whose names events make, how many are open at once; else 64"},
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
    {.name = "--separator",
     .type = OptionType::kText,
     .metavar = "CHAR",
     .help = "what stands between the cells of CSV, instead of a comma (of TSV, a tab)",
     .detail = "One character, or the word tab. Cells that have it in them are quoted."},
};

/// Reads the endpoint of an output: a path with an expression in braces is a template, and in one
/// without `{{` is a brace. Errors are of kind kUsage.
Result<Endpoint> parse_output(std::string_view text, bool listens);

/// What an output is told while the pipeline is planned.
struct OutputContext {
  Places& places;  ///< with the bus that its queue is on
  PathTable& paths;
  expr::Limits limits = {};
  Terminal terminal = {};                ///< what standard output is
  std::vector<std::string> fields = {};  ///< of all events, where the plan fixes them
  uint8_t index = 0;  ///< the stage as which rows are rejected that cannot be written
};

/// Makes the sink for what was written about `endpoint`; opens nothing. `format` is what applies
/// without --format, or empty: the file's name decides. Errors are of kind kUsage.
Result<std::unique_ptr<Sink>> make_output(const Endpoint& endpoint, const Arguments& arguments,
                                          std::string_view format, const OutputContext& context);

}  // namespace weir
