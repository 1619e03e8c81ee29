#include "event/json_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <span>

#include "base/utf8.h"
#include "event/json_bytes.h"
#include "event/key_set.h"

namespace weir {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Four hexadecimal digits at p as a number, or -1.
int32_t read_hex4(const char* p) {
  uint32_t unit = 0;
  const auto [end, problem] = std::from_chars(p, p + 4, unit, 16);
  return problem == std::errc{} && end == p + 4 ? static_cast<int32_t>(unit) : -1;
}

/// Reads a string; `json` starts with its opening quote.
Value read_string(std::string_view json, Arena& arena) {
  const char* const end = json.data() + json.size() - 1;
  if (json.size() < 2 || *end != '"') return Value::error("a string without an end");
  const char* p = json.data() + 1;
  uint32_t high = 0;
  const char* stop = skip_plain_string(p, end, high);
  Value value;
  if (stop == end) {
    value = Value::of_string({p, static_cast<size_t>(end - p)});
  } else {
    // No escape is shorter than what it stands for.
    char* const start = arena.allocate(static_cast<size_t>(end - p));
    char* to = start;
    while (true) {
      std::memcpy(to, p, static_cast<size_t>(stop - p));
      to += stop - p;
      p = stop;
      if (p == end) break;
      if (*p++ != '\\') return Value::error("a string with a quote or control character in it");
      if (!decode_json_escape(p, end, to)) return Value::error("a string with a broken escape");
      stop = skip_plain_string(p, end, high);
    }
    value = Value::of_string({start, static_cast<size_t>(to - start)});
  }
  value.quote = json.data();
  return value;
}

/// The parts of a number by JSON's grammar.
struct NumberShape {
  bool valid = false;
  bool whole = false;  ///< neither fraction nor exponent
};

NumberShape number_shape(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto digits = [&] {
    const char* const start = p;
    while (p < end && is_digit(*p)) ++p;
    return p > start;
  };
  NumberShape shape = {false, true};
  if (p < end && *p == '-') ++p;
  if (p < end && *p == '0') {
    ++p;
  } else if (!digits()) {
    return shape;
  }
  if (p < end && *p == '.') {
    ++p;
    shape.whole = false;
    if (!digits()) return shape;
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    ++p;
    shape.whole = false;
    if (p < end && (*p == '+' || *p == '-')) ++p;
    if (!digits()) return shape;
  }
  shape.valid = p == end;
  return shape;
}

/// True if a number that no double can hold is too great rather than too small: by the decimal
/// place of its first digit that is not zero.
bool is_too_great(std::string_view text) {
  const size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  int64_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc{}) return !digits.starts_with('-');
    // Further than any text has digits, and near enough to be negated.
    constexpr int64_t kFar = int64_t{1} << 40;
    exponent = std::clamp(exponent, -kFar, kFar);
  }
  const size_t first = mantissa.find_first_of("123456789");
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  const auto place = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  return place > -exponent;
}

Value read_json_number(std::string_view text) {
  const NumberShape shape = number_shape(text);
  if (!shape.valid) return Value::error("no JSON value");
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  Value value;
  if (shape.whole) {
    int64_t integer = 0;
    uint64_t unsigned_integer = 0;
    if (std::from_chars(begin, end, integer).ec == std::errc{}) {
      value = Value::of_int(integer);
    } else if (*begin != '-' && std::from_chars(begin, end, unsigned_integer).ec == std::errc{}) {
      value = Value::of_uint(unsigned_integer);
    }
  }
  if (value.is_missing()) {
    double real = 0;
    if (std::from_chars(begin, end, real).ec == std::errc::result_out_of_range) {
      real = is_too_great(text) ? HUGE_VAL : 0.0;
      if (*begin == '-') real = -real;
    }
    value = Value::of_double(real);
  }
  value.data = begin;
  value.size = static_cast<uint32_t>(text.size());
  return value;
}

Value damaged(const Value& value) {
  return Value::error(value.kind == Kind::kList ? "a list that is no JSON"
                                                : "an object that is no JSON");
}

/// Reads the value that starts at p and moves p behind it and the white space that follows.
Value read_member(const char*& p, const char* end, Arena& arena) {
  const char* const start = p;
  p = skip_value(p, end);
  if (p == nullptr || p == start) return Value::error("a value is missing");
  const Value value = read_json_value({start, static_cast<size_t>(p - start)}, arena);
  p = skip_space(p, end);
  return value;
}

/// Gathers the members of a container in the arena. Few come there over the stack; of many it must
/// be told how many there are, so that none of the arena goes to waste.
class Gathered {
 public:
  explicit Gathered(Arena& arena) : arena_(arena) {}
  Gathered(const Gathered&) = delete;
  Gathered& operator=(const Gathered&) = delete;

  bool is_full() const { return size_ == room_; }
  void make_room(size_t more) {
    room_ = size_ + more;
    Value* const larger = arena_.make_array<Value>(room_);
    std::copy(items_, items_ + size_, larger);
    items_ = larger;
  }
  void add(const Value& value) { items_[size_++] = value; }

  std::span<const Value> all() const { return {items_, size_}; }
  uint32_t size() const { return static_cast<uint32_t>(size_); }
  /// The members, in the arena.
  const Value* keep() {
    if (items_ == few_.data()) make_room(0);
    return items_;
  }

 private:
  Arena& arena_;
  std::array<Value, 16> few_;
  Value* items_ = few_.data();
  size_t size_ = 0;
  size_t room_ = few_.size();
};

/// How many values stand in [p, end), each behind a comma or a colon, up to the first fault.
size_t count_values(const char* p, const char* end) {
  size_t count = 0;
  while (p < end && (*p == ',' || *p == ':')) {
    const char* const start = skip_space(p + 1, end);
    p = skip_value(start, end);
    if (p == nullptr || p == start) break;
    ++count;
    p = skip_space(p, end);
  }
  return count;
}

Value open_list(const Value& value, Arena& arena) {
  const char* const end = value.data + value.size - 1;
  const char* p = skip_space(value.data + 1, end);
  Gathered items(arena);
  while (p < end) {
    const Value item = read_member(p, end, arena);
    if (item.is_error() || p == nullptr) return damaged(value);
    if (items.is_full()) items.make_room(1 + count_values(p, end));
    items.add(item);
    if (p == end) break;
    if (*p != ',') return damaged(value);
    p = skip_space(p + 1, end);
    if (p == end) return damaged(value);
  }
  auto* list = arena.make_array<ListValue>(1);
  *list = {items.keep(), items.size()};
  Value opened = value;
  opened.list = list;
  return opened;
}

Value open_map(const Value& value, Arena& arena) {
  const char* const end = value.data + value.size - 1;
  const char* p = skip_space(value.data + 1, end);
  Gathered keys(arena);
  Gathered values(arena);
  KeySet known(arena);
  while (p < end) {
    if (*p != '"') return damaged(value);
    const Value key = read_member(p, end, arena);
    if (key.is_error() || p == nullptr || p == end || *p != ':') return damaged(value);
    p = skip_space(p + 1, end);
    const Value member = read_member(p, end, arena);
    if (member.is_error() || p == nullptr) return damaged(value);
    if (known.add(keys.all(), key.text())) {
      if (keys.is_full()) {
        const size_t more = 1 + count_values(p, end) / 2;
        keys.make_room(more);
        values.make_room(more);
      }
      keys.add(key);
      values.add(member);
    }
    if (p == end) break;
    if (*p != ',') return damaged(value);
    p = skip_space(p + 1, end);
    if (p == end) return damaged(value);
  }
  auto* map = arena.make_array<MapValue>(1);
  *map = {keys.keep(), values.keep(), keys.size()};
  Value opened = value;
  opened.map = map;
  return opened;
}

}  // namespace

bool decode_json_escape(const char*& p, const char* end, char*& to) {
  if (p == end) return false;
  switch (*p++) {
    case '"':
      *to++ = '"';
      return true;
    case '\\':
      *to++ = '\\';
      return true;
    case '/':
      *to++ = '/';
      return true;
    case 'b':
      *to++ = '\b';
      return true;
    case 'f':
      *to++ = '\f';
      return true;
    case 'n':
      *to++ = '\n';
      return true;
    case 'r':
      *to++ = '\r';
      return true;
    case 't':
      *to++ = '\t';
      return true;
    case 'u':
      break;
    default:
      return false;
  }
  if (end - p < 4) return false;
  const int32_t unit = read_hex4(p);
  if (unit < 0) return false;
  p += 4;
  auto point = static_cast<uint32_t>(unit);
  if (point >= 0xd800 && point < 0xe000) {
    const bool high = point < 0xdc00;
    const int32_t low = high && end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? read_hex4(p + 2) : -1;
    if (low >= 0xdc00 && low < 0xe000) {
      point = 0x10000 + ((point - 0xd800) << 10) + (static_cast<uint32_t>(low) - 0xdc00);
      p += 6;
    } else {
      point = 0xfffd;
    }
  }
  to = put_utf8(to, point);
  return true;
}

Value read_json_value(std::string_view json, Arena& arena) {
  if (json.empty()) return Value::error("no JSON value");
  if (json.size() > UINT32_MAX) return Value::error("a value of more than 4 GiB");
  const auto word = [&](std::string_view spelled, Value value) {
    if (json != spelled) return Value::error("no JSON value");
    value.data = json.data();
    value.size = static_cast<uint32_t>(json.size());
    return value;
  };
  switch (json[0]) {
    case '"':
      return read_string(json, arena);
    case 't':
      return word("true", Value::of(true));
    case 'f':
      return word("false", Value::of(false));
    case 'n':
      return word("null", Value::null());
    case '{':
      if (json.size() < 2 || json.back() != '}') return Value::error("no JSON value");
      return Value::raw(Kind::kMap, json);
    case '[':
      if (json.size() < 2 || json.back() != ']') return Value::error("no JSON value");
      return Value::raw(Kind::kList, json);
    default:
      return read_json_number(json);
  }
}

Value decode_container(const Value& value, Arena& arena) {
  if (!value.is_raw()) return value;
  const char close = value.kind == Kind::kList ? ']' : '}';
  if (value.data == nullptr || value.size < 2 || value.text().back() != close)
    return damaged(value);
  return value.kind == Kind::kList ? open_list(value, arena) : open_map(value, arena);
}

namespace {

/// A number as people and programs write it beside JSON: 007, .5, 5. (with sign and exponent). It
/// has no spelling that JSON allows, so none is kept.
Value read_loose_number(std::string_view text) {
  const bool has_digit = std::ranges::any_of(text, is_digit);
  const bool has_stranger = text.find_first_not_of("0123456789+-.eE") != std::string_view::npos;
  if (!has_digit || has_stranger) return Value::error("not a number");
  const char* const end = text.data() + text.size();
  int64_t integer = 0;
  const auto whole = std::from_chars(text.data(), end, integer);
  if (whole.ec == std::errc() && whole.ptr == end) return Value::of_int(integer);
  double real = 0;
  const auto fraction = std::from_chars(text.data(), end, real);
  if (fraction.ec == std::errc() && fraction.ptr == end) return Value::of_double(real);
  return Value::error("not a number");
}

}  // namespace

Value read_number(std::string_view text) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  begin = skip_space(begin, end);
  while (end > begin && is_space(end[-1])) --end;
  if (begin < end && *begin == '+' && end - begin > 1 && begin[1] != '-') ++begin;
  const std::string_view number(begin, static_cast<size_t>(end - begin));
  const Value value = read_json_number(number);
  return value.is_error() ? read_loose_number(number) : value;
}

}  // namespace weir
