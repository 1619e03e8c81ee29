// Lists of names on the command line: --columns a,b,c.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir {

/// The parts of `text` between commas, as they stand; at least one.
std::vector<std::string> split_commas(std::string_view text);

/// Checks that no name given with `option` is empty or comes twice. Errors are of kind kUsage.
Result<void> check_names(std::string_view option, std::span<const std::string> names);

}  // namespace weir
