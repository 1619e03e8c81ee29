// Text as a terminal can show it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// Appends a character, whose UTF-8 is `bytes`; one that is unprintable (is_unprintable) as JSON
/// would escape it. Answers how many columns of a terminal that takes.
uint32_t append_shown(uint32_t point, std::string_view bytes, std::string& text);

struct Shown {
  std::string text;
  uint32_t width = 0;  ///< in columns
};

/// Any text, such as the name of a file, in one line; what is no UTF-8 becomes U+FFFD.
Shown shown(std::string_view text);

}  // namespace weir
