// What the stages of a bot remember from run to run, beside how far it has read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir {

/// One thing that a stage remembers.
struct StateEntry {
  uint8_t stage = 0;  ///< its place in the pipeline
  std::string key;    ///< its own name for it
  std::string value;  ///< any bytes
};

/// What became of one of them: a new value, or none any more.
struct StateChange {
  uint8_t stage = 0;
  std::string key;
  std::optional<std::string> value;
};

/// All that the stages of a bot, or of one shard of it, remember.
struct BotState {
  uint64_t version = 0;                  ///< how often it was changed; 0: never
  std::string pipeline;                  ///< the stages that it is of
  std::vector<StateEntry> entries = {};  ///< by stage and key, in the order of their bytes
};

/// The same as far as it is listed.
struct BotStateFacts {
  uint32_t shard = 0;  ///< 0: of the bot as a whole
  uint64_t version = 0;
  std::string pipeline = {};
  uint64_t entries = 0;
  bool intact = true;  ///< the checksum of this fits; Bus::state looks at the entries, too
};

/// A state to be changed, if it still is what the bot believes.
struct StateMove {
  std::string bot;
  uint32_t shard = 0;
  uint64_t from = 0;          ///< the version that it must have now
  std::string pipeline = {};  ///< the stages that it is of from now on
  std::vector<StateChange> changes = {};
  bool forgets = false;  ///< all of it is removed before the changes
};

}  // namespace weir
