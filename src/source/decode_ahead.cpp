#include "source/decode_ahead.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/signals_blocked.h"

namespace weir {

DecodeAhead::DecodeAhead(Decode decode) : decode_(std::move(decode)) {
  const SignalsBlocked blocked;
  thread_ = std::thread([this] { work(); });
}

DecodeAhead::~DecodeAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void DecodeAhead::fill(Block& block) {
  block.size = 0;
  while (block.size < kBlock && !block.last) {
    const auto got = decode_(block.bytes.get() + block.size, kBlock - block.size);
    block.last = !got || *got == 0;
    if (got) {
      block.size += *got;
    } else {
      block.failure = got.error();
    }
  }
}

void DecodeAhead::work() {
  for (size_t next = 0;; ++next) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || next - emptied_ < kBlocks; });
      if (stop_) return;
    }
    Block& mine = block(next);
    fill(mine);
    {
      const std::lock_guard lock(mutex_);
      filled_ = next + 1;
    }
    changed_.notify_all();
    if (mine.last) return;
  }
}

std::expected<size_t, std::string> DecodeAhead::read(char* to, size_t room) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return emptied_ < filled_; });
    }
    Block& oldest = block(emptied_);
    const size_t size = std::min(room, oldest.size - read_);
    if (size > 0) {
      std::memcpy(to, oldest.bytes.get() + read_, size);
      read_ += size;
      return size;
    }
    if (oldest.last) {
      if (!oldest.failure.empty()) return std::unexpected(oldest.failure);
      return 0;
    }
    read_ = 0;
    {
      const std::lock_guard lock(mutex_);
      ++emptied_;
    }
    changed_.notify_all();
  }
}

}  // namespace weir
