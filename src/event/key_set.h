// Telling the first of equal keys from the others.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "event/key_index.h"
#include "event/value.h"

namespace weir {

/// Finds out whether a key came before. Few keys are compared one by one, many are hashed.
class KeySet {
 public:
  /// What it needs to remember comes from `arena`.
  explicit KeySet(Arena& arena) : index_(arena) {}

  /// True if `key` is none of `keys`, which holds all keys that were added so far. The caller adds
  /// it then.
  bool add(std::span<const Value> keys, std::string_view key) {
    constexpr size_t kFew = 16;
    if (keys.size() < kFew) {
      for (const Value& known : keys) {
        if (known.text() == key) return false;
      }
      return true;
    }
    const std::hash<std::string_view> hash;
    while (index_.size() < keys.size()) {
      index_.add(hash(keys[index_.size()].text()), index_.size());
    }
    return !index_.find(hash(key), [&](uint32_t at) { return keys[at].text() == key; });
  }

 private:
  KeyIndex index_;
};

}  // namespace weir
