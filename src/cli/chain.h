// From the words of the command line to what is to be done.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "runtime/plan.h"

namespace weir {

struct Subcommand;

/// What a command line asks for.
struct Invocation {
  enum class Kind : uint8_t {
    kRun,      ///< run `pipeline`
    kCommand,  ///< call `command`
    kHelp,     ///< print `text` on standard output, status 0
    kUsage,    ///< print `text` on standard error, status 2: nothing was asked for
  };
  Kind kind = Kind::kRun;
  PipelineRequest pipeline;
  std::string stats;  ///< how to print what became of the events: json, table; empty: not at all
  const Subcommand* command = nullptr;
  Arguments arguments;  ///< of a command that takes no pipeline
  std::string text;
};

/// What the environment says where the command line does not; empty: nothing.
struct Environment {
  std::string_view batch_rows = {};  ///< WEIR_BATCH_ROWS
  std::string_view jobs = {};        ///< WEIR_JOBS
  std::string_view bus = {};         ///< WEIR_BUS
};

/// Reads a command line (without the program's name): splits it at `then`, finds the verbs, checks
/// their words. A literal argument `then` is written `\then`. Errors are of kind kUsage.
Result<Invocation> read_command_line(std::span<const std::string> words,
                                     const Environment& environment);

}  // namespace weir
