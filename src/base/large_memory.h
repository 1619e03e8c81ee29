// Memory for what may hold a million things, on huge pages where the system has them.
#pragma once

#include <cstddef>
#include <vector>

namespace weir {

/// Of the cache.
inline constexpr size_t kLineSize = 64;
inline constexpr size_t kHugePage = size_t{2} << 20;

/// `size` bytes, aligned to a line of the cache. From 2 MiB on the system is asked for huge pages
/// (madvise(2), MADV_HUGEPAGE): memory that is filled from front to back, or read here and there,
/// would else cost a page fault, or a walk through the page tables, every 4 KiB. Throws
/// std::bad_alloc.
void* allocate_large(size_t size);
/// Gives back what `allocate_large(size)` answered.
void free_large(void* memory, size_t size);

/// A standard allocator that does so.
template <typename T>
struct LargeAllocator {
  using value_type = T;

  LargeAllocator() = default;
  template <typename U>
  LargeAllocator(const LargeAllocator<U>&) {}

  T* allocate(size_t count) { return static_cast<T*>(allocate_large(count * sizeof(T))); }
  void deallocate(T* memory, size_t count) { free_large(memory, count * sizeof(T)); }

  friend bool operator==(const LargeAllocator&, const LargeAllocator&) { return true; }
};

/// A vector that may grow to millions of elements.
template <typename T>
using LargeVector = std::vector<T, LargeAllocator<T>>;

}  // namespace weir
