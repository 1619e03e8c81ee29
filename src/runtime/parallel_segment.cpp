#include "runtime/parallel_segment.h"

#include <system_error>
#include <utility>

#include "base/signals_blocked.h"

namespace weir {

namespace {

/// A place holds 1 MiB as a rule, on a huge page of 2. So much for each bounds what events of many
/// MiB can take.
constexpr size_t kBytesPerPlace = size_t{2} << 20;

bool is_batch(const Result<Pull>& said) { return said && *said == Pull::kBatch; }

/// Nothing comes behind it.
bool is_last(const Result<Pull>& said) { return !said || *said == Pull::kEnd; }

}  // namespace

ParallelSegmentLink::ParallelSegmentLink(std::unique_ptr<Link> above, Segment segment,
                                         size_t threads)
    : above_(std::move(above)),
      segment_(std::move(segment)),
      wanted_workers_(threads - 1),
      ring_(threads == 1 ? 1 : 2 * threads + 2) {}

ParallelSegmentLink::~ParallelSegmentLink() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  for_workers_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

Result<Pull> ParallelSegmentLink::next(Batch& batch) {
  do {
    batch.reset();  // the source may use its buffer again
    try {
      if (!rest_.uncut.text.empty()) {
        std::swap(batch, rest_);
        segment_.run(batch);
      } else {
        const Result<Pull> said = await_oldest();
        if (!is_batch(said)) return said;
        take_oldest(batch);
      }
    } catch (const std::bad_alloc& problem) {
      return memory_error(problem);
    }
    settle_lines(batch);
  } while (batch.rows.empty() && batch.ruled_out.empty());
  return Pull::kBatch;
}

/// Numbers the lines of a batch, and keeps what of it is still uncut for the next one.
void ParallelSegmentLink::settle_lines(Batch& batch) {
  const uint64_t begin = batch.unnumbered ? next_line_ : batch.first_line;
  if (batch.unnumbered) batch.first_line += begin;
  next_line_ = begin + batch.lines;
  rest_.reset();
  if (batch.uncut.text.empty()) return;
  rest_.buffer = batch.buffer;
  rest_.buffer_offset = batch.buffer_offset;
  rest_.origin = batch.origin;
  rest_.unnumbered = true;
  rest_.uncut = std::exchange(batch.uncut, {});  // a segment further down looks at it, too
}

/// True if there is something to be read, room for it, and nobody who reads.
bool ParallelSegmentLink::may_read() const {
  const bool has_room = read_ - oldest_ < ring_.size() && bytes_ < ring_.size() * kBytesPerPlace;
  return has_room && !reading_ && !is_last(said_);
}

/// True if the puller is to read before it does anything else: nobody but it may. `is_silent`: it
/// has just heard that there is nothing for now.
bool ParallelSegmentLink::puller_reads(bool is_silent) const {
  // Nothing is read ahead of the first batch: it may be all that is wanted.
  const bool has_first_only = read_ == 1 && oldest_ == 0;
  return may_read() && !reads_on_ && !is_silent && !has_first_only;
}

/// Waits until the oldest batch is finished, and does what there is to be done meanwhile. Answers
/// what was said last from above if there is no batch.
Result<Pull> ParallelSegmentLink::await_oldest() {
  Lock lock(mutex_);
  bool is_silent = false;
  while (true) {
    if (puller_reads(is_silent)) {
      read(lock);
      is_silent = !is_batch(said_);
      const bool is_lone = read_ - oldest_ == 1 && (!reads_on_ || read_ == 1);
      if (is_silent || is_lone) continue;
      start_workers();
      for_workers_.notify_one();
    } else if (oldest_is_finished()) {
      return Pull::kBatch;
    } else if (untaken() > 0) {
      run_next(lock);
    } else if (reads_on_ && may_read()) {
      read_on(lock, true);
    } else if (oldest_ == read_ && !reading_) {
      return said_;
    } else {
      puller_waits_ = true;
      for_puller_.wait(lock);
      puller_waits_ = false;
    }
  }
}

/// Takes the oldest batch, which is finished, out of the ring. Throws what was thrown at it.
void ParallelSegmentLink::take_oldest(Batch& batch) {
  const Lock lock(mutex_);
  Place& oldest = place(oldest_++);
  bytes_ -= oldest.bytes;
  oldest.finished = false;
  if (oldest.thrown) std::rethrow_exception(std::exchange(oldest.thrown, nullptr));
  std::swap(batch, oldest.batch);
  if (reads_on_ && idle_workers_ > 0) for_workers_.notify_one();
}

/// Reads the next batch, unlocked.
void ParallelSegmentLink::read(Lock& lock) {
  Place& newest = place(read_);
  reading_ = true;
  lock.unlock();
  Result<Pull> said = Pull::kBatch;
  bool reads_on = false;
  std::exception_ptr thrown;
  try {
    said = above_->next(newest.batch);
    reads_on = is_batch(said) && above_->reads_on();
  } catch (...) {
    thrown = std::current_exception();
  }
  lock.lock();
  reading_ = false;
  reads_on_ = reads_on;
  if (thrown) {
    newest.thrown = thrown;
    said = Pull::kEnd;
  }
  said_ = std::move(said);
  if (!thrown && !is_batch(said_)) return;
  newest.bytes = newest.batch.buffer.capacity();
  bytes_ += newest.bytes;
  ++read_;
}

/// Reads, and hands what it has read to who waits for something to do, as long as somebody does;
/// the puller only until it has something to answer.
void ParallelSegmentLink::read_on(Lock& lock, bool is_puller) {
  bool are_waiting = true;
  while (are_waiting && reads_on_ && may_read() && !stop_) {
    read(lock);
    if (reads_on_ && read_ > 1) start_workers();
    are_waiting = untaken() <= idle_workers_ + (puller_waits_ ? 1 : 0);
    if (std::exchange(puller_waits_, false)) {
      for_puller_.notify_one();
    } else if (idle_workers_ > 0) {
      for_workers_.notify_one();
    }
    if (is_puller && oldest_is_finished()) return;
  }
}

/// The puller does so: a worker finds that there are some.
void ParallelSegmentLink::start_workers() {
  if (!workers_.empty() || wanted_workers_ == 0) return;
  const SignalsBlocked blocked;
  try {
    while (workers_.size() < wanted_workers_) workers_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // The system has no more threads to give: those that there are will do, and none will do too.
  }
}

void ParallelSegmentLink::work() {
  Lock lock(mutex_);
  while (!stop_) {
    if (untaken() > 0) {
      run_next(lock);
      for_puller_.notify_one();
    } else if (reads_on_ && may_read()) {
      read_on(lock, false);
    } else {
      ++idle_workers_;
      for_workers_.wait(lock);
      --idle_workers_;
    }
  }
}

/// Takes the next batch and runs it, unlocked.
void ParallelSegmentLink::run_next(Lock& lock) {
  Place& mine = place(taken_++);
  lock.unlock();
  std::exception_ptr thrown;
  try {
    if (!mine.thrown) segment_.run(mine.batch);
  } catch (...) {
    thrown = std::current_exception();
  }
  lock.lock();
  if (thrown) mine.thrown = thrown;
  mine.finished = true;
}

}  // namespace weir
