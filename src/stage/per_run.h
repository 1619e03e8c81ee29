// The option of verbs that remember events up to the end of their input.
#pragma once

#include "base/option.h"

namespace weir {

/// A bot would forget between two runs what such a verb remembers. With the option it answers for
/// each run by itself, and the run commits at its end only (see check_bot in runtime/plan.cpp).
inline constexpr OptionRow kPerRun = {.name = "--per-run",
                                      .type = OptionType::kFlag,
                                      .help = "in a bot: answer for each run by itself",
                                      .detail = "The run then commits once, at its end."};

inline bool answers_per_run(const Arguments& arguments) { return arguments.has(kPerRun.name); }

}  // namespace weir
