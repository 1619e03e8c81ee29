#include "runtime/parallel_segment.h"

#include <system_error>
#include <utility>

#include "base/signals_blocked.h"

namespace weir {

namespace {
/// A place holds 1 MiB as a rule, on a huge page of 2. So much for each bounds what events of many
/// MiB can take.
constexpr size_t kBytesPerPlace = size_t{2} << 20;
}  // namespace

ParallelSegmentLink::ParallelSegmentLink(std::unique_ptr<Link> above, Segment segment,
                                         size_t threads)
    : above_(std::move(above)),
      segment_(std::move(segment)),
      ring_(threads == 1 ? 1 : 2 * threads + 2),
      wanted_workers_(threads - 1) {}

ParallelSegmentLink::~ParallelSegmentLink() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  handed_out_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

Result<Pull> ParallelSegmentLink::next(Batch& batch) {
  do {
    batch.reset();  // the source may use its buffer again
    const Result<Pull> above = fill();
    const bool is_rest = !rest_.uncut.text.empty();
    if (!is_rest && oldest_ == read_) return above;
    try {
      if (is_rest) {
        std::swap(batch, rest_);
        segment_.run(batch);
      } else {
        Place& oldest = place(oldest_++);
        bytes_ -= oldest.bytes;
        finish(oldest);
        std::swap(batch, oldest.batch);
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

/// Reads until the ring is full or there is nothing more for now. Answers what was said last.
Result<Pull> ParallelSegmentLink::fill() {
  while (read_ - oldest_ < ring_.size() && bytes_ < ring_.size() * kBytesPerPlace) {
    if (last_) return *last_;
    Place& newest = place(read_);
    auto pulled = above_->next(newest.batch);
    if (!pulled || *pulled == Pull::kEnd) last_ = pulled;
    if (!pulled || *pulled != Pull::kBatch) return pulled;
    newest.bytes = newest.batch.buffer.capacity();
    bytes_ += newest.bytes;
    hand_out();
    // Nothing is read ahead of the first batch: it may be all that is wanted.
    if (read_ == 1) break;
  }
  return Pull::kBatch;
}

/// Lets the batch that was read be taken. No worker is woken for a lone one.
void ParallelSegmentLink::hand_out() {
  ++read_;
  {
    const std::lock_guard lock(mutex_);
    handed_ = read_;
  }
  if (read_ - oldest_ == 1) return;
  if (workers_.empty()) start_workers();
  handed_out_.notify_one();
}

void ParallelSegmentLink::start_workers() {
  const SignalsBlocked blocked;
  try {
    while (workers_.size() < wanted_workers_) workers_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // The system has no more threads to give: those that there are will do, and none will do too.
  }
}

void ParallelSegmentLink::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    handed_out_.wait(lock, [this] { return stop_ || taken_ < handed_; });
    if (stop_) return;
    run_next(lock);
    one_finished_.notify_one();
  }
}

/// Waits until the batch is finished, and works on others, or on itself, in the meantime. Throws
/// what was thrown at it.
void ParallelSegmentLink::finish(Place& oldest) {
  {
    std::unique_lock lock(mutex_);
    while (!oldest.finished) {
      if (taken_ < handed_) {
        run_next(lock);
      } else {
        one_finished_.wait(lock);
      }
    }
    oldest.finished = false;
  }
  if (oldest.thrown) std::rethrow_exception(std::exchange(oldest.thrown, nullptr));
}

/// Takes the next batch and runs it, unlocked.
void ParallelSegmentLink::run_next(std::unique_lock<std::mutex>& lock) {
  Place& mine = place(taken_++);
  lock.unlock();
  try {
    segment_.run(mine.batch);
  } catch (...) {
    mine.thrown = std::current_exception();
  }
  lock.lock();
  mine.finished = true;
}

}  // namespace weir
