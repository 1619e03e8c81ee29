#include "cli/commands.h"

#include <algorithm>

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

const Subcommand* find_subcommand(std::string_view name) {
  const auto found = std::ranges::find_if(subcommands(), [name](const Subcommand* subcommand) {
    return subcommand->command.name == name;
  });
  return found == subcommands().end() ? nullptr : *found;
}

}  // namespace weir
