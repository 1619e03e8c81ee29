// Is this text one JSON value, whole and well formed?
#pragma once

#include <string>
#include <string_view>

#include "event/kernels.h"

namespace weir {

/// The deepest nesting of lists and objects that an event may have.
inline constexpr int kMaxDepth = 1024;

/// Checks that `text` is exactly one JSON value by the grammar of RFC 8259 (numbers of any size,
/// escapes of lone surrogates included), in well-formed UTF-8, nested at most kMaxDepth deep when
/// it stands `inside` so many lists and objects, with white space around it allowed. Answers an
/// empty text, or what is wrong and at which byte (counted from 1): "byte 7: expected ':' after a
/// key". Bytes up to `readable` may be looked at, which makes the check faster, and count for
/// nothing; null: the text's alone.
std::string check_json(std::string_view text, int inside = 0, const char* readable = nullptr);

/// The same by these kernels, or by none.
std::string check_json_with(const Kernels* kernels, std::string_view text, int inside = 0,
                            const char* readable = nullptr);

}  // namespace weir
