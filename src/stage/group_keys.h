// The keys of groups, numbered in order of first appearance.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/large_memory.h"

namespace weir {

/// A hash table from key bytes to numbers 0, 1, 2 ... Whoever looks one key up in several tables
/// hashes it once.
class GroupKeys {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// In bytes. Whoever adds a key sees to it that it is no longer.
  static constexpr size_t kLongestKey = UINT32_MAX;

  /// What goes with a key into the functions below.
  static uint32_t hash(std::string_view key);

  /// The number of a key, or kNone.
  uint32_t find(std::string_view key, uint32_t hash) const;
  /// The number, or kNone, of each key of another table. Faster than one after the other where this
  /// table is too large for the processor's caches.
  void find_all(const GroupKeys& keys, std::vector<uint32_t>& numbers) const;

  struct Numbered {
    uint32_t number;
    bool is_new;
  };
  /// The number of a key, which is added (and copied) if it is not there.
  Numbered number(std::string_view key, uint32_t hash);

  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  std::string_view key(uint32_t number) const { return entries_[number].key(); }
  uint32_t hash_of(uint32_t number) const { return entries_[number].hash; }

  /// Forgets all keys, and keeps memory for the next.
  void clear();

 private:
  struct Entry {
    std::string_view key() const { return {data, size}; }
    const char* data;  ///< in keys_
    uint32_t size;
    uint32_t hash;
  };
  void grow();
  /// Where a probe for the hash begins.
  size_t place_of(uint32_t hash) const { return hash & (places_.size() - 1); }
  /// Where the key's number stands, or would stand. There is at least one place.
  size_t find_place(std::string_view key, uint32_t hash) const;

  LargeVector<Entry> entries_;
  static_assert(sizeof(Entry) == 16);  // of a million keys each byte is a megabyte
  /// Open addressing with linear probing: numbers, or kNone. A power of two, at most half full.
  LargeVector<uint32_t> places_;
  Arena keys_;
};

}  // namespace weir
