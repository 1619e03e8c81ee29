#include "base/memory_budget.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace weir {

namespace {

/// Resident bytes of this process (proc(5), /proc/PID/statm); 0 where that cannot be read.
size_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  char line[128];
  const bool read = std::fgets(line, sizeof line, file) != nullptr;
  std::fclose(file);
  const char* const second = read ? std::strchr(line, ' ') : nullptr;
  const size_t pages = second == nullptr ? 0 : std::strtoul(second, nullptr, 10);
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

bool MemoryBudget::exceeded() const { return resident_bytes() > limit_; }

bool MemoryWatch::exceeded_with(size_t bytes) {
  constexpr size_t kLookEvery = size_t{4} << 20;
  since_ += bytes;
  if (since_ < kLookEvery) return false;
  since_ = 0;
  return budget_.exceeded();
}

BatchTooLarge::BatchTooLarge(const std::string& stage, const MemoryBudget& budget)
    : message_(stage + ": the results for the events at hand need more than --memory " +
               std::to_string(budget.limit() >> 20) +
               "MiB: let more be used, or bound each result by --max-result") {}

size_t default_memory_limit() {
  return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE)) /
         2;
}

}  // namespace weir
