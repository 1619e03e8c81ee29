#include "bus/block_closer.h"

#include <system_error>
#include <utility>

#include "base/signals_blocked.h"

namespace weir {

Append::Piece close_block(BlockBuilder& builder, int64_t now) {
  Append::Piece piece{.block = {}, .first = builder.first_given(), .last = builder.last_given()};
  piece.block = builder.take(now);
  return piece;
}

BlockCloser::~BlockCloser() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  given_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<std::future<Append::Piece>> BlockCloser::close(BlockBuilder& builder, int64_t now) {
  bool wants_thread = false;
  {
    const std::lock_guard lock(mutex_);
    wants_thread = idle_ <= tasks_.size() && threads_.size() < most_threads_;
  }
  if (wants_thread && !start_thread() && threads_.empty()) return std::nullopt;
  std::packaged_task<Append::Piece()> task([&builder, now] { return close_block(builder, now); });
  std::future<Append::Piece> piece = task.get_future();
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  given_.notify_one();
  return piece;
}

bool BlockCloser::start_thread() {
  const SignalsBlocked blocked;
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // Those that there are will do.
    most_threads_ = threads_.size();
    return false;
  }
  return true;
}

void BlockCloser::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    given_.wait(lock, [this] { return stop_ || !tasks_.empty(); });
    --idle_;
    if (stop_) return;
    std::packaged_task<Append::Piece()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    // What is thrown, that no memory is left, is thrown where the block is waited for.
    task();
    lock.lock();
  }
}

}  // namespace weir
