#include "cli/fsck.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/file.h"

namespace weir {
namespace {

/// What was found in a queue, or several.
struct Checked {
  uint64_t events = 0;  ///< as they were written
  uint64_t lost = 0;
  bool may_miss_more = false;    ///< it cannot be known what else is lost
  std::optional<Eid> last_lost;  ///< of a queue
  std::string damage;            ///< a line for each
};

std::string events_text(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " event" : " events");
}

/// "4 of 7 events are as they were written"
std::string describe(const Checked& checked) {
  const uint64_t all = checked.events + checked.lost;
  return (checked.lost == 0 ? "" : std::to_string(checked.events) + " of ") + events_text(all) +
         (all == 1 ? " is as it was written" : " are as they were written") +
         (checked.may_miss_more ? ", and others may be lost that nothing tells of" : "");
}

/// Reads all blocks of a queue. What is not damaged goes to `saved`, if there is one.
Result<Checked> check_queue(Salvage& bus, const std::string& queue, Bus* saved) {
  Checked checked;
  while (auto found = bus.next(queue)) {
    if (!found->damage.empty()) {
      checked.damage += "queue:" + queue + ": " + found->damage + "\n";
    }
    if (found->piece.block.count == 0) {
      checked.lost += found->lost;
      checked.may_miss_more |= !found->last_lost;
      if (found->last_lost) checked.last_lost = found->last_lost;
      continue;
    }
    checked.events += found->piece.block.count;
    if (saved == nullptr) continue;
    Append append{.queue = queue, .pieces = {}};
    append.pieces.push_back(std::move(found->piece));
    if (auto done = saved->commit({&append, 1}, {}, now_ms()); !done) {
      return std::unexpected(done.error());
    }
  }
  // Also where its last events were trimmed or are lost, eids go on behind them.
  QueueMarks marks = bus.marks(queue);
  if (!marks.intact) {
    checked.damage += "queue:" + queue + ": its name, or how far it has come, is damaged\n";
    marks = {};
  }
  if (checked.may_miss_more && marks.last) checked.last_lost = marks.last;
  if (saved != nullptr) {
    if (auto done = saved->mark(queue, marks); !done) return std::unexpected(done.error());
  }
  return checked;
}

/// The bots for which something is missing in a queue that they had not come to, a line each.
std::string describe_losers(const std::vector<BotFacts>& bots, const std::string& queue,
                            const Checked& checked) {
  std::string text;
  for (const BotFacts& bot : bots) {
    const bool loses = std::ranges::any_of(bot.checkpoints, [&](const BotCheckpoint& at) {
      if (read_source(at.source).source != "queue:" + queue) return false;
      const auto position = parse_eid(at.checkpoint.position);
      return checked.last_lost && (!position || *position < *checked.last_lost);
    });
    if (!loses) continue;
    text += "queue:" + queue + ": bot " + bot.name +
            (checked.may_miss_more ? " may not have read all that is lost\n"
                                   : " had not read all that is lost\n");
  }
  return text;
}

/// The new bus that --salvage names; null where it is not given.
Result<std::unique_ptr<Bus>> open_salvage(const Arguments& arguments) {
  if (!arguments.has(kSalvage)) return std::unique_ptr<Bus>();
  const std::string path(arguments.get(kSalvage));
  if (path.empty()) return usage_error("queue fsck: --salvage: the name of the file is empty");
  struct stat status {};
  const int found = system_files().status(path, status);
  if (found == 0) {
    return usage_error("queue fsck: --salvage makes a new bus, and '" + path +
                       "' is there already");
  }
  // As any output, and unlike the bus that everybody writes to, it gets no folders of its own.
  const std::string folder = folder_of(path);
  if (found == -ENOENT && system_files().status(folder, status) == -ENOENT) {
    return machine_error(path + ": cannot be made: there is no folder '" + folder + "'");
  }
  return open_sqlite_bus(path, true);
}

/// What the stages of a bot hold, to be written as it is. A line of what is damaged goes to
/// `damage`.
std::vector<StateMove> read_states(Salvage& bus, const BotFacts& bot, std::string& damage) {
  std::vector<StateMove> moves;
  for (const BotStateFacts& facts : bot.states) {
    const auto state = bus.state(bot.name, facts.shard);
    if (!state) {
      damage += "bot " + bot.name +
                (facts.shard == 0 ? "" : ", shard " + std::to_string(facts.shard)) +
                ": what its stages hold is damaged, and lost unless 'weir bot reset " + bot.name +
                "' has all read again\n";
      continue;
    }
    StateMove move{.bot = bot.name, .shard = facts.shard, .pipeline = state->pipeline};
    for (const StateEntry& entry : state->entries) {
      move.changes.push_back({.stage = entry.stage, .key = entry.key, .value = entry.value});
    }
    moves.push_back(std::move(move));
  }
  return moves;
}

/// Looks at what bots remember, and writes it to `saved`, which may be null.
Result<void> check_bots(Salvage& bus, const std::vector<BotFacts>& bots, std::string& damage,
                        Bus* saved) {
  for (const BotFacts& bot : bots) {
    for (const BotCheckpoint& at : bot.checkpoints) {
      if (at.intact) continue;
      damage += "bot " + bot.name + ": its checkpoint in " + at.source + " is damaged\n";
    }
    const std::vector<StateMove> states = read_states(bus, bot, damage);
    if (saved == nullptr) continue;
    std::vector<Move> moves;
    for (const BotCheckpoint& at : bot.checkpoints) {
      moves.push_back({.bot = bot.name, .source = at.source, .from = {}, .to = at.checkpoint});
    }
    auto done = saved->commit({}, moves, states, now_ms());
    if (done && bot.paused) done = saved->pause_bot(bot.name, true);
    if (done && bot.words != BotWords()) done = saved->describe_bot(bot.name, bot.words);
    if (!done) return done;
  }
  return {};
}

/// All queues, or the one.
Result<std::vector<std::string>> queues_of(Salvage& bus, const std::string& name,
                                           const BusSession& session) {
  auto queues = bus.queues();
  if (!queues || name.empty()) return queues;
  if (std::ranges::find(*queues, name) == queues->end()) {
    return session.no_such_queue(name, *queues);
  }
  return std::vector{name};
}

}  // namespace

Result<Answer> check_queues(const BusSession& session, const std::string& name,
                            const Arguments& arguments) {
  // Who opens an empty file makes a bus of it.
  struct stat status {};
  const bool is_empty = system_files().status(session.path(), status) == 0 && status.st_size == 0;
  auto bus = session.open_salvage();
  if (!bus) return std::unexpected(bus.error());
  const auto queues = queues_of(**bus, name, session);
  if (!queues) return std::unexpected(queues.error());
  auto saved = open_salvage(arguments);
  if (!saved) return std::unexpected(saved.error());
  Checked all;
  if (const std::string damage = (*bus)->damage(); !damage.empty()) {
    all.damage = session.path() + ": " + damage + "\n";
  }
  if (is_empty) {
    all.damage += session.path() + ": was empty: all of it was cut off, or nothing ever written\n";
  }
  auto bots = (*bus)->bots();
  if (!bots) {
    all.damage += session.path() + ": what the bots remember cannot be read\n";
    bots.emplace();
  } else if (auto done = check_bots(**bus, *bots, all.damage, saved->get()); !done) {
    return std::unexpected(done.error());
  }
  for (const std::string& queue : *queues) {
    const auto checked = check_queue(**bus, queue, saved->get());
    if (!checked) return std::unexpected(checked.error());
    all.events += checked->events;
    all.lost += checked->lost;
    all.may_miss_more |= checked->may_miss_more;
    if (checked->damage.empty()) continue;
    all.damage += checked->damage;
    // Of one queue alone the last line says it.
    if (queues->size() > 1) all.damage += "queue:" + queue + ": " + describe(*checked) + "\n";
    all.damage += describe_losers(*bots, queue, *checked);
  }
  Answer answer{.text = all.damage, .status = all.damage.empty() ? 0 : 1};
  answer.text += std::to_string(queues->size()) + (queues->size() == 1 ? " queue, " : " queues, ");
  if (all.lost > 0 || all.may_miss_more) {
    answer.text += describe(all) + "\n";
  } else {
    answer.text += events_text(all.events) + (all.damage.empty() ? ": all" : " are found,") +
                   " as they were written\n";
  }
  if (*saved != nullptr) {
    answer.text += std::string(arguments.get(kSalvage)) + ": " + events_text(all.events) +
                   " saved, " + (all.may_miss_more ? "at least " : "") + std::to_string(all.lost) +
                   " lost\n";
  }
  return answer;
}

}  // namespace weir
