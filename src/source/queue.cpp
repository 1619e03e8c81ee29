#include "source/queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "base/file.h"
#include "base/nearest.h"
#include "source/queue_blocks.h"

namespace weir {
namespace {

/// So many blocks are read ahead of the one that is given, where they can be decoded meanwhile.
/// More are no faster, and each takes a MiB or two of what a run may take.
constexpr size_t kAhead = 3;

class QueueSource final : public Source {
 public:
  QueueSource(std::string queue, QueueSourceOptions options, std::unique_ptr<QueueShard> shard,
              std::shared_ptr<BusSession> session)
      : queue_(std::move(queue)),
        options_(options),
        shard_(std::move(shard)),
        session_(std::move(session)),
        blocks_(queue_),
        uncommitted_(options.commit) {
    if (!options_.only) return;
    options_.bounds.from = options_.only;
    options_.bounds.before = options_.only->after(1);
  }
  QueueSource(const QueueSource&) = delete;
  QueueSource& operator=(const QueueSource&) = delete;
  ~QueueSource() override {
    if (ready_fd_ >= 0) ::close(ready_fd_);
  }

  Result<void> open() override;
  void decode_ahead(size_t /*jobs*/) override { may_decode_ahead_ = true; }
  Result<Pull> next(Batch& batch) override;
  int wait_fd() const override { return has_more_ ? ready_fd_ : wake_fd_; }
  bool is_live() const override { return options_.follow; }
  std::vector<std::string> describe() const override {
    const std::string share = shard_ == nullptr ? "" : ", shard " + shard_->shard().describe();
    return {"queue:" + queue_ + " on " + session_->path() + share};
  }
  std::vector<std::string> take_messages() override { return std::exchange(messages_, {}); }
  void stop() override { stopped_ = true; }
  bool wants_commit() const override { return has_more_; }
  std::vector<Move> moves() const override;
  void moved() override;

 private:
  Result<void> begin_at_checkpoint();
  Result<void> find_checkpoint();
  Result<Pull> end();
  std::string near_words();
  std::string reset_words(std::string_view to) const;
  Result<void> check_trimmed(const Eid& position);
  Result<void> begin_new();
  std::unexpected<Error> trimmed_error(const std::optional<Eid>& position,
                                       const Eid& trimmed) const;
  Result<Pull> fail(Error error);
  std::string ways_on(const Eid& first, const Eid& last) const;
  Result<void> check_ahead(const Eid& position);
  Result<bool> read_stored();
  Result<bool> pass_other_times();
  Result<bool> next_block();
  bool is_wanted(const Envelope& envelope) const;
  bool commit_is_due() const { return session_->has_bot() && uncommitted_.is_due(); }
  bool is_behind(const Envelope& envelope) const;
  void reject_keyless(Batch& batch) const;
  void add_event(Batch& batch, size_t index, std::string_view payload);

  std::string queue_;
  QueueSourceOptions options_;
  std::unique_ptr<QueueShard> shard_;  ///< null: all events
  std::vector<std::string> messages_;
  std::shared_ptr<BusSession> session_;
  Bus* bus_ = nullptr;
  int wake_fd_ = -1;
  int ready_fd_ = -1;      ///< always has something to read
  bool has_more_ = false;  ///< it was idle for the sake of a commit only
  std::atomic<bool> stopped_ = false;

  Eid from_;                 ///< the first eid that was not read
  std::optional<Eid> done_;  ///< the last that was, in this run, or that a new bot is not to read
  uint64_t given_ = 0;
  uint64_t given_bytes_ = 0;
  bool is_full_ = false;  ///< the next event would be more than --size or --until allows

  QueueBlocks blocks_;  ///< that were read
  Eid read_from_;       ///< the first eid that is in none of them
  /// All that lies from there on is to be read: not where it is the beginning, or a time.
  bool has_place_ = false;
  bool may_decode_ahead_ = false;
  bool is_long_ = false;  ///< the last block that was read was no small one
  QueueBlock block_;      ///< that is being given out
  size_t index_ = 0;      ///< of the first event in it that was not given

  // What a bot remembers, and under which source.
  std::string source_;
  Checkpoint before_;
  Checkpoint now_;
  CommitWatch uncommitted_;
  std::optional<Error> damage_;  ///< what ends the run when what was read before is committed
};

Result<void> QueueSource::open() {
  auto bus = session_->open_to_read(options_.follow);
  if (!bus) return std::unexpected(bus.error());
  bus_ = *bus;
  auto is_there = bus_->has_queue(queue_);
  if (!is_there) return std::unexpected(is_there.error());
  if (!*is_there) {
    const std::string where = " on " + session_->path();
    const std::string near = near_words();
    if (!options_.follow) {
      return machine_error("queue:" + queue_ + ": there is no such queue" + where +
                           (near.empty() ? " ('weir queue ls' lists them)" : near));
    }
    messages_.push_back("queue:" + queue_ + ": is waited for: there is no such queue" + where +
                        " yet" + near);
  }
  if (options_.bounds.from && !options_.by_event_time) from_ = *options_.bounds.from;
  if (session_->has_bot()) {
    if (auto begun = begin_at_checkpoint(); !begun) return begun;
  }
  // A time or a period is no place in the queue: what is left of it is given.
  if (options_.bounds.behind && !options_.by_event_time && before_.position.empty()) {
    if (auto there = check_trimmed(*options_.bounds.behind); !there) return there;
  }
  read_from_ = from_;
  if (options_.follow) {
    const auto fd = bus_->wake_fd();
    if (!fd) return std::unexpected(fd.error());
    wake_fd_ = *fd;
  }
  ready_fd_ = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
  if (ready_fd_ < 0) return machine_error("eventfd: " + describe_errno(-errno));
  return {};
}

/// The queue that was perhaps meant: "; did you mean 'orders'?", or nothing.
std::string QueueSource::near_words() {
  const auto queues = bus_->queues();
  if (!queues) return {};
  std::vector<std::string_view> names;
  for (const QueueFacts& queue : *queues) names.push_back(queue.name);
  const std::string_view near = nearest(queue_, names);
  return near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?";
}

/// Under which source the bot's checkpoint is kept: its shard's, or the queue's. The queue must be
/// split as it was before.
Result<void> QueueSource::find_checkpoint() {
  source_ = "queue:" + queue_;
  std::optional<Split> wanted;
  if (shard_ != nullptr) wanted = shard_->shard().split;
  const auto split =
      bus_->split(session_->bot(), source_, session_->is_dry() ? std::nullopt : wanted);
  if (!split) return std::unexpected(split.error());
  const bool is_first = session_->is_dry() && !*split;
  if (*split != wanted && !is_first) {
    return usage_error(
        "bot " + session_->bot() + " reads queue:" + queue_ + " in " + (*split)->describe() +
        ", and this run would read it " + (wanted ? "in " + wanted->describe() : "as a whole") +
        ": events would be read twice or never; 'weir bot reset " + session_->bot() +
        " --source queue:" + queue_ + " --to WHEN' lets it be read in any way from there on");
  }
  if (*split) source_ = shard_source(source_, shard_->shard());
  return {};
}

Result<void> QueueSource::begin_at_checkpoint() {
  if (auto found = find_checkpoint(); !found) return found;
  auto checkpoint = bus_->checkpoint(session_->bot(), source_);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  before_ = std::move(*checkpoint);
  now_ = before_;
  now_.started_timestamp = now_ms();
  if (!before_.is_there) return begin_new();
  if (before_.position.empty()) {
    const auto trimmed = bus_->trimmed(queue_);
    if (!trimmed) return std::unexpected(trimmed.error());
    if (*trimmed) return trimmed_error(std::nullopt, **trimmed);
    has_place_ = true;
    return {};
  }
  const std::optional<Eid> position = parse_eid(before_.position);
  if (!position) {
    return machine_error("bot " + session_->bot() + ": its checkpoint in " + source_ +
                         " is no eid: " + before_.position);
  }
  from_ = position->after(1);
  if (auto ahead = check_ahead(*position); !ahead) return ahead;
  return check_trimmed(*position);
}

/// Where a new bot begins is remembered even if there is nothing to be read so far: what is trimmed
/// from then on it has lost, and it can be asked how far it is behind.
Result<void> QueueSource::begin_new() {
  const auto trimmed = bus_->trimmed(queue_);
  if (!trimmed) return std::unexpected(trimmed.error());
  std::optional<Eid> behind = *trimmed;
  if (options_.bounds.from && !options_.by_event_time) behind = std::max(behind, from_.before());
  if (behind) from_ = behind->after(1);
  if (options_.bounds.behind && !options_.by_event_time && *trimmed &&
      **trimmed > *options_.bounds.behind) {
    return trimmed_error(options_.bounds.behind, **trimmed);
  }
  has_place_ = true;
  if (session_->is_dry()) return {};
  now_.position = behind ? eid_text(*behind) : "";
  now_.ended_timestamp = now_.started_timestamp;
  const Move begin{.bot = session_->bot(), .source = source_, .from = {}, .to = now_};
  if (auto done = bus_->commit({}, {&begin, 1}, now_ms()); !done) return done;
  before_ = now_;
  return {};
}

/// The command that moves the bot's checkpoint in this queue.
std::string QueueSource::reset_words(std::string_view to) const {
  return "'weir bot reset " + session_->bot() +
         (shard_ == nullptr ? "" : " --source queue:" + queue_ + "#" + shard_->shard().text()) +
         " --to " + std::string(to) + "'";
}

/// Says so where nothing would be read for a long time: the queue was removed and made anew, or an
/// event with a time to come was in it.
Result<void> QueueSource::check_ahead(const Eid& position) {
  if (position.ms <= now_ms()) return {};
  const auto facts = bus_->queue(queue_);
  if (!facts) return std::unexpected(facts.error());
  if (*facts && (*facts)->last && *(*facts)->last >= position) return {};
  messages_.push_back("queue:" + queue_ + ": bot " + session_->bot() + " stands at " +
                      before_.position +
                      ", which is later than now and than all that ever was in the queue, so it "
                      "reads nothing until then: " +
                      reset_words("WHEN") + " moves it");
  return {};
}

/// What lies behind the position, a bot's or that of --since, must still be there.
Result<void> QueueSource::check_trimmed(const Eid& position) {
  const auto trimmed = bus_->trimmed(queue_);
  if (!trimmed) return std::unexpected(trimmed.error());
  has_place_ = true;
  if (!*trimmed || **trimmed <= position) return {};
  return trimmed_error(position, **trimmed);
}

std::unexpected<Error> QueueSource::trimmed_error(const std::optional<Eid>& position,
                                                  const Eid& trimmed) const {
  const std::string left = eid_text(trimmed);
  const bool stands = before_.is_there;
  return machine_error("queue:" + queue_ + ": the events " +
                       (position ? "behind " + eid_text(*position) : "from the beginning on") +
                       (stands ? ", where bot " + session_->bot() + " stands," : "") +
                       " were trimmed up to " + left + ": " +
                       (stands ? reset_words(left) : "'--since " + left + "'") +
                       " goes on with what is left");
}

bool QueueSource::is_wanted(const Envelope& envelope) const {
  if (envelope.eid < from_) return false;
  if (options_.by_event_time) {
    return envelope.source_time >= options_.bounds.time.begin &&
           envelope.source_time < options_.bounds.time.end;
  }
  return !is_behind(envelope);
}

/// True if neither this event nor any after it is to be read: a bot has it before it still.
bool QueueSource::is_behind(const Envelope& envelope) const {
  return !options_.by_event_time && options_.bounds.before &&
         envelope.eid >= *options_.bounds.before;
}

/// Reads the next block into `blocks_`. False if there is none so far.
Result<bool> QueueSource::read_stored() {
  Reading reading{.from = read_from_, .before = {}, .event_time = {}};
  if (options_.by_event_time) {
    reading.event_time = options_.bounds.time;
  } else if (!options_.follow) {
    // Who follows ends at the first event behind it, wherever that lies.
    reading.before = options_.bounds.before;
  }
  reading.spent = &blocks_.spent_block();
  bus_->seen();
  auto stored = bus_->read(queue_, reading);
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return false;
  // Also what goes while it is on its way there must not be passed over.
  if (has_place_ && (*stored)->trimmed && *(*stored)->trimmed >= read_from_) {
    return trimmed_error(read_from_.before(), *(*stored)->trimmed);
  }
  has_place_ = true;
  read_from_ = (*stored)->last.after(1);
  const Block& block = (*stored)->block;
  is_long_ = !Block::is_small(block.count, block.payload_bytes);
  blocks_.add(std::move(**stored));
  return true;
}

/// A bot passes over events of other times for good, also where they fill whole blocks, of which
/// none is read. As `read_stored`, behind which there was nothing.
Result<bool> QueueSource::pass_other_times() {
  const auto facts = bus_->queue(queue_);
  if (!facts) return std::unexpected(facts.error());
  // What came before that was asked and is wanted shows now.
  auto more = read_stored();
  if (!more || *more || !*facts || !(*facts)->last || *(*facts)->last < from_) return more;
  done_ = (*facts)->last;
  from_ = read_from_ = done_->after(1);
  return false;
}

/// Goes on to the next block. False if there is none so far.
Result<bool> QueueSource::next_block() {
  if (blocks_.waiting() == 0) {
    auto more = read_stored();
    if (more && !*more && options_.by_event_time && session_->has_bot()) more = pass_other_times();
    if (!more || !*more) return more;
  }
  // Behind a first block, and where blocks are not so small that the thread costs more than it
  // gives.
  if (may_decode_ahead_ && is_long_ && block_.size() > 0) {
    blocks_.start_ahead();
    while (blocks_.waiting() <= kAhead && is_long_) {
      // What fails here fails again when it is its turn.
      const auto more = read_stored();
      if (!more || !*more) break;
    }
  }
  blocks_.give_back(std::move(block_.buffer));
  auto block = blocks_.take();
  if (!block) return std::unexpected(block.error());
  block_ = std::move(*block);
  index_ = 0;
  if (shard_ != nullptr) shard_->look(block_.buffer, block_.payloads(), block_.origin);
  return true;
}

void QueueSource::add_event(Batch& batch, size_t index, std::string_view payload) {
  const auto line = static_cast<uint32_t>(index);
  if (!options_.envelopes) {
    batch.add_text(payload, line);
    return;
  }
  std::string text;
  write_envelope(block_.origin->envelopes->rows[index], queue_, payload, text);
  batch.add_text(batch.arena.copy(text), line);
}

/// Rejects the event that was added last if its key cannot be told.
void QueueSource::reject_keyless(Batch& batch) const {
  if (shard_ == nullptr || shard_->problem(index_).empty()) return;
  batch.reject(batch.alive.back(), 0, "--key: " + shard_->problem(index_));
  batch.alive.pop_back();
}

/// What is to be said at the end.
Result<Pull> QueueSource::end() {
  if (options_.only && given_ == 0 && !stopped_) {
    return machine_error("queue:" + queue_ + ": there is no event " + eid_text(*options_.only) +
                         ", or it was trimmed");
  }
  if (shard_ == nullptr) return Pull::kEnd;
  if (std::string message = shard_->message(); !message.empty()) {
    messages_.push_back(std::move(message));
  }
  return Pull::kEnd;
}

/// How to go on where a block is damaged.
std::string QueueSource::ways_on(const Eid& first, const Eid& last) const {
  std::string ways = "; 'weir queue fsck' tells what is lost, its --salvage saves the rest";
  // What a stage must have whole was read in vain.
  if (session_->has_bot() && !moves().empty()) {
    ways += ", '--until " + eid_text(first) + "' ends before it";
  }
  const std::string behind = eid_text(last);
  if (before_.is_there || (session_->has_bot() && !session_->is_dry())) {
    return ways + ", " + reset_words(behind) + " goes on behind it";
  }
  // Who reads by other times, or one event, begins where the block does not matter.
  if (options_.by_event_time || options_.only) return ways;
  return ways + ", '--since " + behind + "' goes on behind it";
}

/// Ends the run. A damaged block stays damaged, and who passes over it must not pass over what a
/// bot had read before it, so that is committed first.
Result<Pull> QueueSource::fail(Error error) {
  if (!blocks_.damaged()) return std::unexpected(std::move(error));
  if (session_->has_bot() && uncommitted_.may_commit()) {
    damage_ = std::move(error);
    has_more_ = true;
    return Pull::kIdle;
  }
  const auto& [first, last] = *blocks_.damaged();
  error.message += ways_on(first, last);
  return std::unexpected(std::move(error));
}

Result<Pull> QueueSource::next(Batch& batch) {
  const uint64_t limit = options_.limit.value_or(UINT64_MAX);
  const uint64_t size = options_.size.value_or(UINT64_MAX);
  const size_t most_rows = options_.batch_rows == 0 ? SIZE_MAX : options_.batch_rows;
  has_more_ = false;
  if (damage_) return fail(*damage_);
  while (true) {
    if (given_ >= limit || is_full_) return end();
    if (commit_is_due()) {
      has_more_ = true;
      return Pull::kIdle;
    }
    if (index_ == block_.size()) {
      if (stopped_) return end();
      const auto more = next_block();
      if (!more) return fail(more.error());
      if (!*more) return options_.follow ? Pull::kIdle : end();
    }
    const std::vector<Envelope>& rows = block_.origin->envelopes->rows;
    // A commit comes behind the same event, whatever a batch may have: it shows in what `batch`
    // makes.
    while (index_ < block_.size() && batch.rows.size() < most_rows && given_ < limit &&
           !commit_is_due()) {
      const std::string_view payload = block_.payload(index_);
      const Envelope& envelope = rows[index_];
      const bool wanted = is_wanted(envelope) && (shard_ == nullptr || shard_->has(index_));
      is_full_ = is_behind(envelope) ||
                 (wanted && given_ > 0 && payload.size() > size - std::min(size, given_bytes_));
      if (is_full_) break;
      uncommitted_.add(payload.size() + 1, 1);
      if (wanted) {
        given_bytes_ += payload.size();
        add_event(batch, index_, payload);
        reject_keyless(batch);
        ++given_;
        ++now_.records;
        now_.source_timestamp = envelope.source_time;
      }
      if (envelope.eid >= from_) {
        done_ = envelope.eid;
        from_ = envelope.eid.after(1);
      }
      ++index_;
    }
    if (!batch.rows.empty()) {
      batch.buffer = block_.buffer;
      batch.origin = block_.origin;
      batch.first_line = 1;
      return Pull::kBatch;
    }
  }
}

std::vector<Move> QueueSource::moves() const {
  if (!done_) return {};
  Checkpoint to = now_;
  to.position = eid_text(*done_);
  if (to.position == before_.position) return {};
  to.ended_timestamp = now_ms();
  return {{.bot = session_->bot(),
           .source = source_,
           .from = before_.position,
           .to = std::move(to),
           .exists = shard_ != nullptr}};
}

void QueueSource::moved() {
  if (const std::vector<Move> made = moves(); !made.empty()) before_ = made.front().to;
  uncommitted_.committed();
}

}  // namespace

std::unique_ptr<Source> make_queue_source(std::string queue, QueueSourceOptions options,
                                          std::unique_ptr<QueueShard> shard,
                                          std::shared_ptr<BusSession> session) {
  return std::make_unique<QueueSource>(std::move(queue), options, std::move(shard),
                                       std::move(session));
}

}  // namespace weir
