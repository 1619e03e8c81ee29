// What the stages of bots remember, in the SQLite file.
#include "bus/sqlite_bus.h"

namespace weir {
namespace {

/// Whether the last statement changed a row.
bool has_changed(Database& database) { return sqlite3_changes(database.handle()) > 0; }

}  // namespace

Result<void> SqliteBus::change_state(const StateMove& move) {
  if (auto made = make_bot_.run(move.bot); !made) return made;
  if (auto bound = find_state_.bind(move.bot, move.shard); !bound) return bound;
  const auto row = find_state_.step();
  if (!row) return std::unexpected(row.error());
  const uint64_t version = *row ? static_cast<uint64_t>(find_state_.number(0)) : 0;
  const uint64_t before = *row ? static_cast<uint64_t>(find_state_.number(1)) : 0;
  find_state_.end();
  if (version != move.from) {
    return machine_error("stale checkpoint: what bot " + move.bot +
                         " holds was changed since this run began; nothing was written");
  }
  const auto entries = change_entries(move, before);
  if (!entries) return std::unexpected(entries.error());
  return set_state_.run(move.bot, move.shard, version + 1, move.pipeline, *entries);
}

/// Changes the entries, of which there are so many. Answers how many there are then.
Result<uint64_t> SqliteBus::change_entries(const StateMove& move, uint64_t entries) {
  if (move.forgets) {
    auto removed = remove_entries_.run(move.bot, move.shard);
    if (!removed) return std::unexpected(removed.error());
    entries = 0;
  }
  for (const StateChange& change : move.changes) {
    const uint32_t stage = change.stage;
    if (!change.value) {
      auto removed = remove_entry_.run(move.bot, move.shard, stage, change.key);
      if (!removed) return std::unexpected(removed.error());
      if (has_changed(db_)) --entries;
      continue;
    }
    const Statement::Blob value{*change.value};
    auto done = change_entry_.run(move.bot, move.shard, stage, change.key, value);
    if (done && !has_changed(db_)) {
      done = add_entry_.run(move.bot, move.shard, stage, change.key, value);
      ++entries;
    }
    if (!done) return std::unexpected(done.error());
  }
  return entries;
}

Result<BotState> SqliteBus::state(std::string_view bot, uint32_t shard) {
  Transaction snapshot(db_);
  if (auto begun = snapshot.begin_to_read(); !begun) return std::unexpected(begun.error());
  return read_state(db_, bot, shard);
}

}  // namespace weir
