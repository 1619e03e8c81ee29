#include "event/surrogate.h"

#include <array>

#include "event/json_value.h"

namespace weir {

namespace {

/// True if the four hex digits at p are D800 to DFFF.
bool is_surrogate(const char* p) {
  return (p[0] == 'd' || p[0] == 'D') &&
         std::string_view("89abcdefABCDEF").find(p[1]) != std::string_view::npos;
}

}  // namespace

bool has_lone_surrogate(const Value& value) {
  if (value.kind != Kind::kString || value.quote == nullptr) return false;
  if (value.data == value.quote + 1) return false;  // it stands as it was read: without escapes
  if (value.text().find("\xef\xbf\xbd") == std::string_view::npos) return false;
  for (const char* p = value.quote + 1; *p != '"'; ++p) {
    if (*p != '\\') continue;
    if (*++p != 'u') continue;
    // A pair is two escapes, which decode as one.
    const char* behind = p;
    std::array<char, 4> decoded{};
    char* to = decoded.data();
    decode_json_escape(behind, p + 11, to);
    if (is_surrogate(p + 1) && behind == p + 5) return true;
    p = behind - 1;
  }
  return false;
}

}  // namespace weir
