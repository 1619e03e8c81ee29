// What stages that hold events have in common.
#pragma once

#include <string>
#include <string_view>

#include "base/memory_budget.h"
#include "base/result.h"

namespace weir {

/// The error of a stage that holds `events` events and with them more than the memory allows.
inline std::unexpected<Error> holds_too_much(std::string_view verb, size_t events,
                                             const MemoryWatch& memory) {
  return machine_error(std::string(verb) + " holds " + std::to_string(events) +
                       " events, and that is more than --memory allows (" +
                       std::to_string(memory.limit() >> 20) +
                       " MiB): raise it, or ask for fewer events");
}

}  // namespace weir
