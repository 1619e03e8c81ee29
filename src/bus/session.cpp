#include "bus/session.h"

#include <chrono>
#include <cstdlib>
#include <utility>

namespace weir {

Result<Bus*> BusSession::open(bool make) {
  if (bus_ == nullptr) {
    auto opened = open_sqlite_bus(path_, make);
    if (!opened) return std::unexpected(opened.error());
    if (*opened == nullptr) return no_bus();
    bus_ = std::move(*opened);
  }
  return bus_.get();
}

std::unexpected<Error> BusSession::no_bus() const {
  return machine_error(path_ + ": there is no bus (--bus FILE or WEIR_BUS says where it is; " +
                       "what writes to a queue makes it)");
}

Result<std::unique_ptr<Salvage>> BusSession::open_salvage() const {
  auto opened = open_sqlite_salvage(path_);
  if (opened && *opened == nullptr) return no_bus();
  return opened;
}

Result<void> BusSession::make_queue(const std::string& queue) {
  auto bus = open_to_write();
  if (!bus) return std::unexpected(bus.error());
  auto is_there = (*bus)->has_queue(queue);
  if (!is_there) return std::unexpected(is_there.error());
  if (*is_there || dry_) return {};
  const Append nothing{.queue = queue, .pieces = {}};
  return (*bus)->commit({&nothing, 1}, {}, now_ms());
}

BusSession::Open& BusSession::open_queue(const std::string& queue) {
  for (const auto& known : queues_) {
    if (known->append.queue == queue) return *known;
  }
  queues_.push_back(std::make_unique<Open>());
  queues_.back()->append.queue = queue;
  return *queues_.back();
}

/// Moves what the builder has, if anything, to the blocks that wait.
void BusSession::close_block(Open& queue, int64_t now) {
  if (queue.builder.count() == 0) return;
  const std::optional<Eid> first = queue.builder.first_given();
  const std::optional<Eid> last = queue.builder.last_given();
  queue.append.pieces.push_back({.block = queue.builder.take(now), .first = first, .last = last});
}

Result<void> BusSession::append(const std::string& queue, const BlockBuilder::Event& event) {
  Open& to = open_queue(queue);
  // Events of a block bring their eids along, in order, or none does.
  if (to.builder.count() > 0 && event.eid.has_value() != to.builder.last_given().has_value()) {
    close_block(to, now_ms());
  }
  if (event.eid && to.builder.last_given() && *event.eid <= *to.builder.last_given()) {
    return machine_error("queue:" + queue + ": the eid " + eid_text(*event.eid) +
                         " stands behind " + eid_text(*to.builder.last_given()) +
                         ", and eids only grow");
  }
  to.builder.add(event);
  if (to.builder.is_full()) {
    close_block(to, now_ms());
    ++full_blocks_;
  }
  return {};
}

Result<void> BusSession::commit(std::vector<Move> moves) {
  const int64_t now = now_ms();
  std::vector<Append> appends;
  for (const auto& queue : queues_) {
    close_block(*queue, now);
    if (queue->append.pieces.empty()) continue;
    appends.push_back({.queue = queue->append.queue, .pieces = std::move(queue->append.pieces)});
    queue->append.pieces.clear();
  }
  full_blocks_ = 0;
  if (dry_ || (appends.empty() && moves.empty())) return {};
  auto bus = open_to_write();
  if (!bus) return std::unexpected(bus.error());
  return (*bus)->commit(appends, moves, now);
}

std::string bus_path(std::string_view given, std::string_view variable) {
  if (!given.empty()) return std::string(given);
  if (!variable.empty()) return std::string(variable);
  const auto environment = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  // A relative path there is to be ignored.
  std::string state = environment("XDG_STATE_HOME");
  if (!state.starts_with('/')) state = environment("HOME") + "/.local/state";
  return state + "/weir/weir.bus";
}

int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace weir
