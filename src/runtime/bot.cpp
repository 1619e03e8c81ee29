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

/// The stages up to number `last`, the first being 1.
std::string stages_up_to(const Pipeline& pipeline, size_t last) {
  std::string text;
  for (size_t i = 0; i < last; ++i) text += (i == 0 ? "" : " then ") + pipeline.written[i];
  return text;
}

/// What a bot holds belongs to the stages that hold it: others would lose it, or take it for
/// theirs.
std::unexpected<Error> other_pipeline(const std::string& bot, const std::string& held) {
  return usage_error("bot " + bot + " holds what other stages have so far (" + held +
                     "): run those once more with --per-run, after which nothing is held, or "
                     "'weir bot reset " +
                     bot + " --state' forgets it");
}

/// True if the stages are those that hold something. What stands behind the last of them may be
/// other.
bool is_of(const Pipeline& pipeline, const BotState& state) {
  const size_t last = state.entries.back().stage;
  if (last > pipeline.written.size()) return false;
  const std::string own = stages_up_to(pipeline, last);
  return state.pipeline == own || state.pipeline.starts_with(own + " then ");
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
  auto state = bus.state(bot, shard);
  if (!state) return std::unexpected(state.error());
  pipeline.state_version = state->version;
  if (state->entries.empty()) return {};
  if (!is_of(pipeline, *state)) return other_pipeline(bot, state->pipeline);
  auto rest = std::span<StateEntry>(state->entries);
  while (!rest.empty()) {
    const uint8_t stage = rest.front().stage;
    const auto other = std::ranges::find_if(
        rest, [stage](const StateEntry& entry) { return entry.stage != stage; });
    const auto own = rest.first(static_cast<size_t>(other - rest.begin()));
    rest = rest.subspan(own.size());
    auto* const op =
        stage == 0 ? nullptr : dynamic_cast<Operator*>(pipeline.stages[stage - 1].get());
    if (op == nullptr || op->keeps() != Keeps::kState || !op->load(own)) {
      return machine_error("bot " + bot + ": what its stages hold (" + state->pipeline +
                           ") cannot be read by this weir: use the one that wrote it, or 'weir "
                           "bot reset " +
                           bot + " --state' forgets it");
    }
  }
  return {};
}

/// What changed of what the stages hold. Also where nothing did, so that a run whose stages were
/// made to forget does not go on.
std::vector<StateMove> state_moves(Pipeline& pipeline, bool moves) {
  StateMove move{
      .bot = pipeline.bus->bot(), .shard = pipeline.bus->shard(), .from = pipeline.state_version};
  size_t last = 0;
  for (size_t i = 0; i < pipeline.stages.size(); ++i) {
    auto* const op = dynamic_cast<Operator*>(pipeline.stages[i].get());
    if (op == nullptr || op->keeps() != Keeps::kState) continue;
    op->save(move.changes);
    last = i + 1;
  }
  const bool is_known = last > 0 && move.from > 0;
  if (move.changes.empty() && !(is_known && moves)) return {};
  move.pipeline = stages_up_to(pipeline, last);
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
  const std::vector<StateMove> states = state_moves(pipeline, !moves.empty());
  if (auto committed = pipeline.bus->commit(moves, states); !committed) return committed;
  pipeline.state_version += states.size();
  pipeline.source->moved();
  for (Sink* sink : sinks) sink->moved();
  return {};
}

}  // namespace weir
