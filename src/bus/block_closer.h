// Threads that compress full blocks while the next ones are filled.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "bus/block.h"
#include "bus/bus.h"

namespace weir {

/// Makes a block of what a builder has, which is empty then. Not for no events.
Append::Piece close_block(BlockBuilder& builder, int64_t now);

/// Used by one thread. Each of its own threads takes the first builder that none has taken.
class BlockCloser {
 public:
  explicit BlockCloser(size_t most_threads) : most_threads_(most_threads) {}
  BlockCloser(const BlockCloser&) = delete;
  BlockCloser& operator=(const BlockCloser&) = delete;
  /// Ends the threads, which finish the blocks that they are at.
  ~BlockCloser();

  /// How many builders are to be given at most before the first of them is waited for: so many that
  /// no thread runs out of work while who fills them commits.
  size_t room() const { return 2 * most_threads_ + 1; }
  /// Closes a block. Nobody touches the builder, which stays where it is, before the result is
  /// there. Nothing if there is no thread to be had.
  std::optional<std::future<Append::Piece>> close(BlockBuilder& builder, int64_t now);

 private:
  bool start_thread();
  void work();

  size_t most_threads_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable given_;
  std::deque<std::packaged_task<Append::Piece()>> tasks_;  ///< guarded by mutex_; not yet taken
  size_t idle_ = 0;                                        ///< guarded by mutex_: threads that wait
  bool stop_ = false;                                      ///< guarded by mutex_
};

}  // namespace weir
