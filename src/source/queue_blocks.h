// The blocks of a queue on their way to be given: decoded where they are taken, and on a thread of
// its own a little ahead.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/buffer.h"
#include "base/result.h"
#include "bus/bus.h"
#include "event/batch.h"

namespace weir {

/// A block whose events can be given. It has as many payloads as envelopes.
struct QueueBlock {
  Buffer buffer;                         ///< the payloads
  std::vector<size_t> ends;              ///< of each payload in it
  std::shared_ptr<const Origin> origin;  ///< with the envelopes

  size_t size() const { return ends.size(); }
  std::string_view payload(size_t index) const {
    const size_t begin = index == 0 ? 0 : ends[index - 1] + 1;
    return {buffer.data() + begin, ends[index] - begin};
  }
  /// All of them, a line each.
  std::string_view payloads() const { return {buffer.data(), ends.empty() ? 0 : ends.back() + 1}; }
};

/// Used by one thread. What is added comes out in the same order.
class QueueBlocks {
 public:
  explicit QueueBlocks(std::string queue) : queue_(std::move(queue)) {}
  QueueBlocks(const QueueBlocks&) = delete;
  QueueBlocks& operator=(const QueueBlocks&) = delete;
  /// Ends the thread, which finishes the block that it is at.
  ~QueueBlocks();

  /// Decodes on a thread from now on, too; if there is none to be had, only where blocks are taken.
  void start_ahead();
  void add(StoredBlock stored);
  /// How many were added and not taken.
  size_t waiting() const { return jobs_.size(); }
  /// The first of them; while the thread is at it, the next ones are decoded here. An error names
  /// the block, and why its events cannot be had.
  Result<QueueBlock> take();
  /// The first and the last eid of the block that was taken last, if it was damaged.
  const std::optional<std::pair<Eid, Eid>>& damaged() const { return damaged_; }
  /// A block that was taken, for its memory.
  Block& spent_block() { return spent_block_; }
  /// Memory that may be used again when nobody else refers to it any more.
  void give_back(Buffer buffer);

 private:
  struct Failure {
    std::string why;
    bool is_damage = true;
  };
  using Decoded = std::expected<QueueBlock, Failure>;
  struct Job {
    StoredBlock stored;
    Buffer buffer;       ///< with room for the payloads, if there was one
    bool begun = false;  ///< guarded by mutex_, as is the result
    std::optional<Decoded> result;
  };

  Decoded decode(Job& job) const;
  bool decode_next(std::unique_lock<std::mutex>& lock);
  void work();

  std::string queue_;
  std::vector<Buffer> spent_;
  Block spent_block_;
  std::optional<std::pair<Eid, Eid>> damaged_;
  std::deque<std::unique_ptr<Job>> jobs_;  ///< changed under mutex_ by who uses this

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;  ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace weir
