// One value of an event or of an expression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/arena.h"

namespace weir {

/// The types of the expression language (CEL) and of events. The last two are no values: a missing
/// field and an error travel through expressions in their place.
enum class Kind : uint8_t {
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kList,
  kMap,
  kType,      ///< a type; its text is the type's name
  kIp,        ///< an IP address; its text is the 16 bytes of event/ip.h
  kCidr,      ///< a range of addresses: such bytes, and the length of the prefix
  kOptional,  ///< a value or none; `inner` is the value, or null
  kTimestamp,
  kDuration,
  kMissing,  ///< no such field
  kError,    ///< its text is the reason
};

struct ListValue;
struct MapValue;

/// A small tagged value, free to copy. It owns nothing: text, lists and maps are borrowed from the
/// batch's buffer or an arena, and live as long as that batch (or arena) does. Whoever keeps one
/// longer copies it (see event/keep.h).
struct Value {
  union {
    bool boolean;
    /// kTimestamp, kDuration: the whole seconds, rounded down (see event/time.h).
    int64_t integer;
    uint64_t unsigned_integer;
    double real;
    /// kString read from JSON: the opening quote of its spelling in the event, or null.
    const char* quote;
    /// kList, kMap: the members, or null while only the JSON text is known (see `is_raw()`).
    const ListValue* list;
    const MapValue* map;
    /// kCidr: the bits of the prefix, counted as they are written (up to 32 for IPv4). kIp: 0.
    uint64_t prefix;
    const Value* inner;
    uint64_t bits = 0;
  };
  /// kString, kBytes, kType, kIp, kCidr, kError: the content. Numbers read from an event: their
  /// spelling, or null. kList, kMap: the JSON text they were read from, or null.
  const char* data = nullptr;
  /// The bytes at `data`. kTimestamp, kDuration: the nanoseconds behind the whole seconds.
  uint32_t size = 0;
  Kind kind = Kind::kMissing;
  /// kString only: a field of CSV, logfmt or the like, which reads as a number where one is wanted.
  bool is_text = false;
  /// Nothing: a value without gaps is copied by whole words.
  uint16_t unused = 0;

  /// Of values that have text, as told at `data`.
  std::string_view text() const { return {data, size}; }
  bool is_time() const { return kind == Kind::kTimestamp || kind == Kind::kDuration; }
  bool is_error() const { return kind >= Kind::kMissing; }
  bool is_missing() const { return kind == Kind::kMissing; }
  bool is_number() const {
    return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble;
  }
  /// A list or map that is still JSON text; `decode_container` in event/json_value.h opens it.
  bool is_raw() const { return (kind == Kind::kList || kind == Kind::kMap) && bits == 0; }

  static Value null() { return with(Kind::kNull, 0); }
  static Value missing() { return with(Kind::kMissing, 0); }
  static Value of(bool value) {
    Value v = with(Kind::kBool, 0);
    v.boolean = value;
    return v;
  }
  static Value of_int(int64_t value) {
    Value v = with(Kind::kInt, 0);
    v.integer = value;
    return v;
  }
  static Value of_uint(uint64_t value) { return with(Kind::kUint, value); }
  static Value of_double(double value) {
    Value v = with(Kind::kDouble, 0);
    v.real = value;
    return v;
  }
  static Value of_string(std::string_view text) { return with_text(Kind::kString, text); }
  /// A string that reads as a number where a number is wanted.
  static Value of_text(std::string_view text) {
    Value v = with_text(Kind::kString, text);
    v.is_text = true;
    return v;
  }
  static Value of_bytes(std::string_view bytes) { return with_text(Kind::kBytes, bytes); }
  static Value of_timestamp(int64_t seconds, uint32_t nanoseconds) {
    return with_time(Kind::kTimestamp, seconds, nanoseconds);
  }
  static Value of_duration(int64_t seconds, uint32_t nanoseconds) {
    return with_time(Kind::kDuration, seconds, nanoseconds);
  }
  static Value of_type(std::string_view name) { return with_text(Kind::kType, name); }
  static Value of_ip(std::string_view bytes) { return with_text(Kind::kIp, bytes); }
  static Value of_cidr(std::string_view bytes, uint64_t prefix) {
    Value v = with_text(Kind::kCidr, bytes);
    v.prefix = prefix;
    return v;
  }
  /// An error with its reason, which the caller keeps alive (a literal, or in an arena).
  static Value error(std::string_view reason) { return with_text(Kind::kError, reason); }
  static Value of_list(const ListValue* list) {
    Value v = with(Kind::kList, 0);
    v.list = list;
    return v;
  }
  static Value of_map(const MapValue* map) {
    Value v = with(Kind::kMap, 0);
    v.map = map;
    return v;
  }
  /// An optional with a value, which the caller keeps alive, or (null) without.
  static Value of_optional(const Value* inner) {
    Value v = with(Kind::kOptional, 0);
    v.inner = inner;
    return v;
  }
  /// A list or map that is known by its JSON text only.
  static Value raw(Kind kind, std::string_view json) { return with_text(kind, json); }

 private:
  static Value with(Kind kind, uint64_t bits) {
    Value v;
    v.bits = bits;
    v.kind = kind;
    return v;
  }
  static Value with_time(Kind kind, int64_t seconds, uint32_t nanoseconds) {
    Value v = with(kind, 0);
    v.integer = seconds;
    v.size = nanoseconds;
    return v;
  }
  static Value with_text(Kind kind, std::string_view text) {
    Value v = with(kind, 0);
    v.data = text.data();
    v.size = static_cast<uint32_t>(text.size());
    return v;
  }
};
static_assert(sizeof(Value) == 24);

/// The members of a list, in order.
struct ListValue {
  const Value* items = nullptr;
  uint32_t size = 0;
  /// About how many bytes it takes when it is written out, which may be far more than it takes in
  /// memory, where members are shared; 0: not known (see weight_of in expr/weight.h).
  uint32_t weight = 0;
};

/// The members of a map in the order they were written; keys are bool, int, uint or string. Of
/// doubled keys (events may have them) the first counts.
struct MapValue {
  const Value* keys = nullptr;
  const Value* values = nullptr;
  uint32_t size = 0;
  uint32_t weight = 0;  ///< as that of a list
};

}  // namespace weir
