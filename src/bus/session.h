// The bus as one run uses it: opened when it is first needed, written in one transaction.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bus/block_closer.h"
#include "bus/bus.h"
#include "bus/salvage.h"

namespace weir {

/// Shared by the ends of a pipeline that name queues. All outputs append here, and what they have
/// appended is committed together. With a bot the run commits, and the bot's checkpoints with it;
/// else each output does, as it likes.
class BusSession {
 public:
  /// `path`: the file; `bot`: the name, or empty. A `dry` run commits nothing, and makes no bus.
  BusSession(std::string path, std::string bot, bool dry = false)
      : path_(std::move(path)), bot_(std::move(bot)), dry_(dry) {}

  const std::string& path() const { return path_; }
  const std::string& bot() const { return bot_; }
  bool has_bot() const { return !bot_.empty(); }
  bool is_dry() const { return dry_; }
  /// The number of the shard that the bot's run reads, from 1; 0 if it reads everything.
  uint32_t shard() const { return shard_; }
  void set_shard(uint32_t shard) { shard_ = shard; }

  /// The bus, made if it is not there; null where a dry run would make it. The first call of both
  /// opens it.
  Result<Bus*> open_to_write() { return open(true); }
  /// The bus, which must be there; with `make` it is made, but for a dry run.
  Result<Bus*> open_to_read(bool make);

  /// The error of who looks for a queue that is not among those that are there.
  std::unexpected<Error> no_such_queue(const std::string& name,
                                       const std::vector<std::string>& known) const;

  /// What is left of the bus, which must be there.
  Result<std::unique_ptr<Salvage>> open_salvage() const;

  /// Makes a queue, if it is not there: also one that gets no event is there to be read.
  Result<void> make_queue(const std::string& queue);
  /// What is wrong with an eid that the next event of a queue would bring along: it does not lie
  /// behind all of the queue, or nothing could follow it. Empty if nothing is, as far as this run
  /// knows.
  Result<std::string> problem_of(const std::string& queue, const Eid& eid);
  /// Appends an event to a queue, in memory. Blocks are kept until the next commit.
  Result<void> append(const std::string& queue, const BlockBuilder::Event& event);
  /// Allows so many threads that compress full blocks while the next ones are filled.
  void compress_ahead(size_t threads) { closer_ = std::make_unique<BlockCloser>(threads); }
  /// Commits the full blocks that are ready, if it is worth a commit.
  Result<void> commit_full();
  /// Commits everything appended, and the moves. Does nothing if there is nothing to do.
  Result<void> commit(const std::vector<Move>& moves = {},
                      const std::vector<StateMove>& states = {});

 private:
  Result<Bus*> open(bool make);
  std::unexpected<Error> no_bus() const;
  struct Open {
    Append append;
    std::unique_ptr<BlockBuilder> builder = std::make_unique<BlockBuilder>();
    /// How many small blocks may be written before the end of the queue is looked at.
    size_t small_left = 0;
    /// Where joining them goes on with the next commit, if there are more.
    std::optional<Eid> join_from = {};
    /// The highest eid: as the bus had it when that was asked for first, or given since.
    std::optional<Eid> last = {};
    bool knows_last = false;
  };
  /// A full block of a queue that threads have.
  struct Closing {
    Open* queue;
    std::unique_ptr<BlockBuilder> builder;
    std::future<Append::Piece> piece;
  };
  Open& open_queue(const std::string& queue);
  void close_rest(Open& queue, int64_t now);
  void close_full_block(Open& queue);
  bool close_ahead(Open& queue, int64_t now);
  void add(Open& queue, Append::Piece piece);
  void collect(size_t leave);
  Result<void> commit_pieces(std::span<const Move> moves, std::span<const StateMove> states,
                             int64_t now);
  void compact(Open& queue);

  std::string path_;
  std::string bot_;
  bool dry_;
  uint32_t shard_ = 0;
  std::unique_ptr<Bus> bus_;
  std::vector<std::unique_ptr<Open>> queues_;
  size_t ready_bytes_ = 0;  ///< of blocks, as they are stored, that wait to be committed
  std::deque<Closing> closing_;
  std::vector<std::unique_ptr<BlockBuilder>> spare_;  ///< empty ones, whose memory is used again
  std::unique_ptr<BlockCloser> closer_;  ///< null: no threads; behind what they work on
};

/// What they are called, in the same order.
std::vector<std::string> names_of(const std::vector<QueueFacts>& queues);

/// Where the bus is: `given` (--bus), else `variable` (WEIR_BUS), else weir.bus in weir's folder of
/// the XDG state directory (XDG Base Directory Specification, 0.8).
std::string bus_path(std::string_view given, std::string_view variable);

/// Milliseconds since 1970 by the system's clock.
int64_t now_ms();

}  // namespace weir
