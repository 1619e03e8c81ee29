// The actions of a command, as in `weir queue rm NAME`: which there are, and what goes with each.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/option.h"
#include "base/result.h"

namespace weir {

/// One thing that a command does. Its first argument says which, the second what to do it to.
struct Action {
  enum class Name : uint8_t { kNone, kMay, kMust };
  std::string_view name;
  Name takes_name = Name::kMust;
  std::array<std::string_view, 4> options = {};  ///< "--before": no others go with it

  /// True if `option` goes with it.
  bool takes(std::string_view option) const;
};

/// "ls, show and rm"
std::string list_of(std::span<const Action> actions);

/// Holds what was written for `command`, which its rows allow, against its actions: an option that
/// belongs to another action is an error (kUsage) and never passed over, for what a person meant to
/// bound would be done without the bound.
Result<void> check_action(const Command& command, std::span<const Action> actions,
                          const Arguments& arguments);

}  // namespace weir
