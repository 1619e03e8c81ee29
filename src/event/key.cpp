#include "event/key.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "event/json_value.h"

namespace weir {

namespace {

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

std::string append_list(const ListValue& list, std::string& key) {
  append_bytes('l', list.size, key);
  for (uint32_t i = 0; i < list.size; ++i) {
    std::string problem = append_key(list.items[i], key);
    if (!problem.empty()) return problem;
  }
  return {};
}

std::string append_map(const MapValue& map, std::string& key) {
  // decode_container has left one member of each name.
  std::vector<std::string> members;
  for (uint32_t i = 0; i < map.size; ++i) {
    std::string& member = members.emplace_back();
    std::string problem = append_key(map.keys[i], member);
    if (problem.empty()) problem = append_key(map.values[i], member);
    if (!problem.empty()) return problem;
  }
  std::ranges::sort(members);
  append_bytes('m', map.size, key);
  for (const std::string& member : members) key += member;
  return {};
}

}  // namespace

std::string append_key(const Value& value, std::string& key) {
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
    case Kind::kError:
      return std::string(value.text());
    case Kind::kList:
    case Kind::kMap:
      break;
  }
  Arena arena;
  const Value opened = decode_container(value, arena);
  if (opened.kind == Kind::kList) return append_list(*opened.list, key);
  if (opened.kind == Kind::kMap) return append_map(*opened.map, key);
  return std::string(opened.text());
}

}  // namespace weir
