#include "stage/group_keys.h"

#include <algorithm>
#include <functional>

namespace weir {

namespace {
constexpr size_t kFirstPlaces = 64;
/// How many keys are on their way from memory at once, at each of three steps.
constexpr uint32_t kAhead = 8;
}  // namespace

/// The high bits are the best mixed ones (Fibonacci hashing, Knuth, The Art of Computer Programming
/// 3, 6.4), and the table must not depend on what the library's hash does with its low ones.
uint32_t GroupKeys::hash(std::string_view key) {
  constexpr uint64_t kGolden = 0x9e3779b97f4a7c15U;
  return static_cast<uint32_t>((std::hash<std::string_view>()(key) * kGolden) >> 32);
}

size_t GroupKeys::find_place(std::string_view key, uint32_t hash) const {
  for (size_t place = place_of(hash);; place = (place + 1) & (places_.size() - 1)) {
    const uint32_t number = places_[place];
    if (number == kNone) return place;
    const Entry& entry = entries_[number];
    if (entry.hash == hash && entry.key() == key) return place;
  }
}

uint32_t GroupKeys::find(std::string_view key, uint32_t hash) const {
  return places_.empty() ? kNone : places_[find_place(key, hash)];
}

void GroupKeys::find_all(const GroupKeys& keys, std::vector<uint32_t>& numbers) const {
  const uint32_t size = keys.size();
  numbers.assign(size, kNone);
  if (places_.empty()) return;
  const auto first_place = [&](uint32_t i) -> const uint32_t& {
    return places_[place_of(keys.hash_of(i))];
  };
  for (uint32_t i = 0; i < size + 3 * kAhead; ++i) {
    if (i < size) __builtin_prefetch(&first_place(i));
    if (const uint32_t at = i - kAhead; at < size && first_place(at) != kNone) {
      __builtin_prefetch(&entries_[first_place(at)]);
    }
    if (const uint32_t at = i - 2 * kAhead; at < size && first_place(at) != kNone) {
      __builtin_prefetch(entries_[first_place(at)].data);
    }
    if (const uint32_t at = i - 3 * kAhead; at < size) {
      numbers[at] = find(keys.key(at), keys.hash_of(at));
    }
  }
}

GroupKeys::Numbered GroupKeys::number(std::string_view key, uint32_t hash) {
  if (2 * (entries_.size() + 1) > places_.size()) grow();
  uint32_t& number = places_[find_place(key, hash)];
  if (number != kNone) return {number, false};
  number = size();
  entries_.push_back({keys_.copy(key).data(), static_cast<uint32_t>(key.size()), hash});
  return {number, true};
}

void GroupKeys::grow() {
  places_.assign(std::max(kFirstPlaces, 2 * places_.size()), kNone);
  for (uint32_t number = 0; number < size(); ++number) {
    size_t place = place_of(entries_[number].hash);
    while (places_[place] != kNone) place = (place + 1) & (places_.size() - 1);
    places_[place] = number;
  }
}

void GroupKeys::clear() {
  entries_.clear();
  std::ranges::fill(places_, kNone);
  keys_.reset();
}

}  // namespace weir
