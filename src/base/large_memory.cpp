#include "base/large_memory.h"

#include <new>

#include <sys/mman.h>

namespace weir {

namespace {

std::align_val_t alignment_of(size_t size) {
  return std::align_val_t{size < kHugePage ? kLineSize : kHugePage};
}

}  // namespace

void* allocate_large(size_t size) {
  void* const memory = ::operator new(size, alignment_of(size));
  // A system without huge pages, or without any left, gives small ones.
  if (size >= kHugePage) madvise(memory, size, MADV_HUGEPAGE);
  return memory;
}

void free_large(void* memory, size_t size) { ::operator delete(memory, alignment_of(size)); }

}  // namespace weir
