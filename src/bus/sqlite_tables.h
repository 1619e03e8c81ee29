// What who uses the bus in a SQLite file knows of it, and who looks what is left of one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bus/bus.h"
#include "bus/sqlite.h"

namespace weir {

/// The application_id and the user_version of the file.
constexpr int64_t kBusApplication = 0x77656972;  // "weir"
constexpr int64_t kBusVersion = 4;

/// The one schema, in the words that SQLite keeps. Eids are texts: their order is the order of the
/// queue, and a person can read them.
inline constexpr std::array kBusSchema = {
    R"(CREATE TABLE queues(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  last_eid TEXT NOT NULL DEFAULT '',
  trimmed_eid TEXT NOT NULL DEFAULT '',
  checksum INTEGER NOT NULL DEFAULT 0))",
    R"(CREATE TABLE blocks(
  id INTEGER PRIMARY KEY,
  queue INTEGER NOT NULL REFERENCES queues,
  first_eid TEXT NOT NULL,
  last_eid TEXT NOT NULL,
  events INTEGER NOT NULL,
  payload_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL,
  least_time INTEGER NOT NULL,
  greatest_time INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  envelopes BLOB NOT NULL,
  payloads BLOB NOT NULL))",
    R"(CREATE UNIQUE INDEX blocks_by_eid ON blocks(
  queue, last_eid, first_eid, greatest_time, least_time, events, payload_bytes, stored_bytes))",
    R"(CREATE TABLE bots(
  name TEXT PRIMARY KEY,
  paused INTEGER NOT NULL DEFAULT 0,
  owner TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT ''))",
    R"(CREATE TABLE checkpoints(
  bot TEXT NOT NULL,
  source TEXT NOT NULL,
  checkpoint TEXT NOT NULL,
  records INTEGER NOT NULL,
  source_timestamp INTEGER NOT NULL,
  started_timestamp INTEGER NOT NULL,
  ended_timestamp INTEGER NOT NULL,
  checksum INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(bot, source)) WITHOUT ROWID)",
    R"(CREATE TABLE states(
  bot TEXT NOT NULL,
  shard INTEGER NOT NULL,
  version INTEGER NOT NULL,
  pipeline TEXT NOT NULL,
  entries INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY(bot, shard)) WITHOUT ROWID)",
    R"(CREATE TABLE state_entries(
  bot TEXT NOT NULL,
  shard INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY(bot, shard, stage, key)) WITHOUT ROWID)"};
/// The first of those that came with version 4.
constexpr size_t kSinceVersion4 = 5;
static_assert(std::string_view(kBusSchema[kSinceVersion4]).starts_with("CREATE TABLE states("));

/// What the checksums should be.
#define WEIR_QUEUE_CRC "weir_crc(id, name, last_eid, trimmed_eid)"
#define WEIR_CHECKPOINT_CRC                                                          \
  "weir_crc(bot, source, checkpoint, records, source_timestamp, started_timestamp, " \
  "ended_timestamp)"
#define WEIR_STATE_CRC "weir_crc(bot, shard, version, pipeline, entries)"
#define WEIR_ENTRY_CRC "weir_crc(bot, shard, stage, key, value)"

/// All bots by name, with what they remember.
Result<std::vector<BotFacts>> read_bots(Database& database);
/// What the stages of a bot remember, see Bus::state.
Result<BotState> read_state(Database& database, std::string_view bot, uint32_t shard);

}  // namespace weir
