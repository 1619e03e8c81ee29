// Bytes as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Appends `bytes` in base64 with padding (RFC 4648, section 4).
void append_base64(std::string_view bytes, std::string& out);

/// The bytes that base64 `text` stands for. The padding may be left out (section 3.2). Nothing if a
/// character is no base64, the length cannot be, or the bits behind the last byte are not zero.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace weir
