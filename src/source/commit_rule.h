// When a bot commits while it reads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace weir {

/// A commit is due as soon as one of these was reached since the last one.
struct CommitRule {
  size_t bytes = size_t{8} << 20;
  uint64_t events = UINT64_MAX;
  std::chrono::nanoseconds time = std::chrono::nanoseconds::max();
};

/// Reads `1000` (events), `8MiB` (bytes) or `5s` (time). The other bounds are none then. An error
/// (kUsage) tells the three forms.
Result<CommitRule> parse_commit_rule(std::string_view text);

/// What a source has read since the last commit. Time counts from the first event of it.
class CommitWatch {
 public:
  explicit CommitWatch(const CommitRule& rule) : rule_(rule) {}

  void add(size_t bytes, uint64_t events) {
    if (bytes_ == 0 && has_clock()) since_ = Clock::now();
    bytes_ += bytes;
    events_ += events;
  }
  bool is_due() const {
    if (bytes_ == 0) return false;
    if (bytes_ >= rule_.bytes || events_ >= rule_.events) return true;
    return has_clock() && Clock::now() - since_ >= rule_.time;
  }
  /// True if something was read, and the rule does not wait for the end of the run.
  bool may_commit() const {
    return bytes_ > 0 && (rule_.bytes < SIZE_MAX || rule_.events < UINT64_MAX || has_clock());
  }
  void committed() { bytes_ = events_ = 0; }

 private:
  using Clock = std::chrono::steady_clock;
  bool has_clock() const { return rule_.time != std::chrono::nanoseconds::max(); }

  CommitRule rule_;
  size_t bytes_ = 0;
  uint64_t events_ = 0;
  Clock::time_point since_;
};

}  // namespace weir
