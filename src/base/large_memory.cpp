#include "base/large_memory.h"

#include <new>

#include <sys/mman.h>

namespace weir {

namespace {
constexpr size_t kHugePage = size_t{2} << 20;
}  // namespace

void* allocate_large(size_t size) {
  if (size < kHugePage) return ::operator new(size);
  void* const memory = ::operator new (size, std::align_val_t{kHugePage});
  // A system without huge pages, or without any left, gives small ones.
  madvise(memory, size, MADV_HUGEPAGE);
  return memory;
}

void free_large(void* memory, size_t size) {
  if (size < kHugePage) {
    ::operator delete(memory);
  } else {
    ::operator delete (memory, std::align_val_t{kHugePage});
  }
}

}  // namespace weir
