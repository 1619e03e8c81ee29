// When a run is to read no more.
#pragma once

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

namespace weir {

/// A time from the start of the run on; without one it never passes.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  Deadline() = default;
  explicit Deadline(std::chrono::milliseconds span) : span_(span) {}

  /// Starts the clock.
  void start() {
    if (span_) at_ = Clock::now() + std::min(*span_, kLongest);
  }
  bool passed() const { return at_ && Clock::now() >= *at_; }
  /// How long to wait for it at most, as poll(2) takes it: -1 for ever.
  int wait_ms() const {
    if (!at_) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*at_ - Clock::now()).count();
    return static_cast<int>(std::clamp<int64_t>(left, 0, std::numeric_limits<int>::max()));
  }

 private:
  /// A century is as good as for ever, and the clock can count so far.
  static constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365 * 100);

  std::optional<std::chrono::milliseconds> span_;
  std::optional<Clock::time_point> at_;
};

}  // namespace weir
