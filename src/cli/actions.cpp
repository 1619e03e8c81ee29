#include "cli/actions.h"

#include <algorithm>
#include <string>
#include <vector>

namespace weir {
namespace {

std::string list_of(const std::vector<std::string_view>& names) {
  std::string list;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 < names.size() ? ", " : " and ";
    list += names[i];
  }
  return list;
}

}  // namespace

std::string list_of(std::span<const Action> actions) {
  std::vector<std::string_view> names;
  for (const Action& action : actions) names.push_back(action.name);
  return list_of(names);
}

bool Action::takes(std::string_view option) const {
  return std::ranges::find(options, option) != options.end();
}

Result<void> check_action(const Command& command, std::span<const Action> actions,
                          const Arguments& arguments) {
  const std::string& wanted = arguments.positionals[0];
  const std::string name(command.name);
  const auto action = std::ranges::find(actions, wanted, &Action::name);
  if (action == actions.end()) {
    return usage_error(name + " does " + list_of(actions) + ", not '" + wanted + "'");
  }
  const std::string who = name + " " + wanted;
  // An empty text is no name: a script's variable that is not set must not mean all.
  const bool has_name = arguments.positionals.size() > 1;
  if (has_name && action->takes_name == Action::Name::kNone) {
    return usage_error(who + " takes no name: it lists all");
  }
  const bool needs_name = has_name || action->takes_name == Action::Name::kMust;
  if (needs_name && (!has_name || arguments.positionals[1].empty())) {
    return usage_error(who + ": the name of the " + name + " is missing");
  }
  for (const auto& [option, values] : arguments.values) {
    if (action->takes(option)) continue;
    std::vector<std::string_view> takers;
    for (const Action& one : actions) {
      if (one.takes(option)) takers.push_back(one.name);
    }
    return usage_error(who + ": " + option + " is for " + list_of(takers));
  }
  return {};
}

}  // namespace weir
