// What --help prints, and what the man pages have in common with it.
#pragma once

#include <string>
#include <string_view>

#include "base/option.h"

namespace weir {

/// The help of a word: usage, what its words and options mean. For weir itself, its verbs as well.
std::string help_text(const Command& command);

/// The content of the OPTIONS section of the word's man page, in mdoc(7).
std::string roff_options(const Command& command);

/// Appends an entry of a list: what is explained on the left, the explanation wrapped on the right.
void add_entry(std::string_view left, std::string_view right, std::string& text);

/// "weir 0.1.0" and a newline.
std::string version_text();

}  // namespace weir
