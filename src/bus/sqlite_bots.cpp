// Bots and their checkpoints in the SQLite file.
#include <algorithm>

#include "bus/sqlite_bus.h"

namespace weir {

Result<void> SqliteBus::move(const Move& move) {
  if (auto made = make_bot_.run(move.bot); !made) return made;
  if (auto bound = find_move_.bind(move.bot, move.source); !bound) return bound;
  const auto row = find_move_.step();
  if (!row) return std::unexpected(row.error());
  const std::string at = *row ? find_move_.text(0) : "";
  find_move_.end();
  if (at != move.from || (move.exists && !*row)) {
    return machine_error("stale checkpoint: bot " + move.bot + " stood at " +
                         (move.from.empty() ? "the beginning" : move.from) + " of " + move.source +
                         " when this run began, and has been moved to " +
                         (at.empty() ? "the beginning" : at) + " since; nothing was written");
  }
  if (move.forgets) return forget_.run(move.bot, move.source);
  return move_.run(move.bot, move.source, move.to.position, move.to.records,
                   move.to.source_timestamp, move.to.started_timestamp, move.to.ended_timestamp);
}

Result<Checkpoint> SqliteBus::checkpoint(std::string_view bot, std::string_view source) {
  if (auto bound = checkpoint_.bind(bot, source); !bound) return std::unexpected(bound.error());
  const auto row = checkpoint_.step();
  if (!row) return std::unexpected(row.error());
  Checkpoint found;
  if (*row) {
    found = {.position = checkpoint_.text(0),
             .records = static_cast<uint64_t>(checkpoint_.number(1)),
             .source_timestamp = checkpoint_.number(2),
             .started_timestamp = checkpoint_.number(3),
             .ended_timestamp = checkpoint_.number(4),
             .is_there = true};
  }
  const bool is_intact = !*row || checkpoint_.number(5) != 0;
  checkpoint_.end();
  if (!is_intact) {
    const std::string name(bot);
    const std::string where(source);
    return machine_error("bot " + name + ": its checkpoint in " + where +
                         " is damaged: 'weir bot reset " + name + " --source " + where +
                         (where.starts_with("queue:") ? " --to WHEN" : "") + "' sets it anew");
  }
  return found;
}

Result<bool> SqliteBus::remove_bot(std::string_view bot) {
  bool was_there = false;
  auto done = in_turn([&]() -> Result<void> {
    Statement checkpoints(db_, "DELETE FROM checkpoints WHERE bot = ?");
    if (auto removed = checkpoints.run(bot); !removed) return removed;
    Statement states(db_, "DELETE FROM states WHERE bot = ?");
    if (auto removed = states.run(bot); !removed) return removed;
    Statement entries(db_, "DELETE FROM state_entries WHERE bot = ?");
    if (auto removed = entries.run(bot); !removed) return removed;
    Statement itself(db_, "DELETE FROM bots WHERE name = ?");
    auto removed = itself.run(bot);
    was_there = sqlite3_changes(db_.handle()) > 0;
    return removed;
  });
  if (!done) return std::unexpected(done.error());
  return was_there;
}

Result<void> SqliteBus::pause_bot(std::string_view bot, bool paused) {
  return in_turn([&]() -> Result<void> {
    if (auto made = make_bot_.run(bot); !made) return made;
    Statement pause(db_, "UPDATE bots SET paused = ? WHERE name = ?");
    return pause.run(paused, bot);
  });
}

Result<bool> SqliteBus::is_paused(std::string_view bot) {
  Statement asked(db_, "SELECT paused FROM bots WHERE name = ?");
  if (auto bound = asked.bind(bot); !bound) return std::unexpected(bound.error());
  const auto row = asked.step();
  if (!row) return std::unexpected(row.error());
  return *row && asked.number(0) != 0;
}

Result<void> SqliteBus::describe_bot(std::string_view bot, const BotWords& words) {
  return in_turn([&]() -> Result<void> {
    if (auto made = make_bot_.run(bot); !made) return made;
    Statement describe(db_, "UPDATE bots SET owner = ?, description = ? WHERE name = ?");
    return describe.run(words.owner, words.description, bot);
  });
}

/// The split that the checkpoints of the shards tell.
Result<std::optional<Split>> SqliteBus::find_split(std::string_view bot, std::string_view source) {
  Statement asked(db_,
                  "SELECT source FROM checkpoints WHERE bot = ?1 AND "
                  "substr(source, 1, length(?2) + 1) = ?2 || '#' LIMIT 1");
  if (auto bound = asked.bind(bot, source); !bound) return std::unexpected(bound.error());
  const auto row = asked.step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  const SourceParts parts = read_source(asked.text(0));
  return parts.shard ? std::optional(parts.shard->split) : std::nullopt;
}

/// Puts the checkpoints of all shards in the place of that of the whole source.
Result<void> SqliteBus::make_shards(std::string_view bot, std::string_view source,
                                    const Split& wanted) {
  auto whole = checkpoint(bot, source);
  if (!whole) return std::unexpected(whole.error());
  if (!whole->is_there) {
    const auto trimmed = this->trimmed(source.substr(source.find(':') + 1));
    if (!trimmed) return std::unexpected(trimmed.error());
    if (*trimmed) whole->position = eid_text(**trimmed);
  }
  if (auto made = make_bot_.run(bot); !made) return made;
  for (uint32_t number = 1; number <= wanted.count; ++number) {
    const std::string shard = shard_source(source, {.number = number, .split = wanted});
    auto made = move_.run(bot, shard, whole->position, uint64_t{0}, whole->source_timestamp,
                          whole->started_timestamp, whole->ended_timestamp);
    if (!made) return made;
  }
  return forget_.run(bot, source);
}

Result<std::optional<Split>> SqliteBus::split(std::string_view bot, std::string_view source,
                                              const std::optional<Split>& wanted) {
  auto found = find_split(bot, source);
  if (!found || *found || !wanted) return found;
  auto done = in_turn([&]() -> Result<void> {
    found = find_split(bot, source);
    if (!found) return std::unexpected(found.error());
    if (*found) return {};
    found = wanted;
    return make_shards(bot, source, *wanted);
  });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<bool> SqliteBus::lock_bot(std::string_view bot, uint32_t shard) {
  if (shard == 0) return locks_.try_lock(bot);
  auto locked = locks_.try_lock(bot, LockFile::Hold::kShared);
  if (!locked || !*locked) return locked;
  return locks_.try_lock(std::string(bot) + "#" + std::to_string(shard));
}

}  // namespace weir
