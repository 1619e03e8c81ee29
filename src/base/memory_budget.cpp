#include "base/memory_budget.h"

#include <unistd.h>

#include <cstdio>

namespace weir {

namespace {

/// Resident bytes of this process (proc(5), /proc/PID/statm); 0 where that cannot be read.
size_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long size = 0;
  unsigned long resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

bool MemoryBudget::exceeded() const { return resident_bytes() > limit_; }

size_t default_memory_limit() {
  return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE)) /
         2;
}

}  // namespace weir
