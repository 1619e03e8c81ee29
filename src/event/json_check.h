// Is this text one JSON value, whole and well formed?
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// The deepest nesting of lists and objects that an event may have.
inline constexpr int kMaxDepth = 1024;

/// Checks that `text` is exactly one JSON value by the grammar of RFC 8259 (numbers of any size,
/// escapes of lone surrogates included), in well-formed UTF-8, nested at most kMaxDepth deep, with
/// white space around it allowed. Answers an empty text, or what is wrong and at which byte
/// (counted from 1): "byte 7: expected ':' after a key".
std::string check_json(std::string_view text);

}  // namespace weir
