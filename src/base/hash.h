// Numbers that look random and are the same on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// The hash FNV-1a, 64 bits wide (Fowler, Noll, Vo; draft-eastlake-fnv).
constexpr uint64_t fnv1a(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
  return hash;
}

/// Number `n` (from 0) of the sequence SplitMix64 that starts from `seed` (Steele, Lea, Flood: Fast
/// splittable pseudorandom number generators, 2014). All 64 bits are evenly spread.
constexpr uint64_t split_mix(uint64_t seed, uint64_t n) {
  uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace weir
