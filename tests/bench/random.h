// Random numbers that are the same on every machine and with every standard library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::bench {

/// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
/// 2014): 64 bits of state, one multiplication chain a number. The distributions of <random> are
/// not used: the standard leaves their algorithms open.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// A number below `bound`, which is at least 1 and far below 2^32 (so that the bias is nothing).
  size_t below(uint64_t bound) { return static_cast<size_t>(((next() >> 32) * bound) >> 32); }

  /// True once in `bound` times.
  bool once_in(uint64_t bound) { return below(bound) == 0; }

 private:
  uint64_t state_;
};

}  // namespace weir::bench
