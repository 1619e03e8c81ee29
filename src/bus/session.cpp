#include "bus/session.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/nearest.h"

namespace weir {
namespace {

/// So many small blocks at the end of a queue are joined by who writes there.
constexpr size_t kSmallBlocks = 128;
/// With so many bytes of full blocks a commit is worth its wait for the disk.
constexpr size_t kBytesToCommit = size_t{1} << 20;

}  // namespace

Result<Bus*> BusSession::open(bool make) {
  if (bus_ == nullptr) {
    auto opened = open_sqlite_bus(path_, make && !dry_);
    if (!opened) return std::unexpected(opened.error());
    bus_ = std::move(*opened);
  }
  return bus_.get();
}

Result<Bus*> BusSession::open_to_read(bool make) {
  auto bus = open(make);
  if (bus && *bus == nullptr) return no_bus();
  return bus;
}

std::unexpected<Error> BusSession::no_bus() const {
  return machine_error(path_ + ": there is no bus (--bus FILE or WEIR_BUS says where it is; " +
                       "what writes to a queue makes it)");
}

std::unexpected<Error> BusSession::no_such_queue(const std::string& name,
                                                 const std::vector<std::string>& known) const {
  const std::vector<std::string_view> names(known.begin(), known.end());
  const std::string near(nearest(name, names));
  return machine_error(
      "there is no queue '" + name + "' on " + path_ +
      (near.empty() ? ": 'weir queue ls' lists them" : "; did you mean '" + near + "'?"));
}

Result<std::unique_ptr<Salvage>> BusSession::open_salvage() const {
  auto opened = open_sqlite_salvage(path_);
  if (opened && *opened == nullptr) return no_bus();
  return opened;
}

Result<void> BusSession::make_queue(const std::string& queue) {
  auto bus = open_to_write();
  if (!bus) return std::unexpected(bus.error());
  if (*bus == nullptr) return {};
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

void BusSession::add(Open& queue, Append::Piece piece) {
  ready_bytes_ += piece.block.envelopes.size() + piece.block.payloads.size();
  queue.append.pieces.push_back(std::move(piece));
}

/// Moves what is left in the builder of a queue, if anything, to the blocks that wait.
void BusSession::close_rest(Open& queue, int64_t now) {
  collect(0);
  if (queue.builder->count() > 0) add(queue, close_block(*queue.builder, now));
}

/// The same for a full block, which may be compressed while the next one is filled.
void BusSession::close_full_block(Open& queue) {
  const int64_t now = now_ms();
  if (closer_ == nullptr || !close_ahead(queue, now)) close_rest(queue, now);
}

/// Leaves a full block to the threads. False if there are none to be had.
bool BusSession::close_ahead(Open& queue, int64_t now) {
  collect(closer_->room() - 1);
  auto piece = closer_->close(*queue.builder, now);
  if (!piece) return false;
  closing_.push_back(
      {.queue = &queue, .builder = std::move(queue.builder), .piece = std::move(*piece)});
  if (spare_.empty()) spare_.push_back(std::make_unique<BlockBuilder>());
  queue.builder = std::move(spare_.back());
  spare_.pop_back();
  return true;
}

/// Takes the blocks from the threads that are ready, in order, and waits for others until no more
/// than `leave` are there.
void BusSession::collect(size_t leave) {
  using std::chrono::milliseconds;
  while (!closing_.empty() &&
         (closing_.size() > leave ||
          closing_.front().piece.wait_for(milliseconds(0)) == std::future_status::ready)) {
    Closing& first = closing_.front();
    add(*first.queue, first.piece.get());
    spare_.push_back(std::move(first.builder));
    closing_.pop_front();
  }
}

Result<std::string> BusSession::problem_of(const std::string& queue, const Eid& eid) {
  if (eid.ms >= kLastMillisecond) {
    return "the eid " + eid_text(eid) + " is of the last millisecond that there is";
  }
  Open& to = open_queue(queue);
  if (!to.knows_last) {
    auto bus = open_to_write();
    if (!bus) return std::unexpected(bus.error());
    const auto facts =
        *bus == nullptr ? Result<std::optional<QueueFacts>>(std::nullopt) : (*bus)->queue(queue);
    if (!facts) return std::unexpected(facts.error());
    if (*facts) to.last = std::max(to.last, (*facts)->last);
    // What waits without an eid gets one of now, or later.
    const bool some_wait = to.builder->count() > 0 || !to.append.pieces.empty();
    if (some_wait) to.last = std::max(to.last, std::optional(Eid{.ms = now_ms()}));
    to.knows_last = true;
  }
  if (!to.last || eid > *to.last) return std::string();
  return "the eid " + eid_text(eid) + " lies before " + eid_text(*to.last) +
         ", to which the queue has come, or is the same";
}

Result<void> BusSession::append(const std::string& queue, const BlockBuilder::Event& event) {
  Open& to = open_queue(queue);
  // Events of a block bring their eids along, in order, or none does.
  if (to.builder->count() > 0 && event.eid.has_value() != to.builder->last_given().has_value()) {
    close_rest(to, now_ms());
  }
  if (to.knows_last) to.last = std::max(to.last, event.eid ? event.eid : Eid{.ms = now_ms()});
  to.builder->add(event);
  if (to.builder->is_full()) close_full_block(to);
  return {};
}

Result<void> BusSession::commit(const std::vector<Move>& moves,
                                const std::vector<StateMove>& states) {
  const int64_t now = now_ms();
  for (const auto& queue : queues_) close_rest(*queue, now);
  return commit_pieces(moves, states, now);
}

Result<void> BusSession::commit_full() {
  return ready_bytes_ >= kBytesToCommit ? commit_pieces({}, {}, now_ms()) : Result<void>();
}

/// Commits the blocks that wait.
Result<void> BusSession::commit_pieces(std::span<const Move> moves,
                                       std::span<const StateMove> states, int64_t now) {
  std::vector<Append> appends;
  std::vector<Open*> grown;
  for (const auto& queue : queues_) {
    if (queue->append.pieces.empty()) continue;
    const Block& last = queue->append.pieces.back().block;
    if (Block::is_small(last.count, last.payload_bytes)) grown.push_back(queue.get());
    appends.push_back({.queue = queue->append.queue, .pieces = std::move(queue->append.pieces)});
    queue->append.pieces.clear();
  }
  ready_bytes_ = 0;
  if (dry_ || (appends.empty() && moves.empty() && states.empty())) return {};
  auto bus = open_to_write();
  if (!bus) return std::unexpected(bus.error());
  auto committed = (*bus)->commit(appends, moves, states, now);
  for (size_t i = 0; committed && i < grown.size(); ++i) compact(*grown[i]);
  return committed;
}

/// Joins small blocks at the end of a queue, if many commits, of this run or of those before, have
/// left them. Looks for them after the first commit, and then now and then; while there are many,
/// each commit joins some, so that none waits for all of them.
void BusSession::compact(Open& queue) {
  if (!queue.join_from && queue.small_left > 0) {
    --queue.small_left;
    return;
  }
  const std::string& name = queue.append.queue;
  const auto begin = bus_->small_end(name, kSmallBlocks);
  std::optional<Eid> next;
  if (begin && *begin) {
    // What this run had to write is written. If the disk fails, the next commit says so.
    next = bus_->compact(name, queue.join_from.value_or(**begin)).value_or(std::nullopt);
  }
  queue.join_from = next;
  if (!next) queue.small_left = kSmallBlocks;
}

std::vector<std::string> names_of(const std::vector<QueueFacts>& queues) {
  std::vector<std::string> names;
  for (const QueueFacts& queue : queues) names.push_back(queue.name);
  return names;
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
