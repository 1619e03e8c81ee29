// The memory that stateful verbs share.
#pragma once

#include <cstddef>
#include <new>
#include <string>

namespace weir {

/// What the whole process may hold while stateful stages fill up (--memory). The process is
/// measured, not the stages' own estimates: a limit that counts only part of the memory is none.
class MemoryBudget {
 public:
  /// `limit` in bytes.
  explicit MemoryBudget(size_t limit) : limit_(limit) {}

  size_t limit() const { return limit_; }

  /// True if the process holds more than the limit now. Costs a system call or three: stages ask
  /// now and then, not for each event.
  bool exceeded() const;

 private:
  size_t limit_;
};

/// One stage's way of asking now and then.
class MemoryWatch {
 public:
  explicit MemoryWatch(const MemoryBudget& budget) : budget_(budget) {}

  size_t limit() const { return budget_.limit(); }

  /// Notes that the stage holds `bytes` more. True if the process was found to hold more than the
  /// limit, which is looked at every few MiB.
  bool exceeded_with(size_t bytes);

 private:
  const MemoryBudget& budget_;
  size_t since_ = 0;
};

/// What one batch grew to does not fit into the budget. Thrown where it grows, on whatever thread:
/// the run ends there as it does where the system has no memory left.
class BatchTooLarge final : public std::bad_alloc {
 public:
  /// `stage` is the name of the verb that makes the events grow.
  BatchTooLarge(const std::string& stage, const MemoryBudget& budget);
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

/// Half of the machine's memory in bytes, the default of --memory.
size_t default_memory_limit();

}  // namespace weir
