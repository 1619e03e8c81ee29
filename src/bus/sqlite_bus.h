// The bus in one SQLite file, see weir-bus(5): what sqlite_bus.cpp does for queues, sqlite_bots.cpp
// for bots, sqlite_state.cpp for what their stages remember, and sqlite_compact.cpp for small
// blocks.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/bus.h"
#include "bus/sqlite.h"
#include "bus/sqlite_tables.h"
#include "bus/turn.h"

namespace weir {

class SqliteBus final : public Bus {
 public:
  explicit SqliteBus(std::string path) : path_(std::move(path)) {}
  ~SqliteBus() override {
    if (wake_fd_ >= 0) ::close(wake_fd_);
  }

  Result<void> open();

  Result<void> commit(std::span<const Append> appends, std::span<const Move> moves,
                      std::span<const StateMove> states, int64_t now) override;
  Result<std::optional<StoredBlock>> read(std::string_view queue, const Reading& reading) override;
  Result<bool> has_queue(std::string_view name) override;
  Result<std::vector<QueueFacts>> queues() override { return facts_of({}); }
  Result<std::optional<QueueFacts>> queue(std::string_view name) override;
  Result<uint64_t> trim(std::string_view queue, const Eid& before) override;
  Result<void> mark(std::string_view queue, const QueueMarks& marks) override;
  Result<bool> remove_queue(std::string_view name) override;
  Result<std::optional<Eid>> compact(std::string_view queue, const Eid& from) override;
  Result<std::optional<Eid>> small_end(std::string_view queue, size_t at_least) override;
  Result<void> give_back() override;
  Result<Behind> behind(std::string_view queue, std::optional<Eid> position) override;
  Result<std::optional<Eid>> trimmed(std::string_view queue) override;
  Result<std::vector<BotFacts>> bots() override { return read_bots(db_); }
  Result<Checkpoint> checkpoint(std::string_view bot, std::string_view source) override;
  Result<BotState> state(std::string_view bot, uint32_t shard) override;
  Result<bool> remove_bot(std::string_view bot) override;
  Result<void> pause_bot(std::string_view bot, bool paused) override;
  Result<bool> is_paused(std::string_view bot) override;
  Result<void> describe_bot(std::string_view bot, const BotWords& words) override;
  Result<std::optional<Split>> split(std::string_view bot, std::string_view source,
                                     const std::optional<Split>& wanted) override;
  Result<bool> lock_bot(std::string_view bot, uint32_t shard) override;
  Result<bool> lock_output(std::string_view name) override { return locks_.try_lock(name); }
  Result<bool> is_running(std::string_view bot) override { return locks_.is_locked(bot); }
  Result<int> wake_fd() override;
  void seen() override;

 private:
  /// A block that may be joined with its neighbours.
  struct Small {
    int64_t id;
    Eid first;
    Eid last;
    uint32_t checksum = 0;
  };
  /// What small blocks become.
  struct Joined {
    std::vector<Append::Piece> pieces;
    size_t blocks = 0;        ///< how many of them were read
    std::optional<Eid> next;  ///< where to go on if not behind the pieces
  };

  /// Runs `write` in a transaction when it is our turn; others wait for theirs meanwhile. Then
  /// wakes those who follow.
  template <typename Write>
  Result<void> in_turn(Write&& write, bool wakes = true);
  Result<void> set_up();
  Result<void> upgrade();
  Result<int64_t> ask(std::string_view sql);
  Result<void> append(const Append& append, int64_t now);
  /// Adds the block of these events to the queue with that number.
  Result<void> add(int64_t queue, const Eid& first, const Eid& last, const Block& block);
  Result<uint64_t> trim_blocks(std::string_view queue, const Eid& before, int64_t at_most);
  Result<std::vector<Small>> find_small(std::string_view queue, const Eid& from);
  Result<Joined> join(std::string_view queue, std::vector<Small>& small);
  Result<bool> replace(std::string_view queue, const std::vector<Small>& small,
                       const std::vector<Append::Piece>& pieces);
  Result<Behind> behind_in_block(std::string_view queue, const Eid& position);
  Result<void> move(const Move& move);
  Result<void> change_state(const StateMove& move);
  Result<uint64_t> change_entries(const StateMove& move, uint64_t entries);
  Result<std::optional<Split>> find_split(std::string_view bot, std::string_view source);
  Result<void> make_shards(std::string_view bot, std::string_view source, const Split& wanted);
  Result<std::vector<QueueFacts>> facts_of(std::string_view name);

  std::string lock_path() const;

  std::string path_;
  LockFile locks_;
  int wake_fd_ = -1;
  Database db_;
  Statement read_{db_,
                  "SELECT first_eid, blocks.last_eid, events, payload_bytes, least_time, "
                  "greatest_time, checksum, envelopes, iif(?5, '', payloads), (SELECT "
                  "trimmed_eid FROM queues WHERE name = ?1) FROM blocks WHERE "
                  "queue = (SELECT id FROM queues WHERE name = ?1) AND blocks.last_eid >= ?2 "
                  "AND greatest_time >= ?3 AND least_time < ?4 ORDER BY blocks.last_eid LIMIT 1"};
  Statement make_queue_{db_, "INSERT OR IGNORE INTO queues(name) VALUES(?)"};
  Statement find_queue_{
      db_, "SELECT id, last_eid, checksum = " WEIR_QUEUE_CRC " FROM queues WHERE name = ?"};
  Statement add_block_{db_,
                       "INSERT INTO blocks(queue, first_eid, last_eid, events, payload_bytes, "
                       "stored_bytes, least_time, greatest_time, checksum, envelopes, payloads) "
                       "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  Statement remove_block_{db_,
                          "DELETE FROM blocks WHERE id = ? AND queue = ? AND first_eid = ? AND "
                          "last_eid = ? AND checksum = ?"};
  Statement small_end_{db_,
                       "SELECT first_eid, events, payload_bytes FROM blocks WHERE queue = (SELECT "
                       "id FROM queues WHERE name = ?) ORDER BY blocks.last_eid DESC"};
  Statement end_queue_{db_, "UPDATE queues SET last_eid = ? WHERE id = ?"};
  /// After each change of its row.
  Statement seal_queue_{db_, "UPDATE queues SET checksum = " WEIR_QUEUE_CRC " WHERE name = ?"};
  Statement make_bot_{db_, "INSERT OR IGNORE INTO bots(name) VALUES(?)"};
  Statement find_move_{db_, "SELECT checkpoint FROM checkpoints WHERE bot = ? AND source = ?"};
  Statement move_{db_,
                  "INSERT OR REPLACE INTO checkpoints VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
                  "weir_crc(?1, ?2, ?3, ?4, ?5, ?6, ?7))"};
  Statement forget_{db_, "DELETE FROM checkpoints WHERE bot = ? AND source = ?"};
  Statement checkpoint_{db_,
                        "SELECT checkpoint, records, source_timestamp, started_timestamp, "
                        "ended_timestamp, checksum = " WEIR_CHECKPOINT_CRC
                        " FROM checkpoints WHERE bot = ? AND source = ?"};
  Statement find_state_{db_, "SELECT version, entries FROM states WHERE bot = ? AND shard = ?"};
  Statement set_state_{db_,
                       "INSERT OR REPLACE INTO states VALUES(?1, ?2, ?3, ?4, ?5, "
                       "weir_crc(?1, ?2, ?3, ?4, ?5))"};
  Statement change_entry_{db_,
                          "UPDATE state_entries SET value = ?5, checksum = "
                          "weir_crc(?1, ?2, ?3, ?4, ?5) WHERE bot = ?1 AND shard = ?2 AND "
                          "stage = ?3 AND key = ?4"};
  Statement add_entry_{db_,
                       "INSERT INTO state_entries VALUES(?1, ?2, ?3, ?4, ?5, "
                       "weir_crc(?1, ?2, ?3, ?4, ?5))"};
  Statement remove_entry_{
      db_, "DELETE FROM state_entries WHERE bot = ? AND shard = ? AND stage = ? AND key = ?"};
  Statement remove_entries_{db_, "DELETE FROM state_entries WHERE bot = ? AND shard = ?"};
};

template <typename Write>
Result<void> SqliteBus::in_turn(Write&& write, bool wakes) {
  if (auto turn = locks_.take_turn(); !turn) return turn;
  Transaction transaction(db_);
  auto done = db_.check_place();
  if (done) done = transaction.begin();
  if (done) done = write();
  if (done) done = transaction.commit();
  locks_.end_turn();
  if (done && wakes) locks_.notify();
  return done;
}

}  // namespace weir
