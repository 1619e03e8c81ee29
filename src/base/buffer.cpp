#include "base/buffer.h"

#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/large_memory.h"

namespace weir {

namespace {

/// Bytes that are allocated for one of so many, its head and its padding.
size_t allocated(size_t size) { return size < kHugePage / 2 ? size : std::max(size, kHugePage); }

}  // namespace

Buffer::Buffer(size_t capacity) {
  static_assert(alignof(Head) <= kLineSize);
  const size_t size = sizeof(Head) + capacity + kPadding;
  void* const memory = allocate_large(allocated(size));
  head_ = new (memory) Head{.references = 1, .capacity = capacity};
  std::memset(data() + capacity, 0, kPadding);
  ASAN_POISON_MEMORY_REGION(data() + capacity + kPadding, allocated(size) - size);
}

void Buffer::release() {
  const size_t size = allocated(sizeof(Head) + head_->capacity + kPadding);
  ASAN_UNPOISON_MEMORY_REGION(head_, size);
  head_->~Head();
  free_large(head_, size);
}

}  // namespace weir
