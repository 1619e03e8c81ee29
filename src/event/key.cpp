#include "event/key.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "event/json_bytes.h"
#include "event/json_check.h"
#include "event/json_value.h"

namespace weir {

namespace {

/// Keys are the same on every machine: shards are told by them.
static_assert(std::endian::native == std::endian::little);

template <typename T>
void append_bytes(char tag, T value, std::string& key) {
  key += tag;
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  key.append(bytes, sizeof(T));
}

void append_sized(char tag, std::string_view text, std::string& key) {
  append_bytes(tag, static_cast<uint32_t>(text.size()), key);
  key += text;
}

void append_double(double value, std::string& key) {
  // A double that is a whole number shares the key of that integer.
  if (value == std::floor(value) && value >= -0x1p63 && value < 0x1p63) {
    append_bytes('i', static_cast<int64_t>(value), key);
  } else if (value == std::floor(value) && value >= 0x1p63 && value < 0x1p64) {
    append_bytes('u', static_cast<uint64_t>(value), key);
  } else {
    append_bytes('d', std::isnan(value) ? std::nan("") : value, key);
  }
}

std::string append(const Value& value, std::string& key, int depth);

std::string append_list(const ListValue& list, std::string& key, int depth) {
  append_bytes('l', list.size, key);
  for (uint32_t i = 0; i < list.size; ++i) {
    std::string problem = append(list.items[i], key, depth);
    if (!problem.empty()) return problem;
  }
  return {};
}

std::string append_map(const MapValue& map, std::string& key, int depth) {
  // In the order of their names. Where a name stands there twice, the first counts.
  std::vector<std::pair<std::string, uint32_t>> names(map.size);
  for (uint32_t i = 0; i < map.size; ++i) {
    names[i].second = i;
    std::string problem = append(map.keys[i], names[i].first, depth);
    if (!problem.empty()) return problem;
  }
  std::ranges::sort(names);
  const auto doubled = std::ranges::unique(names, {}, &std::pair<std::string, uint32_t>::first);
  names.erase(doubled.begin(), doubled.end());
  append_bytes('m', static_cast<uint32_t>(names.size()), key);
  for (const auto& [name, i] : names) {
    key += name;
    std::string problem = append(map.values[i], key, depth);
    if (!problem.empty()) return problem;
  }
  return {};
}

/// Reads JSON with everything inside of it in one pass: to open one level after another looks at
/// the innermost text once for each level.
class WholeReader {
 public:
  WholeReader(std::string_view json, Arena& arena)
      : p_(json.data()), end_(json.data() + json.size()), arena_(arena) {}

  /// The value that comes next, or a missing one where the text is no JSON, or too deep.
  Value read(int depth = 1) {
    if (depth > kMaxDepth) return Value::missing();
    if (p_ < end_ && *p_ == '[') return read_list(depth);
    if (p_ < end_ && *p_ == '{') return read_map(depth);
    const char* const start = p_;
    if (start < end_) p_ = skip_value(start, end_);
    if (p_ == nullptr || p_ == start) return Value::missing();
    const Value value = read_json_value({start, static_cast<size_t>(p_ - start)}, arena_);
    return value.is_error() ? Value::missing() : value;
  }

 private:
  Value read_list(int depth) {
    const char* const start = p_;
    std::vector<Value> items;
    const bool whole = read_members(']', [&] {
      items.push_back(read(depth + 1));
      return !items.back().is_missing();
    });
    if (!whole) return Value::missing();
    auto* list = arena_.make_array<ListValue>(1);
    *list = {kept(items), static_cast<uint32_t>(items.size())};
    Value value = Value::raw(Kind::kList, {start, static_cast<size_t>(p_ - start)});
    value.list = list;
    return value;
  }

  Value read_map(int depth) {
    const char* const start = p_;
    std::vector<Value> keys;
    std::vector<Value> values;
    const bool whole = read_members('}', [&] {
      keys.push_back(read(depth + 1));
      if (keys.back().kind != Kind::kString) return false;
      p_ = skip_space(p_, end_);
      if (p_ >= end_ || *p_ != ':') return false;
      p_ = skip_space(p_ + 1, end_);
      values.push_back(read(depth + 1));
      return !values.back().is_missing();
    });
    if (!whole) return Value::missing();
    auto* map = arena_.make_array<MapValue>(1);
    *map = {kept(keys), kept(values), static_cast<uint32_t>(keys.size())};
    Value value = Value::raw(Kind::kMap, {start, static_cast<size_t>(p_ - start)});
    value.map = map;
    return value;
  }

  /// Moves behind `close`, and calls `member` at each member on the way. False if one of them, or
  /// what stands between them, is no JSON.
  template <typename F>
  bool read_members(char close, F&& member) {
    p_ = skip_space(p_ + 1, end_);
    bool more = p_ < end_ && *p_ != close;
    while (more) {
      if (!member()) return false;
      p_ = skip_space(p_, end_);
      more = p_ < end_ && *p_ == ',';
      if (more) p_ = skip_space(p_ + 1, end_);
    }
    return p_ < end_ && *p_++ == close;
  }

  const Value* kept(const std::vector<Value>& values) {
    Value* const copies = arena_.make_array<Value>(values.size());
    std::ranges::copy(values, copies);
    return copies;
  }

  const char* p_;
  const char* end_;
  Arena& arena_;
};

std::string append(const Value& value, std::string& key, int depth) {
  // Expressions make values that are deeper than they are themselves.
  if (depth > kMaxDepth) return "lists and maps are nested more than 1024 deep";
  switch (value.kind) {
    case Kind::kNull:
    case Kind::kMissing:
      key += 'n';
      return {};
    case Kind::kBool:
      key += value.boolean ? 't' : 'f';
      return {};
    case Kind::kInt:
      append_bytes('i', value.integer, key);
      return {};
    case Kind::kUint:
      if (value.unsigned_integer <= INT64_MAX) {
        append_bytes('i', static_cast<int64_t>(value.unsigned_integer), key);
      } else {
        append_bytes('u', value.unsigned_integer, key);
      }
      return {};
    case Kind::kDouble:
      append_double(value.real, key);
      return {};
    case Kind::kString:
      append_sized('s', value.text(), key);
      return {};
    case Kind::kBytes:
      append_sized('b', value.text(), key);
      return {};
    case Kind::kType:
      append_sized('y', value.text(), key);
      return {};
    case Kind::kIp:
      append_sized('a', value.text(), key);
      return {};
    case Kind::kCidr:
      append_sized('c', value.text(), key);
      key += static_cast<char>(value.prefix);
      return {};
    case Kind::kOptional:
      key += value.inner == nullptr ? 'o' : 'O';
      return value.inner == nullptr ? std::string() : append(*value.inner, key, depth + 1);
    case Kind::kTimestamp:
      append_bytes('T', value.integer, key);
      append_bytes('n', value.size, key);
      return {};
    case Kind::kDuration:
      append_bytes('D', value.integer, key);
      append_bytes('n', value.size, key);
      return {};
    case Kind::kError:
      return std::string(value.text());
    case Kind::kList:
    case Kind::kMap:
      break;
  }
  Arena arena;
  Value opened = value.is_raw() ? WholeReader(value.text(), arena).read() : value;
  // What is broken somewhere is opened level by level, down to where it can be said.
  if (opened.is_missing()) opened = decode_container(value, arena);
  if (opened.kind == Kind::kList) return append_list(*opened.list, key, depth + 1);
  if (opened.kind == Kind::kMap) return append_map(*opened.map, key, depth + 1);
  return std::string(opened.text());
}

}  // namespace

std::string append_key(const Value& value, std::string& key) { return append(value, key, 1); }

bool is_told_by_key(const Value& value) {
  switch (value.kind) {
    case Kind::kNull:
    case Kind::kMissing:
    case Kind::kBool:
      return true;
    case Kind::kInt: {
      char text[24];
      const auto end = std::to_chars(text, text + sizeof text, value.integer).ptr;
      return value.data == nullptr || value.text() == std::string_view(text, end);
    }
    case Kind::kString:
      return !value.is_text && (value.quote == nullptr || value.data == value.quote + 1);
    default:
      return false;
  }
}

Value take_from_key(std::string_view& key) {
  const auto take = [&](size_t size) {
    const std::string_view bytes = key.substr(0, size);
    key.remove_prefix(size);
    return bytes;
  };
  const auto take_number = [&]<typename T>(T number) {
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
  };
  switch (take(1).front()) {
    case 't':
      return Value::of(true);
    case 'f':
      return Value::of(false);
    case 'i':
      return Value::of_int(take_number(int64_t{}));
    case 's':
      return Value::of_string(take(take_number(uint32_t{})));
    default:
      return Value::null();
  }
}

}  // namespace weir
