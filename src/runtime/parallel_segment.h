// The first segment of a pipeline, shared out among worker threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/segment.h"

namespace weir {

/// Answers what a SegmentLink answers, batch for batch and in the same order, while several batches
/// are under way. Whoever pulls also reads: it fills a bounded ring from above. Workers take the
/// batches of the ring in turn, and the puller joins them while the oldest, which it is to answer,
/// is not finished. It waits only where a worker has that batch and no other is left to be taken,
/// and a worker waits only for a batch: neither can hold up the other for good. The links above are
/// used by the puller alone.
///
/// - What is above is not waited for: when it is idle, what is in the ring comes out first.
/// - An error or the end from above comes behind all that was read before it.
/// - A batch behind which there is nothing yet, and the very first one, wake no worker: a trickle
///   and a short input need no other thread, and none is started for them.
/// - What is thrown at a batch, `next` throws when it reaches the batch; that no memory is left
///   for it is an error of the run.
/// - Lines that the source left uncut are cut by whoever takes their batch, and numbered as the
///   batch is answered. More lines than a batch may have rows are left to the puller.
/// - Destroyed early, it drops what is under way.
class ParallelSegmentLink final : public Link {
 public:
  /// `threads`, at least 1, counts the puller too. The ring holds two batches for each and two
  /// more: one under way, one that waits, and something to do for the others while the puller is
  /// busy elsewhere. Of events of many MiB it holds fewer, and for a puller alone just one.
  ParallelSegmentLink(std::unique_ptr<Link> above, Segment segment, size_t threads);
  ParallelSegmentLink(const ParallelSegmentLink&) = delete;
  ParallelSegmentLink& operator=(const ParallelSegmentLink&) = delete;
  ~ParallelSegmentLink() override;

  Result<Pull> next(Batch& batch) override;
  std::optional<Clock::time_point> due() const override { return above_->due(); }

 private:
  struct Place {
    Batch batch;
    size_t bytes = 0;       ///< of its buffer
    bool finished = false;  ///< guarded by mutex_
    std::exception_ptr thrown;
  };

  Place& place(size_t number) { return ring_[number % ring_.size()]; }
  Result<Pull> fill();
  void hand_out();
  void start_workers();
  void work();
  void finish(Place& oldest);
  void settle_lines(Batch& batch);
  void run_next(std::unique_lock<std::mutex>& lock);

  std::unique_ptr<Link> above_;
  Segment segment_;
  std::vector<Place> ring_;
  // Batches are numbered as they are read; the ring holds those from `oldest_` to before `read_`.
  size_t oldest_ = 0;
  size_t read_ = 0;
  size_t bytes_ = 0;  ///< of all buffers in the ring; one that is shared counts each time
  std::optional<Result<Pull>> last_;  ///< the end or the error from above
  Batch rest_;  ///< without rows: what is still uncut of the batch that was answered last
  uint64_t next_line_ = 0;  ///< the number of the line behind the last batch

  size_t wanted_workers_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable handed_out_;  ///< there is something to take, or to stop for
  std::condition_variable one_finished_;
  size_t handed_ = 0;  ///< guarded by mutex_: batches before it can be taken
  size_t taken_ = 0;   ///< guarded by mutex_: batches before it were taken
  bool stop_ = false;  ///< guarded by mutex_
};

}  // namespace weir
