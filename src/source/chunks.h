// The piece of a stream that is in memory, in buffers that batches share.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/buffer.h"

namespace weir {

/// Holds the bytes of a stream that were read and not yet consumed, in one buffer at a time. A
/// buffer that batches point into is never written again: the rest is copied to the next one, and a
/// buffer that nobody points into any more is used again. So memory is what is on its way and one
/// piece more.
class Chunks {
 public:
  /// Forgets all bytes; a stream begins, whose events have up to `max_event` bytes.
  void begin_stream(size_t max_event);

  /// What was added and not consumed. In `share()`.
  std::string_view bytes() const {
    return buffer_ ? std::string_view(buffer_.data() + begin_, end_ - begin_) : std::string_view();
  }
  /// A reference to the buffer, for a batch.
  Buffer share() const { return buffer_; }
  /// The offset in the stream of the buffer's first byte, and of the next byte to be consumed.
  uint64_t offset() const { return offset_; }
  uint64_t position() const { return offset_ + begin_; }

  void consume(size_t size) { begin_ += size; }

  /// Room for at least one byte behind `bytes()`, which may move.
  std::span<char> room();
  /// The first `size` bytes of the room were filled.
  void add(size_t size) { end_ += size; }

 private:
  Buffer fresh(size_t capacity);
  void move_to(Buffer buffer);
  void retire();

  Buffer buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t offset_ = 0;
  size_t limit_ = 0;             ///< a buffer this large holds any event whole
  std::vector<Buffer> retired_;  ///< of usual size, perhaps still in use elsewhere
};

}  // namespace weir
