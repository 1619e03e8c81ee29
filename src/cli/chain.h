// From the words of the command line to what is to be done.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "runtime/plan.h"

namespace weir {

/// What a command line asks for.
struct Invocation {
  enum class Kind : uint8_t {
    kRun,    ///< run `pipeline`
    kHelp,   ///< print `text` on standard output, status 0
    kUsage,  ///< print `text` on standard error, status 2: nothing was asked for
  };
  Kind kind = Kind::kRun;
  PipelineRequest pipeline;
  bool stats = false;
  std::string text;
};

/// Reads a command line (without the program's name): splits it at `then`, finds the verbs, checks
/// their words. A literal argument `then` is written `\then`. `batch_rows` is the value of
/// WEIR_BATCH_ROWS, or empty. Errors are of kind kUsage.
Result<Invocation> read_command_line(std::span<const std::string> words,
                                     std::string_view batch_rows);

}  // namespace weir
