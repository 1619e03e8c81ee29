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
/// are under way in a bounded ring. One thread at a time reads from above, and fills the next place
/// of the ring. Workers take the batches in turn, and the puller joins them while the oldest, which
/// it is to answer, is not finished.
///
/// - Who reads: where there is more to be had at once (Link::reads_on), whoever has nothing to do,
///   and works on what it has read while that is in its cache. It goes on reading instead as long
///   as others wait for something to do, so that what is slow to be read is read all the time; the
///   puller, until it has something to answer. Else the puller alone, as far as the ring has room
///   and something is said, before it works.
/// - Who waits: the puller where a worker has the oldest batch, or reads, and nothing is left to be
///   taken; a worker where nothing is to be done. Neither can hold up the other for good.
/// - What is above is not waited for: when it is idle, what is in the ring comes out first.
/// - An error or the end from above comes behind all that was read before it.
/// - A batch behind which there is nothing yet, and the very first one, wake no worker: a trickle
///   and a short input need no other thread, and none is started for them.
/// - What is thrown at a batch, or while it is read, `next` throws when it reaches the batch; that
///   no memory is left for it is an error of the run.
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
  using Lock = std::unique_lock<std::mutex>;

  /// Its batch belongs to who reads it or works on it; the rest is guarded by mutex_.
  struct Place {
    Batch batch;
    size_t bytes = 0;  ///< of its buffer
    bool finished = false;
    std::exception_ptr thrown;
  };

  Place& place(size_t number) { return ring_[number % ring_.size()]; }
  size_t untaken() const { return read_ - taken_; }
  bool oldest_is_finished() { return oldest_ < read_ && place(oldest_).finished; }
  bool may_read() const;
  bool puller_reads(bool is_silent) const;
  Result<Pull> await_oldest();
  void take_oldest(Batch& batch);
  void read(Lock& lock);
  void read_on(Lock& lock, bool is_puller);
  void run_next(Lock& lock);
  void start_workers();
  void work();
  void settle_lines(Batch& batch);

  std::unique_ptr<Link> above_;  ///< of the thread that is `reading_`
  Segment segment_;

  // The puller's.
  Batch rest_;  ///< without rows: what is still uncut of the batch that was answered last
  uint64_t next_line_ = 0;  ///< the number of the line behind the last batch
  size_t wanted_workers_;

  std::mutex mutex_;
  std::condition_variable for_workers_;  ///< there is something to do, or to stop for
  std::condition_variable for_puller_;   ///< a batch is finished, or something was read

  // Guarded by mutex_. Batches are numbered as they are read; the ring holds those from `oldest_`
  // to before `read_`.
  std::vector<std::thread> workers_;
  std::vector<Place> ring_;
  size_t oldest_ = 0;
  size_t taken_ = 0;  ///< batches before it were taken
  size_t read_ = 0;
  size_t bytes_ = 0;  ///< of all buffers in the ring; one that is shared counts each time
  Result<Pull> said_ = Pull::kIdle;  ///< from above, at last
  bool reads_on_ = false;            ///< there is more to be had at once: anyone may read
  bool reading_ = false;             ///< somebody does
  size_t idle_workers_ = 0;
  bool puller_waits_ = false;  ///< and was not told yet that there is something to do
  bool stop_ = false;
};

}  // namespace weir
