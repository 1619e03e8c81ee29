// What every engine's bus must do: tests over the interface, to be run on any.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bus/bus.h"

namespace weir {

/// Opens the bus that the test at hand uses, again and again: what was committed is there.
using OpenBus = std::function<std::unique_ptr<Bus>()>;

/// Runs all tests on new and empty buses: `fresh` makes the next one.
void run_bus_suite(const std::function<OpenBus()>& fresh);

/// Of these, those that are about bots.
void run_bots_suite(const std::function<OpenBus()>& fresh);

/// And the one that does what chance wants, beside a model.
void run_model_suite(const std::function<OpenBus()>& fresh);

inline Move move_of(const std::string& from, const std::string& to) {
  return {.bot = "b", .source = "queue:q", .from = from, .to = {.position = to, .records = 7}};
}

/// Blocks of these events, without eids.
inline Append append_of(const std::string& queue, const std::vector<std::string>& events,
                        int64_t now = 1000) {
  BlockBuilder builder;
  for (const std::string& event : events) {
    BlockBuilder::Event one;
    one.payload = event;
    builder.add(one);
  }
  Append append{.queue = queue, .pieces = {}};
  append.pieces.push_back({.block = builder.take(now)});
  return append;
}

/// All events of a queue from an eid on, as "EID PAYLOAD".
std::vector<std::string> events_of(Bus& bus, const std::string& queue, const Reading& reading = {});

}  // namespace weir
