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

/// A member of an object, as it is spelled.
struct Member {
  std::string_view all;    ///< with the white space around it, up to the comma or the brace
  std::string_view key;    ///< without quotes
  std::string_view value;  ///< its text
};

/// Calls `f(member)` for each member of the object that starts at `start`, in text that was
/// checked; stops where it answers false. Answers the closing brace, or where it stopped.
template <typename F>
const char* walk_members(const char* start, const char* end, F&& f) {
  const char* begin = start + 1;
  const char* p = skip_space(begin, end);
  while (p < end && *p == '"') {
    const char* const close = find_closing_quote(p + 1, end);
    const char* const value = skip_space(skip_space(close + 1, end) + 1, end);
    const char* const after = skip_value(value, end);
    const char* const next = skip_space(after, end);
    if (!f(Member{{begin, next}, {p + 1, close}, {value, after}}) || next >= end || *next != ',') {
      return next;
    }
    begin = next + 1;
    p = skip_space(begin, end);
  }
  return p;
}

}  // namespace weir
