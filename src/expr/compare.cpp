#include "expr/compare.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "event/ip.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "event/key.h"
#include "event/key_index.h"

namespace weir::expr {

namespace {

/// Above this many keys a map is searched by hash.
constexpr uint32_t kFewKeys = 16;

template <typename T>
int order(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/// An integer beside a double that is no NaN, without rounding either. One double is an exception:
/// the one that the greatest integer of the type would be rounded to (2^63, 2^64) counts as that
/// integer, as CEL's conformance suite has it (comparisons, not_gt_dyn_big_double_int).
template <typename T>
int order_exact(T a, double b) {
  constexpr double kEnd = std::is_signed_v<T> ? 0x1p63 : 0x1p64;
  constexpr double kBegin = std::is_signed_v<T> ? -0x1p63 : 0;
  if (b == kEnd) return order(a, std::numeric_limits<T>::max());
  if (b > kEnd) return -1;
  if (b < kBegin) return 1;
  const double whole = std::trunc(b);
  const int by_whole = order(a, static_cast<T>(whole));
  return by_whole != 0 ? by_whole : order(whole, b);
}

/// Numbers, by value. Nothing for a NaN.
std::optional<int> order_numbers(const Value& a, const Value& b) {
  if (a.kind == Kind::kDouble) {
    if (std::isnan(a.real)) return std::nullopt;
    if (b.kind == Kind::kDouble) {
      if (std::isnan(b.real)) return std::nullopt;
      return order(a.real, b.real);
    }
    return b.kind == Kind::kInt ? -order_exact(b.integer, a.real)
                                : -order_exact(b.unsigned_integer, a.real);
  }
  if (b.kind == Kind::kDouble) {
    if (std::isnan(b.real)) return std::nullopt;
    return a.kind == Kind::kInt ? order_exact(a.integer, b.real)
                                : order_exact(a.unsigned_integer, b.real);
  }
  if (a.kind == Kind::kInt) {
    if (b.kind == Kind::kInt) return order(a.integer, b.integer);
    return a.integer < 0 ? -1 : order(static_cast<uint64_t>(a.integer), b.unsigned_integer);
  }
  if (b.kind == Kind::kUint) return order(a.unsigned_integer, b.unsigned_integer);
  return b.integer < 0 ? 1 : order(a.unsigned_integer, static_cast<uint64_t>(b.integer));
}

/// IPv4 before IPv6, each by the bytes.
int order_ips(const Value& a, const Value& b) {
  if (is_ipv4(a) != is_ipv4(b)) return is_ipv4(a) ? -1 : 1;
  return order(a.text().compare(b.text()), 0);
}

bool is_text(const Value& value) { return value.kind == Kind::kString && value.is_text; }

bool equal_at(const Value& a, const Value& b, Arena& arena, int depth);

bool equal_lists(const ListValue& a, const ListValue& b, Arena& arena, int depth) {
  if (a.size != b.size) return false;
  for (uint32_t i = 0; i < a.size; ++i) {
    if (!equal_at(a.items[i], b.items[i], arena, depth + 1)) return false;
  }
  return true;
}

bool same_key(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return order_numbers(a, b) == 0;
  if (a.kind != b.kind) return false;
  return a.kind == Kind::kString ? a.text() == b.text()
                                 : a.kind == Kind::kBool && a.boolean == b.boolean;
}

/// Looks keys up: in a large map by hash, so that comparing two large maps is not quadratic.
class KeyFinder {
 public:
  KeyFinder(const MapValue& map, Arena& arena) : map_(map), index_(arena) {
    if (map.size <= kFewKeys) return;
    for (uint32_t i = 0; i < map.size; ++i) index_.add(hash_of(map.keys[i]), i);
  }
  const Value* find(const Value& key) const {
    if (map_.size <= kFewKeys) return find_key(map_, key);
    const auto place =
        index_.find(hash_of(key), [&](uint32_t at) { return same_key(map_.keys[at], key); });
    return place ? map_.values + *place : nullptr;
  }

 private:
  /// Equal keys have equal hashes, whatever their types. Numbers are short as bytes.
  static uint64_t hash_of(const Value& key) {
    if (key.kind == Kind::kString) return std::hash<std::string_view>()(key.text());
    std::string bytes;
    append_key(key, bytes);
    return std::hash<std::string_view>()(bytes);
  }

  const MapValue& map_;
  KeyIndex index_;
};

bool equal_maps(const MapValue& a, const MapValue& b, Arena& arena, int depth) {
  if (a.size != b.size) return false;
  const KeyFinder finder(b, arena);
  for (uint32_t i = 0; i < a.size; ++i) {
    const Value* const other = finder.find(a.keys[i]);
    if (other == nullptr || !equal_at(a.values[i], *other, arena, depth + 1)) return false;
  }
  return true;
}

bool equal_at(const Value& a, const Value& b, Arena& arena, int depth) {
  if (a.is_number() && b.is_number()) return order_numbers(a, b) == 0;
  if (a.kind != b.kind) {
    if (is_text(a) && b.is_number()) {
      const Value number = read_number(a.text());
      return !number.is_error() && order_numbers(number, b) == 0;
    }
    if (is_text(b) && a.is_number()) return equal_at(b, a, arena, depth);
    return false;
  }
  switch (a.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.boolean == b.boolean;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
    case Kind::kIp:
      return a.text() == b.text();
    case Kind::kCidr:
      return a.prefix == b.prefix && a.text() == b.text();
    case Kind::kOptional:
      if (a.inner == nullptr || b.inner == nullptr) return a.inner == b.inner;
      return depth <= 2 * kMaxDepth && equal_at(*a.inner, *b.inner, arena, depth + 1);
    case Kind::kTimestamp:
    case Kind::kDuration:
      return a.integer == b.integer && a.size == b.size;
    case Kind::kList:
    case Kind::kMap:
      break;
    default:
      return false;
  }
  // Values of events are no deeper than this, and those that expressions make hardly deeper.
  if (depth > 2 * kMaxDepth) return false;
  const Value left = decode_container(a, arena);
  const Value right = decode_container(b, arena);
  if (left.is_error() || right.is_error()) return false;
  return a.kind == Kind::kList ? equal_lists(*left.list, *right.list, arena, depth)
                               : equal_maps(*left.map, *right.map, arena, depth);
}

}  // namespace

std::optional<int> compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return order_numbers(a, b);
  if (is_text(a) && is_text(b)) {
    const Value left = read_number(a.text());
    const Value right = read_number(b.text());
    if (!left.is_error() && !right.is_error()) return compare(left, right);
  }
  if (a.kind == b.kind) {
    if (a.kind == Kind::kString || a.kind == Kind::kBytes) {
      return order(a.text().compare(b.text()), 0);
    }
    if (a.kind == Kind::kBool) return order(int{a.boolean}, int{b.boolean});
    if (a.kind == Kind::kIp) return order_ips(a, b);
    if (a.is_time()) {
      return a.integer != b.integer ? order(a.integer, b.integer) : order(a.size, b.size);
    }
    return std::nullopt;
  }
  if (is_text(a) && b.is_number()) {
    const Value number = read_number(a.text());
    return number.is_error() ? std::nullopt : order_numbers(number, b);
  }
  if (is_text(b) && a.is_number()) {
    const Value number = read_number(b.text());
    return number.is_error() ? std::nullopt : order_numbers(a, number);
  }
  return std::nullopt;
}

bool equal(const Value& a, const Value& b, Arena& arena) { return equal_at(a, b, arena, 0); }

bool contains(const ListValue& list, const Value& value, Arena& arena) {
  for (uint32_t i = 0; i < list.size; ++i) {
    if (equal_at(list.items[i], value, arena, 0)) return true;
  }
  return false;
}

const Value* find_key(const MapValue& map, const Value& key) {
  for (uint32_t i = 0; i < map.size; ++i) {
    if (same_key(map.keys[i], key)) return map.values + i;
  }
  return nullptr;
}

}  // namespace weir::expr
