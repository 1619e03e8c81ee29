#include "cli/commands.h"

#include <algorithm>
#include <string>

namespace weir {

namespace {

constexpr const Subcommand* kSubcommands[] = {
    &kEval,        //
    &kExplain,     //
    &kQueue,       //
    &kBot,         //
    &kLag,         //
    &kTrace,       //
    &kHelp,        //
    &kCompletion,  //
};

}  // namespace

std::span<const Subcommand* const> subcommands() { return kSubcommands; }

bool takes_global(const Subcommand& subcommand, std::string_view name) {
  return subcommand.takes_pipeline || subcommand.plan != nullptr || name == "--bus";
}

std::unexpected<Error> refuse_global(const Subcommand& subcommand, std::string_view name) {
  return usage_error(std::string(subcommand.command.name) + " takes no " + std::string(name) +
                     ": that is for pipelines");
}

const Subcommand* find_subcommand(std::string_view name) {
  const auto found = std::ranges::find_if(subcommands(), [name](const Subcommand* subcommand) {
    return subcommand->command.name == name;
  });
  return found == subcommands().end() ? nullptr : *found;
}

}  // namespace weir
