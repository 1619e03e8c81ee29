// Shell completion, made from the same rows as the parser.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

/// The completion script for bash, zsh or fish: verbs behind `weir` and `then`, the options of the
/// verb one is in, the choices of an option, file names elsewhere. Another shell is an error
/// (kUsage).
Result<std::string> completion_script(std::string_view shell);

}  // namespace weir
