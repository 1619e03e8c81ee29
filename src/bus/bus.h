// Durable queues, and what bots remember of them, behind one interface.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bus/block.h"
#include "bus/shard.h"
#include "bus/state.h"
#include "event/envelope.h"

namespace weir {

/// The last of the year 9999: the order of eids as texts ends there, so no event is given one of
/// it, and behind each there is another.
constexpr int64_t kLastMillisecond = 253'402'300'799'999;

/// A queue as it is now.
struct QueueFacts {
  std::string name;
  uint64_t events = 0;
  uint64_t blocks = 0;
  uint64_t stored_bytes = 0;   ///< of the blocks, compressed
  uint64_t payload_bytes = 0;  ///< of the payloads, a line feed behind each
  std::optional<Eid> first;    ///< none if it is empty
  std::optional<Eid> last;     ///< of all that were ever in it, trimmed or not
  int64_t least_time = 0;      ///< of the event_source_timestamps, in ms, if it is not empty
  int64_t greatest_time = 0;
};

/// How far a queue has come, whatever is left in it.
struct QueueMarks {
  std::optional<Eid> last;     ///< the highest eid that was ever assigned
  std::optional<Eid> trimmed;  ///< the highest that was ever removed from the front
  bool intact = true;          ///< the checksum fits
};

/// What a bot remembers of a source: RStreams' five fields.
struct Checkpoint {
  /// The eid of the last event that is done with, or that was trimmed when the bot began; empty if
  /// there was neither.
  std::string position;
  uint64_t records = 0;           ///< how many events it has read in all
  int64_t source_timestamp = 0;   ///< event_source_timestamp of that event, ms
  int64_t started_timestamp = 0;  ///< when the run began that moved it last, ms
  int64_t ended_timestamp = 0;    ///< when it was moved last, ms
  bool is_there = false;          ///< as an answer: it is remembered, be it at the beginning
};

struct BotCheckpoint {
  std::string source;  ///< "queue:NAME"; of a shard, see shard_source
  Checkpoint checkpoint;
  bool intact = true;  ///< the checksum fits
};

/// What people say of a bot.
struct BotWords {
  std::string owner;        ///< whom to ask
  std::string description;  ///< what it is for
  bool operator==(const BotWords&) const = default;
};

struct BotFacts {
  std::string name;
  bool paused = false;
  BotWords words = {};
  std::vector<BotCheckpoint> checkpoints = {};
  std::vector<BotStateFacts> states = {};
};

/// A block as it lies in a queue.
struct StoredBlock {
  Eid first;
  Eid last;
  Block block;
  bool intact = true;               ///< the checksum fits
  std::optional<Eid> trimmed = {};  ///< how far the queue was trimmed when the block was read
};

/// What of a queue lies behind a position.
struct Behind {
  uint64_t events = 0;
  uint64_t payload_bytes = 0;  ///< of a block that is read in part, in proportion
  std::optional<Eid> oldest;   ///< the first of them, or an eid of its millisecond
};

/// What to read of a queue.
struct Reading {
  Eid from;                          ///< the first eid that may be read
  std::optional<Eid> before;         ///< none from this one on
  std::optional<Period> event_time;  ///< only blocks with event_source_timestamps in it
  /// The payloads are left out, and nothing but the envelopes' own checksum is held against them.
  bool envelopes_only = false;
  Block* spent = nullptr;  ///< its memory may be taken for the block; null: there is none
};

/// Blocks for a queue, in order; none make the queue alone.
struct Append {
  std::string queue;
  /// Where the events bring their eids along, those of each block: the first must lie behind all of
  /// the queue.
  struct Piece {
    Block block;
    std::optional<Eid> first = {};
    std::optional<Eid> last = {};
  };
  std::vector<Piece> pieces;
};

/// A checkpoint to be moved, if it still is what the bot believes.
struct Move {
  std::string bot;
  std::string source;
  std::string from;  ///< the position that it must have now; empty for none
  Checkpoint to;
  bool exists = false;   ///< it must be there, also without a position
  bool forgets = false;  ///< it is removed instead
};

/// One bus. What is asked of it sees what was committed when it was asked; nothing is held between
/// two calls. Used by one thread.
class Bus {
 public:
  virtual ~Bus() = default;

  /// Appends and moves, all or nothing, and it is on the disk when this returns. Queues that are
  /// not there yet are made. Eids are assigned here, each behind all of its queue; `now` is the
  /// time in ms. An error says "stale checkpoint" if a checkpoint or a state is not what it must
  /// be.
  virtual Result<void> commit(std::span<const Append> appends, std::span<const Move> moves,
                              std::span<const StateMove> states, int64_t now) = 0;
  Result<void> commit(std::span<const Append> appends, std::span<const Move> moves, int64_t now) {
    return commit(appends, moves, {}, now);
  }

  /// The first block of the queue that may hold something of what is to be read; nothing if there
  /// is none so far.
  virtual Result<std::optional<StoredBlock>> read(std::string_view queue,
                                                  const Reading& reading) = 0;

  virtual Result<bool> has_queue(std::string_view name) = 0;
  /// All queues by name, or the one.
  virtual Result<std::vector<QueueFacts>> queues() = 0;
  virtual Result<std::optional<QueueFacts>> queue(std::string_view name) = 0;
  /// Removes whole blocks from the front, of those whose last event is before `eid`: the first of
  /// them, as many as one step should take, and fewer where there is little room for that. Answers
  /// how many events went; none: nothing is left to be removed.
  virtual Result<uint64_t> trim(std::string_view queue, const Eid& before) = 0;
  /// Lets a queue, made if it is not there, have come as far as `marks` say, unless it has already.
  virtual Result<void> mark(std::string_view queue, const QueueMarks& marks) = 0;
  /// Removes a queue and all events that are left in it, at once. False if there is none.
  virtual Result<bool> remove_queue(std::string_view name) = 0;
  /// Joins the first small blocks that lie side by side, from the block that has the eid `from` on,
  /// as far as one transaction should go. Events, eids and envelopes stay what they were, and no
  /// reader needs to know: one that stands in between finds its next event in the middle of a
  /// block. A damaged block stays as it is. Answers from where to go on; nothing if there is
  /// nothing to join. Wakes nobody.
  virtual Result<std::optional<Eid>> compact(std::string_view queue, const Eid& from) = 0;
  /// Where the small blocks at the end of a queue begin, if there are so many of them.
  virtual Result<std::optional<Eid>> small_end(std::string_view queue, size_t at_least) = 0;
  /// Gives room that became free, when blocks were removed or joined, back to the file system. What
  /// was removed stays so if this fails.
  virtual Result<void> give_back() = 0;
  /// What lies behind `position`; all of the queue if there is none.
  virtual Result<Behind> behind(std::string_view queue, std::optional<Eid> position) = 0;
  /// The highest eid that was ever removed from the front of a queue.
  virtual Result<std::optional<Eid>> trimmed(std::string_view queue) = 0;

  virtual Result<std::vector<BotFacts>> bots() = 0;
  /// What the bot remembers of the source.
  virtual Result<Checkpoint> checkpoint(std::string_view bot, std::string_view source) = 0;
  /// What the stages of the bot remember, or of the run of one of its shards.
  virtual Result<BotState> state(std::string_view bot, uint32_t shard) = 0;
  /// Forgets all that the bot remembers. False if there is no such bot.
  virtual Result<bool> remove_bot(std::string_view bot) = 0;
  virtual Result<void> pause_bot(std::string_view bot, bool paused) = 0;
  virtual Result<bool> is_paused(std::string_view bot) = 0;
  virtual Result<void> describe_bot(std::string_view bot, const BotWords& words) = 0;

  /// How a bot reads a source: in shards, or as a whole (nothing). With `wanted`, one that is not
  /// split so far is split now: every shard gets a checkpoint, where that of the whole stood, which
  /// goes. One that is split stays as it is, so the answer may be another than what was wanted.
  virtual Result<std::optional<Split>> split(std::string_view bot, std::string_view source,
                                             const std::optional<Split>& wanted) = 0;

  /// Takes the lock of a bot, which goes with this object or with the process. False if another has
  /// it. With the number of a shard the others of them can have theirs at the same time, but
  /// nobody that of the whole bot.
  virtual Result<bool> lock_bot(std::string_view bot, uint32_t shard = 0) = 0;
  /// The same for what only one run may write.
  virtual Result<bool> lock_output(std::string_view name) = 0;
  /// True if another has the lock of the bot, or of one of its shards.
  virtual Result<bool> is_running(std::string_view bot) = 0;

  /// A descriptor that has something to read (poll) after others have committed. `seen` takes that
  /// away: call it before reading.
  virtual Result<int> wake_fd() = 0;
  virtual void seen() = 0;
};

/// Opens the bus in the SQLite file at `path`. If there is none, it is made where `create` says so
/// (with its folder), else the answer is a null pointer.
Result<std::unique_ptr<Bus>> open_sqlite_bus(const std::string& path, bool create);

}  // namespace weir
