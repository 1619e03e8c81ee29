// The keys of groups, numbered in order of first appearance.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace weir {

/// A hash table from key bytes to numbers 0, 1, 2 ... Whoever looks one key up in several tables
/// hashes it once.
class GroupKeys {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  static uint64_t hash(std::string_view key) { return std::hash<std::string_view>()(key); }

  /// The number of a key, or kNone.
  uint32_t find(std::string_view key, uint64_t hash) const;
  /// The number, or kNone, of each key of another table. Faster than one after the other where this
  /// table is too large for the processor's caches.
  void find_all(const GroupKeys& keys, std::vector<uint32_t>& numbers) const;
  /// Adds a key that is not there (and is copied). Answers its number.
  uint32_t add(std::string_view key, uint64_t hash);

  /// The number of a key, which is added if it is not there.
  uint32_t number(std::string_view key, uint64_t hash) {
    const uint32_t found = find(key, hash);
    return found == kNone ? add(key, hash) : found;
  }

  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  std::string_view key(uint32_t number) const { return entries_[number].key; }
  uint64_t hash_of(uint32_t number) const { return entries_[number].hash; }

  /// Forgets all keys, and keeps memory for the next.
  void clear();

 private:
  struct Entry {
    std::string_view key;  ///< in keys_
    uint64_t hash;
  };
  void grow();
  size_t place_of(uint64_t hash) const;

  std::vector<Entry> entries_;
  /// Open addressing with linear probing: numbers, or kNone. A power of two, at most half full.
  std::vector<uint32_t> places_;
  Arena keys_;
};

}  // namespace weir
