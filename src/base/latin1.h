// Bytes as characters: ISO 8859-1, where byte n is character U+00n.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Appends a character of U+0000 to U+00FF for each byte, in UTF-8.
void append_latin1(std::string_view bytes, std::string& out);

/// The bytes that the characters of `text`, which is well-formed UTF-8, stand for. Nothing if one
/// is beyond U+00FF.
std::optional<std::string> decode_latin1(std::string_view text);

}  // namespace weir
