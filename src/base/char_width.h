// How characters look on a terminal.
#pragma once

#include <cstdint>

namespace weir {

/// How many columns of a terminal a character takes: two where Unicode 14 (UAX #11) calls it wide
/// or fullwidth, none for combining marks (general categories Mn and Me) and joiners, else one. It
/// goes character by character, so that what a terminal draws as one picture may count as several.
int char_width(uint32_t point);

/// True for what must not reach a terminal as it is: control characters, line and paragraph
/// separators, and the invisible characters that turn or hide text around them.
bool is_unprintable(uint32_t point);

}  // namespace weir
