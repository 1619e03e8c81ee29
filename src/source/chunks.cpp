#include "source/chunks.h"

#include <algorithm>
#include <cstring>
#include <ranges>

namespace weir {
namespace {

/// Reading in pieces of this size was found fastest: they stay in the cache.
constexpr size_t kChunk = size_t{1} << 20;
/// Buffers kept for use again.
constexpr size_t kRetired = 16;
/// Behind the longest event: its line end, and a byte that tells that it is not longer.
constexpr size_t kBehindEvent = 64;

}  // namespace

void Chunks::begin_stream(size_t max_event) {
  retire();
  begin_ = end_ = 0;
  offset_ = 0;
  limit_ = std::max(kChunk, max_event + kBehindEvent);
}

/// Puts the buffer where it may be found again, unless it is an unusual one.
void Chunks::retire() {
  Buffer old = std::move(buffer_);
  buffer_ = Buffer();
  if (!old || old.capacity() != kChunk) return;
  if (retired_.size() == kRetired) retired_.erase(retired_.begin());
  retired_.push_back(std::move(old));
}

Buffer Chunks::fresh(size_t capacity) {
  if (capacity == kChunk) {
    // The last one that was used may still be in the cache.
    for (Buffer& old : std::views::reverse(retired_)) {
      if (!old.sole_owner()) continue;
      Buffer found = std::move(old);
      retired_.erase(retired_.begin() + (&old - retired_.data()));
      return found;
    }
  }
  return Buffer(capacity, Buffer::Pages::kHuge);
}

/// Takes the bytes along into another buffer.
void Chunks::move_to(Buffer buffer) {
  const std::string_view rest = bytes();
  if (!rest.empty()) std::memcpy(buffer.data(), rest.data(), rest.size());
  retire();
  buffer_ = std::move(buffer);
  offset_ += begin_;
  end_ = rest.size();
  begin_ = 0;
}

std::span<char> Chunks::room() {
  const size_t rest = end_ - begin_;
  if (!buffer_) {
    move_to(fresh(kChunk));
  } else if (begin_ > 0 || end_ == buffer_.capacity()) {
    // The rest must not fill the next buffer again, or nothing could be added.
    size_t capacity = kChunk;
    while (rest >= capacity && capacity < limit_) capacity = std::min(capacity * 2, limit_);
    if (rest >= capacity) capacity = rest * 2;
    if (buffer_.sole_owner() && buffer_.capacity() == capacity) {
      if (rest > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, rest);
      offset_ += begin_;
      begin_ = 0;
      end_ = rest;
    } else {
      move_to(fresh(capacity));
    }
  }
  return {buffer_.data() + end_, buffer_.capacity() - end_};
}

}  // namespace weir
