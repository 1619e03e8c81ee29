#include "base/latin1.h"

namespace weir {

void append_latin1(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
}

std::optional<std::string> decode_latin1(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
      continue;
    }
    if (lead > 0xc3 || i + 1 == text.size()) return std::nullopt;
    bytes += static_cast<char>((lead & 3) << 6 | (text[++i] & 0x3f));
  }
  return bytes;
}

}  // namespace weir
