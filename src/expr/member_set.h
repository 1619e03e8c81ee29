// Finding equal values among many.
#pragma once

#include <array>
#include <span>
#include <string>
#include <unordered_map>

#include "base/arena.h"
#include "event/value.h"

namespace weir::expr {

/// Values of which one can ask whether an equal one (CEL's `==`) is there. A few are compared one
/// by one; more are found by their keys, so that two long lists of an event cost no square of
/// their length.
class MemberSet {
 public:
  /// The values are borrowed, and opened in `arena`.
  explicit MemberSet(Arena& arena) : arena_(arena) {}
  MemberSet(std::span<const Value> values, Arena& arena) : MemberSet(arena) {
    for (const Value& value : values) insert(value);
  }

  /// True if an equal value is there.
  bool contains(const Value& value);
  void insert(const Value& value);

 private:
  void index(const Value& value);

  Arena& arena_;
  static constexpr size_t kFew = 16;

  std::array<Value, kFew> few_;
  size_t size_ = 0;  ///< of `few_`
  std::unordered_map<std::string, Value> many_;
  std::string key_;
};

}  // namespace weir::expr
