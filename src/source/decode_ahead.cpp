#include "source/decode_ahead.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "base/signals_blocked.h"

namespace weir {

DecodeAhead::DecodeAhead(Stream& stream, Compression compression, size_t threads)
    : stream_(stream),
      compression_(compression),
      wanted_threads_(std::min(threads, kMostThreads)),
      blocks_(std::max(kFewestBlocks, 2 * wanted_threads_)) {
  const std::lock_guard turn(turn_);
  start_thread();
}

DecodeAhead::~DecodeAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  free_.notify_all();
  std::vector<std::thread> threads;
  {
    const std::lock_guard turn(turn_);
    has_ended_ = true;  // so that no more are started
    threads = std::move(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

void DecodeAhead::start_thread() {
  const SignalsBlocked blocked;
  threads_.emplace_back([this] { work(); });
}

void DecodeAhead::work() {
  std::unique_ptr<Decoder> decoder;
  while (true) {
    Block* mine = nullptr;
    bool has_frames = false;
    {
      const std::lock_guard turn(turn_);
      if (has_ended_) return;
      {
        std::unique_lock lock(mutex_);
        free_.wait(lock, [&] { return stop_ || next_ - emptied_ < blocks_.size(); });
        if (stop_) return;
      }
      mine = &block(next_++);
      try {
        has_frames = cut(*mine);
        if (has_frames && decoder == nullptr) decoder = make_decoder(compression_);
      } catch (const std::bad_alloc&) {
        has_frames = false;
        mine->size = 0;
        mine->last = true;
        mine->failure = "no memory is left to decompress it";
      }
      if (has_frames && threads_.size() < wanted_threads_) {
        try {
          start_thread();
        } catch (const std::exception&) {
          wanted_threads_ = threads_.size();  // those that there are will do
        }
      }
      has_ended_ = mine->last;
    }
    if (has_frames) {
      const Frames& frames = mine->frames;
      const auto size = decoder->decode_frames(frames.packed, mine->bytes.get(), frames.content);
      mine->is_undecoded = !size;
      mine->size = size.value_or(0);
    }
    {
      const std::lock_guard lock(mutex_);
      mine->ready = true;
    }
    ready_.notify_one();
  }
}

/// Takes from the stream what the block is to have. True if that is frames, which have yet to be
/// decoded; the room for what is in them is there.
bool DecodeAhead::cut(Block& block) {
  block.size = 0;
  block.is_undecoded = false;
  const bool has_frames = stream_.take_frames(block.frames, kBlock);
  const size_t room = has_frames ? std::max(kBlock, block.frames.content) : kBlock;
  if (block.capacity < room) {
    // Not anew for each frame that is a little larger.
    const size_t capacity = std::bit_ceil(room);
    block.bytes = std::make_unique_for_overwrite<char[]>(capacity);
    block.capacity = capacity;
  }
  if (!has_frames) fill(block);
  return has_frames;
}

void DecodeAhead::fill(Block& block) {
  while (block.size < kBlock && !block.last) {
    const auto got = stream_.decode(block.bytes.get() + block.size, kBlock - block.size);
    block.last = !got || *got == 0;
    if (got) {
      block.size += *got;
    } else {
      block.failure = got.error();
    }
    if (stream_.has_frames()) break;
  }
}

std::expected<size_t, std::string> DecodeAhead::read(char* to, size_t room) {
  while (true) {
    Block& oldest = block(emptied_);
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [&] { return oldest.ready; });
    }
    const size_t size = std::min(room, oldest.size - read_);
    if (size > 0) {
      std::memcpy(to, oldest.bytes.get() + read_, size);
      read_ += size;
      return size;
    }
    if (oldest.is_undecoded) {
      undecoded_ = oldest.frames.offset;
      return 0;
    }
    if (oldest.last) {
      if (!oldest.failure.empty()) return std::unexpected(oldest.failure);
      return 0;
    }
    read_ = 0;
    {
      const std::lock_guard lock(mutex_);
      oldest.ready = false;
      ++emptied_;
    }
    free_.notify_one();
  }
}

}  // namespace weir
