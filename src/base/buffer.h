// A block of bytes that several batches may point into.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace weir {

/// A counted reference to a block of bytes. The block has `kPadding` zeroed bytes behind its
/// capacity, so that a scan may read past the last event in whole registers. Whoever holds the only
/// reference may write; after the first copy the content is read only.
class Buffer {
 public:
  static constexpr size_t kPadding = 128;

  /// What a block lies on.
  enum class Pages : uint8_t {
    kSmall,
    /// A huge page of its own, if it fits into one, and as much memory: for a few that are filled
    /// again and again. Page faults would else take as long as a tenth of all that is done.
    kHuge,
  };

  Buffer() = default;
  /// Throws std::bad_alloc.
  explicit Buffer(size_t capacity, Pages pages = Pages::kSmall);
  Buffer(const Buffer& other) : head_(other.head_) {
    if (head_ != nullptr) head_->references.fetch_add(1, std::memory_order_relaxed);
  }
  Buffer(Buffer&& other) noexcept : head_(std::exchange(other.head_, nullptr)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(head_, other.head_);
    return *this;
  }
  ~Buffer() {
    if (head_ == nullptr) return;
    if (head_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) release();
  }

  /// Null where there is no memory.
  char* data() { return head_ == nullptr ? nullptr : reinterpret_cast<char*>(head_ + 1); }
  const char* data() const {
    return head_ == nullptr ? nullptr : reinterpret_cast<const char*>(head_ + 1);
  }
  size_t capacity() const { return head_ == nullptr ? 0 : head_->capacity; }
  explicit operator bool() const { return head_ != nullptr; }
  /// True if nobody else refers to the block, so it may be written again.
  bool sole_owner() const {
    return head_ != nullptr && head_->references.load(std::memory_order_acquire) == 1;
  }

 private:
  struct alignas(64) Head {
    std::atomic<size_t> references;
    size_t capacity;
    Pages pages;
  };
  void release();

  Head* head_ = nullptr;
};

}  // namespace weir
