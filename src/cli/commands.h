// The commands: what weir does beside running a pipeline.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/option.h"
#include "base/result.h"
#include "cli/actions.h"
#include "cli/chain.h"

namespace weir {

/// What a command has to say.
struct Answer {
  std::string text;          ///< for standard output
  int status = 0;            ///< 1: a check that it made said no; 3: it could not do everything
  std::string warning = {};  ///< what it could not do; empty if nothing
};

/// A command as people write it: `weir NAME ...`. One constant of this type stands in cli/NAME.cpp
/// and one line in cli/commands.cpp.
struct Subcommand {
  Command command;
  /// What it does, if its first argument says which of several things.
  std::span<const Action> actions = {};
  /// What follows it is a pipeline, with global options; else its own words, as its rows say.
  bool takes_pipeline = false;
  /// Does the work. The global options are in `invocation.pipeline` in any case.
  Result<Answer> (*run)(const Invocation& invocation) = nullptr;
  /// Instead of `run`: plans the pipeline that does the work, and that is run as any other.
  Result<std::unique_ptr<Pipeline>> (*plan)(const Invocation& invocation) = nullptr;
};

extern const Subcommand kBot;
extern const Subcommand kCompletion;
extern const Subcommand kEval;
extern const Subcommand kExplain;
extern const Subcommand kHelp;
extern const Subcommand kLag;
extern const Subcommand kQueue;
extern const Subcommand kTrace;

/// All commands, in the order help lists them.
std::span<const Subcommand* const> subcommands();

/// True if the global option `name` ("--jobs") means something to it: where no pipeline is run,
/// --bus alone does.
bool takes_global(const Subcommand& subcommand, std::string_view name);
/// The error for a global option that means nothing to it.
std::unexpected<Error> refuse_global(const Subcommand& subcommand, std::string_view name);

/// The command called `name`, or null.
const Subcommand* find_subcommand(std::string_view name);

}  // namespace weir
