// One verb's words, checked against its option rows.
#pragma once

#include <span>
#include <string>

#include "base/option.h"
#include "base/result.h"

namespace weir {

/// Reads what follows `command` on the command line. Options and positionals may stand in any
/// order;
/// `--` ends the options. A word that starts with a minus and can be no option, such as '-x < 3',
/// is a positional. Errors (kind kUsage) name the word, what was expected and the nearest right
/// word.
Result<Arguments> parse_arguments(const Command& command, std::span<const std::string> words);

/// How many of `words` are options of `command` (with their values) before the first other word.
size_t leading_options(const Command& command, std::span<const std::string> words);

}  // namespace weir
