#include "source/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace weir {
namespace {

constexpr size_t kTurnCapacity = TurnBuffers::kTurn + TurnBuffers::kSmall;
/// Buffers kept for use again: more than are on their way at a time.
constexpr size_t kKept = 32;

}  // namespace

Buffer TurnBuffers::take() {
  for (Buffer& old : free_) {
    if (!old.sole_owner()) continue;
    Buffer found = std::move(old);
    free_.erase(free_.begin() + (&old - free_.data()));
    return found;
  }
  return Buffer(kTurnCapacity);
}

void TurnBuffers::give_back(Buffer old) {
  if (!old || old.capacity() != kTurnCapacity) return;
  if (free_.size() == kKept) free_.erase(free_.begin());
  free_.push_back(std::move(old));
}

/// Takes the bytes that are left along into another buffer, which may be none if none are left.
void Connection::move_to(Buffer buffer, TurnBuffers& buffers) {
  const size_t rest = unfinished();
  if (rest > 0) std::memcpy(buffer.data(), buffer_.data() + begin_, rest);
  buffers.give_back(std::exchange(buffer_, std::move(buffer)));
  offset_ += begin_;
  begin_ = 0;
  end_ = rest;
}

size_t Connection::read(FileSystem& files, TurnBuffers& buffers) {
  const size_t rest = unfinished();
  if (!buffer_.sole_owner() || buffer_.capacity() - end_ < TurnBuffers::kTurn) {
    // A large event doubles its buffer, so that it is not copied in every turn.
    move_to(rest <= TurnBuffers::kSmall
                ? buffers.take()
                : Buffer(std::min(2 * rest, max_event_ + 2) + TurnBuffers::kTurn),
            buffers);
  }
  const ssize_t got = files.read(fd(), buffer_.data() + end_, TurnBuffers::kTurn);
  if (got == -EAGAIN) return 0;
  if (got <= 0) at_end_ = true;
  if (got < 0) failure_ = describe_errno(static_cast<int>(got));
  if (got <= 0) return 0;
  end_ += static_cast<size_t>(got);
  return static_cast<size_t>(got);
}

Result<bool> Connection::take(Batch& batch) {
  const std::string_view bytes =
      buffer_ ? std::string_view(buffer_.data() + begin_, unfinished()) : std::string_view();
  const Result<size_t> taken = reader_->take({.bytes = bytes,
                                              .buffer = buffer_,
                                              .offset = offset_,
                                              .last = at_end_,
                                              .broken = !failure_.empty()},
                                             batch);
  if (!taken) return std::unexpected(taken.error());
  begin_ += *taken;
  return !batch.rows.empty();
}

void Connection::end_turn(TurnBuffers& buffers) {
  const size_t rest = unfinished();
  if (rest > TurnBuffers::kSmall) return;
  if (rest == 0) {
    move_to(Buffer(), buffers);
  } else if (buffer_.capacity() > rest) {
    move_to(Buffer(rest), buffers);
  }
}

}  // namespace weir
