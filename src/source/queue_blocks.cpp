#include "source/queue_blocks.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "base/signals_blocked.h"

namespace weir {
namespace {

/// So many buffers are kept for reuse: more than a pipeline on a few threads has under way.
constexpr size_t kSpent = 16;

}  // namespace

QueueBlocks::~QueueBlocks() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void QueueBlocks::start_ahead() {
  if (thread_.joinable()) return;
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    // Then the blocks are decoded where they are taken.
  }
}

void QueueBlocks::give_back(Buffer buffer) {
  if (buffer && spent_.size() < kSpent) spent_.push_back(std::move(buffer));
}

void QueueBlocks::add(StoredBlock stored) {
  auto job = std::make_unique<Job>();
  job->stored = std::move(stored);
  const uint64_t bytes = job->stored.block.payload_bytes;
  const auto free = std::ranges::find_if(spent_, [&](const Buffer& buffer) {
    return buffer.sole_owner() && buffer.capacity() >= bytes;
  });
  if (free != spent_.end()) {
    job->buffer = std::move(*free);
    spent_.erase(free);
  }
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

QueueBlocks::Decoded QueueBlocks::decode(Job& job) const {
  const StoredBlock& stored = job.stored;
  const uint64_t bytes = stored.block.payload_bytes;
  if (!stored.intact) return std::unexpected(Failure{"its checksum does not fit"});
  auto envelopes = std::make_shared<Envelopes>();
  envelopes->queue = queue_;
  if (auto done = decode_envelopes(stored.block, stored.first, *envelopes); !done) {
    return std::unexpected(Failure{done.error()});
  }
  QueueBlock block;
  block.buffer = std::move(job.buffer);
  if (!block.buffer) {
    block.buffer = Buffer(std::max<size_t>(bytes, BlockBuilder::kBytes));
  }
  if (auto done = decode_payloads(stored.block, block.buffer.data()); !done) {
    return std::unexpected(Failure{done.error()});
  }
  block.ends.reserve(stored.block.count);
  const char* const begin = block.buffer.data();
  const char* const end = begin + bytes;
  const char* at = begin;
  while (at < end) {
    const auto* const feed =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
    if (feed == nullptr) break;
    block.ends.push_back(static_cast<size_t>(feed - begin));
    at = feed + 1;
  }
  if (at != end || block.ends.size() != envelopes->rows.size()) {
    return std::unexpected(Failure{"it has not as many events as envelopes"});
  }
  block.origin = std::make_shared<const Origin>(
      Origin{.name = "queue:" + queue_, .envelopes = std::move(envelopes)});
  return block;
}

/// Decodes the first block that nobody has begun, unlocked. False if there is none.
bool QueueBlocks::decode_next(std::unique_lock<std::mutex>& lock) {
  const auto next = std::ranges::find_if(jobs_, [](const auto& job) { return !job->begun; });
  if (next == jobs_.end()) return false;
  // Nobody takes it before it has its result.
  Job& job = **next;
  job.begun = true;
  lock.unlock();
  Decoded decoded;
  try {
    decoded = decode(job);
  } catch (const std::bad_alloc&) {
    decoded = std::unexpected(Failure{"there is no memory for it", false});
  }
  lock.lock();
  job.result = std::move(decoded);
  return true;
}

void QueueBlocks::work() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (decode_next(lock)) {
      changed_.notify_all();
    } else {
      changed_.wait(lock);
    }
  }
}

Result<QueueBlock> QueueBlocks::take() {
  std::unique_ptr<Job> job;
  {
    std::unique_lock lock(mutex_);
    while (!jobs_.front()->result) {
      if (!decode_next(lock)) changed_.wait(lock);
    }
    job = std::move(jobs_.front());
    jobs_.pop_front();
  }
  if (*job->result) {
    spent_block_ = std::move(job->stored.block);
    return std::move(**job->result);
  }
  const Failure& failure = job->result->error();
  if (failure.is_damage) damaged_ = {job->stored.first, job->stored.last};
  return machine_error("queue:" + queue_ + ": the block from " + eid_text(job->stored.first) +
                       " to " + eid_text(job->stored.last) +
                       (failure.is_damage ? " is damaged: " : " cannot be read: ") + failure.why);
}

}  // namespace weir
