// What who uses the bus in a SQLite file knows of it, and who looks what is left of one.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "bus/bus.h"
#include "bus/sqlite.h"

namespace weir {

/// The application_id and the user_version of the file.
constexpr int64_t kBusApplication = 0x77656972;  // "weir"
constexpr int64_t kBusVersion = 2;

/// All bots by name, with what they remember.
Result<std::vector<BotFacts>> read_bots(Database& database);

}  // namespace weir
