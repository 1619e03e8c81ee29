#include "bus/sqlite_tables.h"

#include <string>

namespace weir {

Result<std::vector<BotFacts>> read_bots(Database& database) {
  Statement asked(
      database,
      "SELECT name, paused, source, checkpoint, records, source_timestamp, "
      "started_timestamp, ended_timestamp, owner, description, checksum = " WEIR_CHECKPOINT_CRC
      " FROM bots LEFT JOIN checkpoints "
      "ON bot = name ORDER BY name, source");
  if (auto bound = asked.bind(); !bound) return std::unexpected(bound.error());
  std::vector<BotFacts> all;
  while (true) {
    const auto row = asked.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return all;
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
}

}  // namespace weir
