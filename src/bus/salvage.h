// What is left of a bus that may be damaged, for those who look what is lost and save the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bus/bus.h"

namespace weir {

/// Reads a bus as far as it can be read. Nothing is written to it.
class Salvage {
 public:
  /// Something that was found, or that was found to be missing.
  struct Find {
    Append::Piece piece;  ///< with its eids; empty if it is lost
    std::string damage;   ///< what is damaged, as a sentence; empty if nothing is
    /// How many events are lost with a damaged block, and the last of them. Where it is not known
    /// what is lost, there is no last one.
    uint64_t lost = 0;
    std::optional<Eid> last_lost = {};
  };

  virtual ~Salvage() = default;

  /// What is wrong with the bus as a whole; empty if nothing is.
  virtual std::string damage() const = 0;
  /// All queues by name.
  virtual Result<std::vector<std::string>> queues() = 0;
  /// How far a queue had come, as far as that can be read.
  virtual QueueMarks marks(std::string_view queue) = 0;
  /// The next that is found in a queue, in order, beginning anew with another queue; nothing at its
  /// end. Every event of it was decoded.
  virtual std::optional<Find> next(std::string_view queue) = 0;
  virtual Result<std::vector<BotFacts>> bots() = 0;
  /// As Bus::state has it.
  virtual Result<BotState> state(std::string_view bot, uint32_t shard) = 0;
};

/// Opens the bus in the SQLite file at `path`. Null if there is none.
Result<std::unique_ptr<Salvage>> open_sqlite_salvage(const std::string& path);

}  // namespace weir
