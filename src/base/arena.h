// Memory that is taken piece by piece and given back all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/large_memory.h"

namespace weir {

/// A bump allocator. What it hands out lives until `reset()` or the arena's end; destructors are
/// never run, so only trivially destructible types go in. Not safe to share between threads.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept { *this = std::move(other); }
  Arena& operator=(Arena&& other) noexcept {
    blocks_ = std::exchange(other.blocks_, {});
    current_ = std::exchange(other.current_, nullptr);
    used_ = std::exchange(other.used_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    bytes_ = std::exchange(other.bytes_, 0);
    handed_out_ = std::exchange(other.handed_out_, 0);
    return *this;
  }

  /// `size` bytes, aligned to `align` (a power of two, at most alignof(max_align_t)).
  char* allocate(size_t size, size_t align = 1) {
    size_t start = (used_ + align - 1) & ~(align - 1);
    if (current_ == nullptr || start + size > capacity_) {
      grow(size);
      start = 0;
    }
    used_ = start + size;
    handed_out_ += size;
    return current_ + start;
  }

  /// An array of `count` value-initialised T.
  template <typename T>
  T* make_array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* items = reinterpret_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    for (size_t i = 0; i < count; ++i) new (items + i) T();
    return items;
  }

  /// A copy of `text` that lives as long as the arena.
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* to = allocate(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  /// Forgets everything handed out, and keeps one block for the next use.
  void reset();

  /// Bytes held from the system.
  size_t bytes() const { return bytes_; }
  /// Bytes handed out so far, forgotten ones too: what something took is the difference, which does
  /// not depend on what was taken before.
  uint64_t handed_out() const { return handed_out_; }

 private:
  void grow(size_t at_least);

  struct Free {
    size_t capacity;
    void operator()(char* memory) const { free_large(memory, capacity); }
  };
  using Block = std::unique_ptr<char, Free>;
  std::vector<Block> blocks_;
  char* current_ = nullptr;
  size_t used_ = 0;
  size_t capacity_ = 0;
  size_t bytes_ = 0;
  uint64_t handed_out_ = 0;
};

}  // namespace weir
