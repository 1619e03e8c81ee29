#include "base/buffer.h"

#include <sanitizer/asan_interface.h>

#include <cstring>
#include <new>

#include "base/large_memory.h"

namespace weir {

Buffer::Buffer(size_t capacity, Pages pages) {
  static_assert(alignof(Head) <= kLineSize);
  const size_t size = sizeof(Head) + capacity + kPadding;
  if (size > kHugePage) pages = Pages::kSmall;
  const bool huge = pages == Pages::kHuge;
  void* const memory =
      huge ? allocate_large(kHugePage) : ::operator new (size, std::align_val_t{kLineSize});
  head_ = new (memory) Head{.references = 1, .capacity = capacity, .pages = pages};
  std::memset(data() + capacity, 0, kPadding);
  if (huge) ASAN_POISON_MEMORY_REGION(data() + capacity + kPadding, kHugePage - size);
}

void Buffer::release() {
  const bool huge = head_->pages == Pages::kHuge;
  if (huge) ASAN_UNPOISON_MEMORY_REGION(head_, kHugePage);
  head_->~Head();
  if (huge) {
    free_large(head_, kHugePage);
  } else {
    ::operator delete (head_, std::align_val_t{kLineSize});
  }
}

}  // namespace weir
