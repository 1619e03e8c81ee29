// Text in code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::expr {

/// True for a byte that goes on a code point of UTF-8 rather than starting one.
inline bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Code points in `text`. Bytes that are no UTF-8 are counted somehow, and never read past the end.
size_t count_code_points(std::string_view text);

/// The byte where code point number `index` (from 0) of `text` starts; text.size() if there are no
/// more than `index`.
size_t code_point_offset(std::string_view text, size_t index);

/// Appends one code point (at most 0x10ffff, no surrogate) as UTF-8.
void append_utf8(uint32_t point, std::string& out);

}  // namespace weir::expr
