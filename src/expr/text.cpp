#include "expr/text.h"

#include "base/utf8.h"

namespace weir::expr {

size_t count_code_points(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += is_continuation(c) ? 0 : 1;
  return count;
}

size_t code_point_offset(std::string_view text, size_t index) {
  size_t at = 0;
  for (; index > 0 && at < text.size(); --index) {
    ++at;
    while (at < text.size() && is_continuation(text[at])) ++at;
  }
  return at;
}

void append_utf8(uint32_t point, std::string& out) {
  char bytes[4];
  out.append(bytes, put_utf8(bytes, point));
}

}  // namespace weir::expr
