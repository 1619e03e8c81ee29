// Finding keys by their hash, with memory from an arena.
#pragma once

#include <cstdint>
#include <optional>

#include "base/arena.h"

namespace weir {

/// An index of what the caller keeps: a hash leads to the positions that were added under it.
class KeyIndex {
 public:
  /// The positions' memory comes from `arena`, and lives as long.
  explicit KeyIndex(Arena& arena) : arena_(arena) {}

  /// The position added under `hash` for which `is_it(position)` is true.
  template <typename IsIt>
  std::optional<uint32_t> find(uint64_t hash, IsIt&& is_it) const {
    if (size_ == 0) return std::nullopt;
    for (uint64_t at = hash & mask_; places_[at].used; at = (at + 1) & mask_) {
      const Place& place = places_[at];
      if (place.hash == hash && is_it(place.position)) return place.position;
    }
    return std::nullopt;
  }

  void add(uint64_t hash, uint32_t position) {
    if (2 * (size_ + 1) > capacity()) grow();
    put({hash, position, true});
    ++size_;
  }

  uint32_t size() const { return size_; }

 private:
  struct Place {
    uint64_t hash = 0;
    uint32_t position = 0;
    bool used = false;
  };
  static constexpr uint64_t kFirst = 64;

  uint64_t capacity() const { return places_ == nullptr ? 0 : mask_ + 1; }

  void put(const Place& place) {
    uint64_t at = place.hash & mask_;
    while (places_[at].used) at = (at + 1) & mask_;
    places_[at] = place;
  }

  void grow() {
    const uint64_t before = capacity();
    Place* const old = places_;
    const uint64_t now = before == 0 ? kFirst : 2 * before;
    places_ = arena_.make_array<Place>(now);
    mask_ = now - 1;
    for (uint64_t i = 0; i < before; ++i) {
      if (old[i].used) put(old[i]);
    }
  }

  Arena& arena_;
  Place* places_ = nullptr;  ///< a power of two of them, at least half of them free
  uint64_t mask_ = 0;
  uint32_t size_ = 0;
};

}  // namespace weir
