// Is this text UTF-8?
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// The offset of the first byte that is not part of well-formed UTF-8 (Unicode, table 3-7: no
/// overlong forms, no surrogates, nothing above U+10FFFF), or npos. An unfinished sequence at the
/// end counts from its first byte.
size_t find_bad_utf8(std::string_view text);

/// `text` with U+FFFD in place of every byte that is not part of well-formed UTF-8.
std::string well_formed_utf8(std::string_view text);

/// The beginning of `text`, which is well-formed UTF-8: at most `bytes` bytes, and no part of a
/// code point.
std::string_view beginning(std::string_view text, size_t bytes);

/// The first code point of `text`, which is not empty; of what is not well-formed UTF-8, a byte and
/// what looks like the rest of a code point behind it.
std::string_view first_character(std::string_view text);

/// Writes one code point (at most 0x10ffff, no surrogate) at `to`, which has room for four bytes.
/// Answers behind it.
char* put_utf8(char* to, uint32_t point);

/// Reads the code point at `p`, which is well-formed UTF-8, and moves `p` behind it.
uint32_t take_utf8(const char*& p);

inline bool is_utf8(std::string_view text) { return find_bad_utf8(text) == std::string_view::npos; }

}  // namespace weir
