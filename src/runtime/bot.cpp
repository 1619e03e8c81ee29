#include "runtime/bot.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir {

namespace {

Result<void> enter(const BusSession& session, Bus& bus) {
  const uint32_t shard = session.shard();
  auto locked = bus.lock_bot(session.bot(), shard);
  if (!locked) return std::unexpected(locked.error());
  if (!*locked) {
    return machine_error((shard == 0 ? "" : "shard " + std::to_string(shard) + " of ") + "bot " +
                         session.bot() + " is running already" +
                         (shard == 0 ? "" : ", or the bot without --shard"));
  }
  auto paused = bus.is_paused(session.bot());
  if (!paused) return std::unexpected(paused.error());
  if (!*paused) return {};
  return std::unexpected(Error{ErrorKind::kClosed, "bot " + session.bot() +
                                                       " is paused: 'weir bot resume " +
                                                       session.bot() + "' lets it run again"});
}

/// What a bot holds belongs to the stages that hold it: others would lose it, or take it for
/// theirs.
std::unexpected<Error> other_pipeline(const std::string& bot, const std::string& held) {
  return usage_error("bot " + bot + " holds what other stages have so far (" + held +
                     "): run those again, or 'weir bot reset " + bot + " --state' forgets it");
}

Result<void> load_state(Pipeline& pipeline, Bus& bus) {
  const std::string& bot = pipeline.bus->bot();
  const uint32_t shard = pipeline.bus->shard();
  // What it held of the queue as a whole, before it was divided.
  if (shard != 0) {
    const auto whole = bus.state(bot, 0);
    if (!whole) return std::unexpected(whole.error());
    if (!whole->entries.empty()) return other_pipeline(bot, whole->pipeline + ", not in shards");
  }
  const auto state = bus.state(bot, shard);
  if (!state) return std::unexpected(state.error());
  pipeline.state_version = state->version;
  if (state->entries.empty()) return {};
  if (state->pipeline != pipeline.with_state) return other_pipeline(bot, state->pipeline);
  auto rest = std::span<const StateEntry>(state->entries);
  while (!rest.empty()) {
    const uint8_t stage = rest.front().stage;
    const auto other = std::ranges::find_if(
        rest, [stage](const StateEntry& entry) { return entry.stage != stage; });
    const auto own = rest.first(static_cast<size_t>(other - rest.begin()));
    rest = rest.subspan(own.size());
    const bool is_there = stage > 0 && stage <= pipeline.stages.size();
    auto* const op = is_there ? dynamic_cast<Operator*>(pipeline.stages[stage - 1].get()) : nullptr;
    if (op == nullptr || op->keeps() != Keeps::kState || !op->load(own)) {
      return machine_error("bot " + bot + ": what its stages hold (" + state->pipeline +
                           ") cannot be read by this weir: use the one that wrote it, or 'weir "
                           "bot reset " +
                           bot + " --state' forgets it");
    }
  }
  return {};
}

/// What changed of what the stages hold.
std::vector<StateMove> state_moves(Pipeline& pipeline) {
  StateMove move{.bot = pipeline.bus->bot(),
                 .shard = pipeline.bus->shard(),
                 .from = pipeline.state_version,
                 .pipeline = pipeline.with_state};
  for (const auto& stage : pipeline.stages) {
    auto* const op = dynamic_cast<Operator*>(stage.get());
    if (op != nullptr && op->keeps() == Keeps::kState) op->save(move.changes);
  }
  if (move.changes.empty()) return {};
  return {std::move(move)};
}

}  // namespace

Result<void> open_bot(Pipeline& pipeline) {
  if (!pipeline.bus->has_bot()) return {};
  auto bus = pipeline.bus->open_to_write();
  if (!bus) return std::unexpected(bus.error());
  // A dry run may find no bus: there is nobody that it could disturb.
  if (*bus == nullptr) return {};
  if (auto entered = enter(*pipeline.bus, **bus); !entered) return entered;
  return load_state(pipeline, **bus);
}

Result<void> commit_bot(Pipeline& pipeline) {
  if (!pipeline.bus->has_bot()) return {};
  std::vector<Sink*> sinks = {pipeline.sink.get()};
  for (Branch* branch : pipeline.branches) sinks.push_back(branch->sink.get());
  std::vector<Move> moves = pipeline.source->moves();
  for (Sink* sink : sinks) {
    auto more = sink->prepare();
    if (!more) return std::unexpected(more.error());
    moves.insert(moves.end(), more->begin(), more->end());
  }
  const std::vector<StateMove> states = state_moves(pipeline);
  if (auto committed = pipeline.bus->commit(moves, states); !committed) return committed;
  pipeline.state_version += states.size();
  pipeline.source->moved();
  for (Sink* sink : sinks) sink->moved();
  return {};
}

}  // namespace weir
