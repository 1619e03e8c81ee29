// What JSON can spell and UTF-8 cannot hold.
#pragma once

#include "event/value.h"

namespace weir {

/// Why such a string cannot be written.
inline constexpr std::string_view kLoneSurrogate =
    "the text has half of a surrogate pair in it, which UTF-8 cannot hold";

/// True for a string whose JSON text spells half of a surrogate pair: the value has U+FFFD in its
/// place.
bool has_lone_surrogate(const Value& value);

}  // namespace weir
