// The ends of a pipeline, `from` and `to`: what people may write there, and what is made of it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/option.h"
#include "base/result.h"
#include "sink/outputs.h"
#include "sink/rejects.h"
#include "sink/sink.h"
#include "source/commit_rule.h"
#include "source/source.h"

namespace weir {

/// What the ends need to know of the global options.
struct EndSettings {
  std::string input_format;   ///< -i, or empty
  bool reads_lines = false;   ///< the first stage wants lines of text, if no format is given
  std::string output_format;  ///< -o, or empty
  size_t max_event = size_t{8} << 20;  ///< bytes
  uint32_t batch_rows = 0;             ///< most rows in a batch; 0: as many as fit
  CommitRule commit = {};              ///< when a bot commits
  Terminal terminal;                   ///< what standard output is
};

extern const Command kFrom;
extern const Command kTo;

/// Checks the arguments of `from` and makes the source; opens nothing. Its inputs join `places`.
Result<std::unique_ptr<Source>> make_from(const Arguments& arguments, const EndSettings& settings,
                                          Places& places);

/// How long the run may read (--run-time of `from`), in milliseconds; nothing where it is not
/// given.
Result<std::optional<int64_t>> read_run_time(const Arguments& arguments);

/// Checks the arguments of `to` and makes the sink; opens nothing.
Result<std::unique_ptr<Sink>> make_to(const Arguments& arguments, const EndSettings& settings,
                                      const OutputContext& context);

/// The sink for `--errors ENDPOINT`, or for the rejects of a bot. Refuses one that is read or
/// written already; `who` is the option that asks for it.
Result<std::unique_ptr<RejectSink>> make_errors(const std::string& text, std::string_view who,
                                                Places& places);

}  // namespace weir
