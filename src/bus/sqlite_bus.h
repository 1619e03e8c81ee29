// The bus in one SQLite file, see weir-bus(5): what sqlite_bus.cpp does for queues and
// sqlite_bots.cpp for bots.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
                      int64_t now) override;
  Result<std::optional<StoredBlock>> read(std::string_view queue, const Reading& reading) override;
  Result<bool> has_queue(std::string_view name) override;
  Result<std::vector<QueueFacts>> queues() override { return facts_of({}); }
  Result<std::optional<QueueFacts>> queue(std::string_view name) override;
  Result<uint64_t> trim(std::string_view queue, const Eid& before) override;
  Result<bool> remove_queue(std::string_view name) override;
  Result<Behind> behind(std::string_view queue, std::optional<Eid> position) override;
  Result<std::optional<Eid>> trimmed(std::string_view queue) override;
  Result<std::vector<BotFacts>> bots() override { return read_bots(db_); }
  Result<Checkpoint> checkpoint(std::string_view bot, std::string_view source) override;
  Result<bool> remove_bot(std::string_view bot) override;
  Result<void> pause_bot(std::string_view bot, bool paused) override;
  Result<bool> is_paused(std::string_view bot) override;
  Result<void> describe_bot(std::string_view bot, const BotWords& words) override;
  Result<std::optional<Split>> split(std::string_view bot, std::string_view source,
                                     const std::optional<Split>& wanted) override;
  Result<bool> lock_bot(std::string_view bot, uint32_t shard) override;
  Result<bool> lock_output(std::string_view name) override { return locks_.try_lock(name); }
  Result<int> wake_fd() override;
  void seen() override;

 private:
  /// Runs `write` in a transaction when it is our turn; others wait for theirs meanwhile.
  template <typename Write>
  Result<void> in_turn(Write&& write);
  Result<void> set_up();
  Result<void> upgrade();
  Result<int64_t> ask(std::string_view sql);
  Result<void> append(const Append& append, int64_t now);
  Result<void> move(const Move& move);
  Result<std::optional<Split>> find_split(std::string_view bot, std::string_view source);
  Result<void> make_shards(std::string_view bot, std::string_view source, const Split& wanted);
  Result<void> give_back();
  Result<std::vector<QueueFacts>> facts_of(std::string_view name);

  std::string path_;
  LockFile locks_;
  int wake_fd_ = -1;
  Database db_;
  Statement read_{db_,
                  "SELECT first_eid, blocks.last_eid, events, payload_bytes, least_time, "
                  "greatest_time, checksum, envelopes, iif(?5, '', payloads) FROM blocks WHERE "
                  "queue = (SELECT id FROM queues WHERE name = ?1) AND blocks.last_eid >= ?2 "
                  "AND greatest_time >= ?3 AND least_time < ?4 ORDER BY blocks.last_eid LIMIT 1"};
  Statement make_queue_{db_, "INSERT OR IGNORE INTO queues(name) VALUES(?)"};
  Statement find_queue_{db_, "SELECT id, last_eid FROM queues WHERE name = ?"};
  Statement add_block_{db_,
                       "INSERT INTO blocks(queue, first_eid, last_eid, events, payload_bytes, "
                       "stored_bytes, least_time, greatest_time, checksum, envelopes, payloads) "
                       "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  Statement end_queue_{db_, "UPDATE queues SET last_eid = ? WHERE id = ?"};
  Statement make_bot_{db_, "INSERT OR IGNORE INTO bots(name) VALUES(?)"};
  Statement find_move_{db_, "SELECT checkpoint FROM checkpoints WHERE bot = ? AND source = ?"};
  Statement move_{db_, "INSERT OR REPLACE INTO checkpoints VALUES(?, ?, ?, ?, ?, ?, ?)"};
  Statement forget_{db_, "DELETE FROM checkpoints WHERE bot = ? AND source = ?"};
  Statement checkpoint_{db_,
                        "SELECT checkpoint, records, source_timestamp, started_timestamp, "
                        "ended_timestamp FROM checkpoints WHERE bot = ? AND source = ?"};
};

template <typename Write>
Result<void> SqliteBus::in_turn(Write&& write) {
  if (auto turn = locks_.take_turn(); !turn) return turn;
  Transaction transaction(db_);
  auto done = transaction.begin();
  if (done) done = write();
  if (done) done = transaction.commit();
  locks_.end_turn();
  if (done) locks_.notify();
  return done;
}

}  // namespace weir
