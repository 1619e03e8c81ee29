#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace weir {
namespace {

/// Behind the ASCII that starts at p, eight bytes at a time: most event text is nothing else.
const char* skip_ascii(const char* p, const char* end) {
  constexpr uint64_t kHigh = 0x8080808080808080U;
  for (; end - p >= 16; p += 16) {
    uint64_t words[2];
    std::memcpy(words, p, sizeof words);
    if (((words[0] | words[1]) & kHigh) != 0) break;
  }
  while (p < end && static_cast<unsigned char>(*p) < 0x80) ++p;
  return p;
}

bool within(const char* p, unsigned low, unsigned high) {
  const auto byte = static_cast<unsigned char>(*p);
  return byte >= low && byte <= high;
}

/// The length of the well-formed sequence of two to four bytes at p, or 0.
int sequence_length(const char* p, const char* end) {
  const auto lead = static_cast<unsigned char>(*p);
  const auto left = end - p;
  if (lead >= 0xC2 && lead <= 0xDF) return left >= 2 && within(p + 1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return left >= 3 && within(p + 1, low, high) && within(p + 2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return left >= 4 && within(p + 1, low, high) && within(p + 2, 0x80, 0xBF) &&
                   within(p + 3, 0x80, 0xBF)
               ? 4
               : 0;
  }
  return 0;
}

}  // namespace

size_t find_bad_utf8(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while ((p = skip_ascii(p, end)) < end) {
    // Text that is not Latin has many sequences in a row: no way back to the fast path between
    // them.
    while (p < end && static_cast<unsigned char>(*p) >= 0x80) {
      const int length = sequence_length(p, end);
      if (length == 0) return static_cast<size_t>(p - text.data());
      p += length;
    }
  }
  return std::string_view::npos;
}

std::string well_formed_utf8(std::string_view text) {
  std::string clean;
  while (true) {
    const size_t bad = find_bad_utf8(text);
    clean += text.substr(0, bad);
    if (bad == std::string_view::npos) return clean;
    clean += "\xef\xbf\xbd";
    text.remove_prefix(bad + 1);
  }
}

uint32_t take_utf8(const char*& p) {
  const auto next = [&] { return static_cast<unsigned char>(*p++); };
  uint32_t point = next();
  if (point < 0x80) return point;
  const int more = point >= 0xf0 ? 3 : point >= 0xe0 ? 2 : 1;
  point &= 0x3fU >> more;
  for (int i = 0; i < more; ++i) point = point << 6 | (next() & 63U);
  return point;
}

std::string_view beginning(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string_view first_character(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
  return text.substr(0, size);
}

char* put_utf8(char* to, uint32_t point) {
  const auto put = [&](uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 63));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 63));
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  }
  return to;
}

}  // namespace weir
