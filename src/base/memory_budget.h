// The memory that stateful verbs share.
#pragma once

#include <cstddef>

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

/// Half of the machine's memory in bytes, the default of --memory.
size_t default_memory_limit();

}  // namespace weir
