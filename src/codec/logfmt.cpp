#include "codec/logfmt.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "event/json_value.h"
#include "event/key_set.h"
#include "event/surrogate.h"

namespace weir {
namespace {

/// More keys than any line has; a bound on what a line of blanks and letters can make us hold.
constexpr size_t kMostKeys = 65536;

/// What stands between pairs: blanks and all control characters.
bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' '; }

class Reader {
 public:
  Reader(std::string_view text, Arena& arena)
      : begin_(text.data()), p_(text.data()), end_(text.data() + text.size()), arena_(arena) {}

  Value read() {
    std::vector<Value> keys;
    std::vector<Value> values;
    KeySet known(arena_);
    while (true) {
      while (p_ < end_ && is_blank(*p_)) ++p_;
      if (p_ == end_) break;
      const std::string_view key = read_word();
      if (key.empty() || (p_ < end_ && *p_ == '"')) return unexpected();
      Value value = Value::null();
      if (p_ < end_ && *p_ == '=') {
        ++p_;
        value = read_value();
        if (value.is_error()) return value;
      }
      if (!known.add(keys, key)) continue;
      if (keys.size() == kMostKeys) return fail("there are more than 65536 keys");
      keys.push_back(Value::of_string(key));
      values.push_back(value);
    }
    auto* const kept_keys = arena_.make_array<Value>(keys.size());
    auto* const kept_values = arena_.make_array<Value>(values.size());
    std::ranges::copy(keys, kept_keys);
    std::ranges::copy(values, kept_values);
    auto* const map = arena_.make_array<MapValue>(1);
    *map = {kept_keys, kept_values, static_cast<uint32_t>(keys.size())};
    return Value::of_map(map);
  }

 private:
  /// Everything up to a blank, `=` or `"`.
  std::string_view read_word() {
    const char* const start = p_;
    while (p_ < end_ && !is_blank(*p_) && *p_ != '=' && *p_ != '"') ++p_;
    return {start, static_cast<size_t>(p_ - start)};
  }

  /// What stands behind `=`.
  Value read_value() {
    if (p_ < end_ && *p_ == '"') return read_quoted();
    const std::string_view word = read_word();
    if (p_ < end_ && !is_blank(*p_)) return unexpected();
    return word.empty() ? Value::null() : Value::of_text(word);
  }

  Value read_quoted() {
    const char* const content = ++p_;
    bool has_escape = false;
    while (p_ < end_ && *p_ != '"') {
      has_escape = has_escape || *p_ == '\\';
      p_ += *p_ == '\\' && end_ - p_ > 1 ? 2 : 1;
    }
    if (p_ == end_) return fail("the text ends inside quotes");
    const std::string_view raw(content, static_cast<size_t>(p_++ - content));
    return has_escape ? decode(raw) : Value::of_text(raw);
  }

  Value decode(std::string_view raw) {
    const char* from = raw.data();
    const char* const end = from + raw.size();
    // No escape is shorter than what it stands for.
    char* const start = arena_.allocate(raw.size());
    char* to = start;
    while (from < end) {
      if (*from != '\\') {
        *to++ = *from++;
      } else if (!decode_json_escape(++from, end, to)) {
        return fail("the value in quotes that ends here has an escape that JSON does not know");
      }
    }
    return Value::of_text({start, static_cast<size_t>(to - start)});
  }

  Value fail(std::string_view reason) {
    const std::string text = "byte " + std::to_string(p_ - begin_ + 1) + ": " + std::string(reason);
    return Value::error(arena_.copy(text));
  }

  /// At a `=` or `"` where none may stand.
  Value unexpected() {
    return fail(*p_ == '=' ? "'=' stands where a key or a blank should"
                           : "a quote stands where a key or a blank should");
  }

  const char* begin_;
  const char* p_;
  const char* end_;
  Arena& arena_;
};

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::ranges::none_of(text, [](char c) { return is_blank(c) || c == '=' || c == '"'; });
}

/// Appends a value. Answers an empty text, or why it has no form.
std::string write_value(const Value& value, std::string& out) {
  if (value.kind == Kind::kNull) return {};
  if (has_lone_surrogate(value)) return std::string(kLoneSurrogate);
  std::string json;
  if (value.kind != Kind::kString) {
    if (std::string problem = write_json(value, json); !problem.empty()) return problem;
    // Bytes and times are JSON strings already.
    if (json.starts_with('"')) {
      out += json;
      return {};
    }
  }
  const std::string_view text = value.kind == Kind::kString ? value.text() : json;
  if (is_word(text)) {
    out += text;
  } else {
    write_json_string(text, out);
  }
  return {};
}

}  // namespace

Value read_logfmt(std::string_view text, Arena& arena) { return Reader(text, arena).read(); }

std::string write_logfmt(const MapValue& map, std::string& out) {
  const size_t start = out.size();
  for (uint32_t i = 0; i < map.size; ++i) {
    if (map.values[i].is_missing()) continue;
    const std::string_view key = map.keys[i].text();
    if (!is_word(key)) {
      return "'" + std::string(key) +
             "' cannot be a key of logfmt: it is empty, or has a blank, '=' or a quote in it";
    }
    if (out.size() > start) out += ' ';
    out += key;
    out += '=';
    if (std::string problem = write_value(map.values[i], out); !problem.empty()) {
      return "field '" + std::string(key) + "' cannot be written: " + problem;
    }
  }
  return {};
}

}  // namespace weir
