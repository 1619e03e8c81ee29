// Asking a person before something is gone.
#pragma once

#include <string>
#include <string_view>

#include "base/option.h"
#include "base/result.h"
#include "cli/commands.h"

namespace weir {

/// The option that answers at once.
inline constexpr std::string_view kYes = "--yes";

/// Whether to do what `what` says, whole lines. With --yes it is done. Else a terminal shows it and
/// is asked; where standard input or standard error is none, the answer is an error (kUsage) that
/// says it. `who` is what was typed: "bot reset".
Result<bool> confirm(const Arguments& arguments, std::string_view who, std::string what);

/// The answer where a person has said no.
inline Answer not_done() { return {.text = "nothing was changed\n", .status = 1}; }

}  // namespace weir
