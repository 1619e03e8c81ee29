// How long something takes.
#pragma once

#include <chrono>
#include <utility>

namespace weir {

/// Runs from where it is made.
class Stopwatch {
 public:
  using Time = std::chrono::nanoseconds;

  /// Since it was made, or asked last.
  Time lap() {
    const auto now = Clock::now();
    return std::chrono::duration_cast<Time>(now - std::exchange(from_, now));
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point from_ = Clock::now();
};

}  // namespace weir
