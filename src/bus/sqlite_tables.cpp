#include "bus/sqlite_tables.h"

#include <algorithm>
#include <string>

namespace weir {
namespace {

/// Adds to each bot what is to be said of the states that it has.
Result<void> read_states(Database& database, std::vector<BotFacts>& bots) {
  Statement asked(database,
                  "SELECT bot, shard, version, pipeline, entries, checksum = " WEIR_STATE_CRC
                  " FROM states ORDER BY bot, shard");
  if (auto bound = asked.bind(); !bound) return bound;
  while (true) {
    const auto row = asked.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    const auto bot = std::ranges::find(bots, asked.text(0), &BotFacts::name);
    if (bot == bots.end()) continue;  // it came since the bots were read
    bot->states.push_back({.shard = static_cast<uint32_t>(asked.number(1)),
                           .version = static_cast<uint64_t>(asked.number(2)),
                           .pipeline = asked.text(3),
                           .entries = static_cast<uint64_t>(asked.number(4)),
                           .intact = asked.number(5) != 0});
  }
}

std::unexpected<Error> damaged_state(std::string_view bot) {
  const std::string name(bot);
  return machine_error("bot " + name + ": what its stages hold is damaged: 'weir bot reset " +
                       name + " --state' forgets it");
}

}  // namespace

Result<std::vector<BotFacts>> read_bots(Database& database) {
  Statement asked(
      database,
      "SELECT names.name, paused, source, checkpoint, records, source_timestamp, "
      "started_timestamp, ended_timestamp, owner, description, checksum = " WEIR_CHECKPOINT_CRC
      // Of a damaged name the rest is to be found all the same.
      " FROM (SELECT name FROM bots UNION SELECT bot FROM checkpoints UNION SELECT bot FROM "
      "states) "
      "AS names LEFT JOIN bots ON bots.name = names.name LEFT JOIN checkpoints ON bot = names.name "
      "ORDER BY names.name, source");
  if (auto bound = asked.bind(); !bound) return std::unexpected(bound.error());
  std::vector<BotFacts> all;
  while (true) {
    const auto row = asked.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    const std::string name = asked.text(0);
    if (all.empty() || all.back().name != name) {
      all.push_back({.name = name,
                     .paused = asked.number(1) != 0,
                     .words = {.owner = asked.text(8), .description = asked.text(9)},
                     .checkpoints = {}});
    }
    if (asked.is_null(2)) continue;
    all.back().checkpoints.push_back(
        {.source = asked.text(2),
         .checkpoint = {.position = asked.text(3),
                        .records = static_cast<uint64_t>(asked.number(4)),
                        .source_timestamp = asked.number(5),
                        .started_timestamp = asked.number(6),
                        .ended_timestamp = asked.number(7)},
         .intact = asked.number(10) != 0});
  }
  if (auto read = read_states(database, all); !read) return std::unexpected(read.error());
  return all;
}

Result<BotState> read_state(Database& database, std::string_view bot, uint32_t shard) {
  Statement asked(database, "SELECT version, pipeline, entries, checksum = " WEIR_STATE_CRC
                            " FROM states WHERE bot = ? AND shard = ?");
  if (auto bound = asked.bind(bot, shard); !bound) return std::unexpected(bound.error());
  const auto row = asked.step();
  if (!row) return std::unexpected(row.error());
  BotState state;
  uint64_t entries = 0;
  if (*row) {
    state.version = static_cast<uint64_t>(asked.number(0));
    state.pipeline = asked.text(1);
    entries = static_cast<uint64_t>(asked.number(2));
    if (asked.number(3) == 0) return damaged_state(bot);
  }
  Statement all(database, "SELECT stage, key, value, checksum = " WEIR_ENTRY_CRC
                          " FROM state_entries WHERE bot = ? AND shard = ? ORDER BY stage, key");
  if (auto bound = all.bind(bot, shard); !bound) return std::unexpected(bound.error());
  while (true) {
    const auto one = all.step();
    if (!one) return std::unexpected(one.error());
    if (!*one) break;
    if (all.number(3) == 0) return damaged_state(bot);
    state.entries.push_back(
        {.stage = static_cast<uint8_t>(all.number(0)), .key = all.text(1), .value = all.text(2)});
  }
  if (state.entries.size() != entries) return damaged_state(bot);
  return state;
}

}  // namespace weir
