#include "event/shown.h"

#include "base/char_width.h"
#include "base/utf8.h"
#include "event/json_value.h"

namespace weir {
namespace {

/// Appends one unit of UTF-16 as JSON escapes it.
void append_unit(uint32_t unit, std::string& text) {
  constexpr char kHex[] = "0123456789abcdef";
  text += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) text += kHex[unit >> shift & 15];
}

}  // namespace

uint32_t append_shown(uint32_t point, std::string_view bytes, std::string& text) {
  if (!is_unprintable(point)) {
    text += bytes;
    return static_cast<uint32_t>(char_width(point));
  }
  const size_t start = text.size();
  if (point < 0x20) {
    std::string quoted;
    write_json_string(bytes, quoted);
    text.append(quoted, 1, quoted.size() - 2);
  } else if (point <= 0xffff) {
    append_unit(point, text);
  } else {
    append_unit(0xd7c0 + (point >> 10), text);
    append_unit(0xdc00 | (point & 0x3ff), text);
  }
  return static_cast<uint32_t>(text.size() - start);
}

Shown shown(std::string_view text) {
  const std::string clean = well_formed_utf8(text);
  Shown shown;
  for (const char* p = clean.data(); p < clean.data() + clean.size();) {
    const char* const start = p;
    const uint32_t point = take_utf8(p);
    shown.width += append_shown(point, {start, static_cast<size_t>(p - start)}, shown.text);
  }
  return shown;
}

}  // namespace weir
