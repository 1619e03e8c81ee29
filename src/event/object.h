// Walking over the members of an object in checked JSON text.
#pragma once

#include <cstring>
#include <string_view>

#include "base/arena.h"
#include "event/json_bytes.h"
#include "event/json_value.h"

namespace weir {

/// The content of a key as it is meant, escapes decoded (into `arena` if there are any). `raw` is
/// the key without its quotes.
inline std::string_view decode_key(std::string_view raw, Arena& arena) {
  if (raw.empty() || std::memchr(raw.data(), '\\', raw.size()) == nullptr) return raw;
  return read_json_value({raw.data() - 1, raw.size() + 2}, arena).text();
}

/// Calls `f(key, value)` for each member of the object `json` in order: the key decoded, the value
/// as its JSON text without white space around it. `f` answers false to stop. Answers false if
/// `json` is no object. Needs text that was checked; of other text it may see anything inside
/// `json`, and nothing outside.
template <typename F>
bool for_each_member(std::string_view json, Arena& arena, F&& f) {
  const char* const end = json.data() + json.size();
  const char* p = skip_space(json.data(), end);
  if (p >= end || *p != '{') return false;
  p = skip_space(p + 1, end);
  while (p < end && *p == '"') {
    const char* const close = find_closing_quote(p + 1, end);
    if (close >= end) break;
    const std::string_view key = decode_key({p + 1, static_cast<size_t>(close - p - 1)}, arena);
    p = skip_space(close + 1, end);
    if (p >= end || *p != ':') break;
    p = skip_space(p + 1, end);
    const char* const after = skip_value(p, end);
    if (after == nullptr) break;
    if (!f(key, std::string_view(p, static_cast<size_t>(after - p)))) return true;
    p = skip_space(after, end);
    if (p >= end || *p != ',') break;
    p = skip_space(p + 1, end);
  }
  return true;
}

}  // namespace weir
