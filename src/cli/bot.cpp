// bot: what bots remember, and moving it.
#include <algorithm>
#include <string>
#include <utility>

#include "base/endpoint.h"
#include "base/utf8.h"
#include "bus/bounds.h"
#include "bus/session.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/listing.h"
#include "event/shown.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "ACTION",
     .at_least = 1,
     .at_most = 1,
     .help = "ls: list the bots; show: one of them; reset: move its checkpoints; pause and resume; "
             "set: say whose it is and what for; rm: forget it"},
    {.metavar = "BOT", .at_least = 0, .at_most = 1, .help = "the bot"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--to",
     .type = OptionType::kText,
     .metavar = "WHEN",
     .help = "reset: go on behind that eid or from that time, as --since of from has it; else from "
             "the beginning"},
    {.name = "--source",
     .type = OptionType::kText,
     .metavar = "queue:NAME",
     .help = "reset: the checkpoint in this queue only; of one shard queue:NAME#I/N; of a file as "
             "show has it"},
    {.name = "--state",
     .help = "reset: forget what its stages hold; alone, it leaves the checkpoints where they are"},
    {.name = "--owner",
     .type = OptionType::kText,
     .metavar = "TEXT",
     .help = "set: whom to ask about the bot; an empty text takes it away"},
    {.name = "--description",
     .type = OptionType::kText,
     .metavar = "TEXT",
     .help = "set: what the bot is for; an empty text takes it away"},
    {.name = kYes, .help = "reset, rm: do it, and do not ask"},
    kListFormat,
};

constexpr Action kActions[] = {
    {.name = "ls", .takes_name = Action::Name::kNone, .options = {"--format"}},
    {.name = "show", .options = {"--format"}},
    {.name = "reset", .options = {"--to", "--source", "--state", "--yes"}},
    {.name = "set", .options = {"--owner", "--description"}},
    {.name = "pause"},
    {.name = "resume"},
    {.name = "rm", .options = {"--yes"}},
};

/// What the stages of a bot, or of a shard of it, hold; null if nothing.
const BotStateFacts* state_of(const BotFacts& bot, uint32_t shard) {
  const auto found = std::ranges::find(bot.states, shard, &BotStateFacts::shard);
  return found == bot.states.end() || found->entries == 0 ? nullptr : &*found;
}

/// Shards, what stages hold, and words have their columns where a bot has any.
Facts facts_of(const std::vector<BotFacts>& bots) {
  bool any_shard = false;
  bool any_words = false;
  bool any_state = false;
  for (const BotFacts& bot : bots) {
    any_state = any_state || std::ranges::any_of(bot.states, [](const BotStateFacts& state) {
                  return state.entries > 0;
                });
    any_words = any_words || !bot.words.owner.empty() || !bot.words.description.empty();
    for (const BotCheckpoint& at : bot.checkpoints) {
      any_shard = any_shard || read_source(at.source).shard;
    }
  }
  Facts rows;
  for (const BotFacts& bot : bots) {
    std::vector<BotCheckpoint> checkpoints = bot.checkpoints;
    if (checkpoints.empty()) checkpoints.emplace_back();
    for (const BotCheckpoint& at : checkpoints) {
      const Checkpoint& checkpoint = at.checkpoint;
      const SourceParts parts = read_source(at.source);
      std::vector<Fact> row = {Fact::of_text("bot", bot.name),
                               Fact::of_text("state", bot.paused ? "paused" : "active"),
                               Fact::of_text("source", parts.source)};
      if (any_shard) {
        row.push_back(Fact::of_text("shard", parts.shard ? parts.shard->text() : ""));
        row.push_back(Fact::of_text("key", parts.shard ? parts.shard->split.key : ""));
      }
      const auto add_yielding = [&row](int gives_way, Fact fact) {
        fact.gives_way = gives_way;
        row.push_back(std::move(fact));
      };
      add_yielding(2, Fact::of_text("checkpoint", checkpoint.position));
      row.push_back(Fact::of_count("records", checkpoint.records));
      add_yielding(3, Fact::of_time("source_timestamp", checkpoint.source_timestamp));
      add_yielding(4, Fact::of_time("started_timestamp", checkpoint.started_timestamp));
      add_yielding(1, Fact::of_time("ended_timestamp", checkpoint.ended_timestamp));
      if (any_state) {
        const BotStateFacts* const state = state_of(bot, parts.shard ? parts.shard->number : 0);
        row.push_back(Fact::of_text("holds", state == nullptr ? "" : state->pipeline));
      }
      if (any_words) {
        row.push_back(Fact::of_text("owner", bot.words.owner));
        row.push_back(Fact::of_text("description", bot.words.description));
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

/// Where a checkpoint shall stand: behind which eid; empty for the beginning.
Result<std::string> target_of(const Arguments& arguments) {
  if (!arguments.has("--to")) return std::string();
  const std::string_view text = arguments.get("--to");
  if (parse_eid(text)) return std::string(text);
  const auto bounds = parse_bounds({}, text, now_ms());
  if (!bounds) {
    std::string message = bounds.error().message;
    return usage_error("bot reset: " + message.replace(0, message.find(' '), "--to"));
  }
  if (bounds->before->ms > now_ms()) {
    return usage_error("bot reset: --to " + std::string(text) +
                       " lies ahead: what comes until then would never be read");
  }
  // The last eid before that time, whether an event has it or not.
  const std::optional<Eid> last = bounds->before->before();
  return last ? eid_text(*last) : std::string();
}

/// Moves that were asked for, and what they mean.
struct Reset {
  std::string text;    ///< a line for each
  std::string joined;  ///< one for each source that is in shards no longer
  std::string held;    ///< one for each state that is forgotten
  std::vector<Move> moves;
  std::vector<StateMove> states;
  bool loses_held = false;  ///< and nobody reads it again
};

std::string queue_of(const SourceParts& parts) {
  return parts.source.substr(parts.source.find(':') + 1);
}

/// How many events a checkpoint that moves is to read again, or passes over.
Result<std::string> describe_way(Bus& bus, const SourceParts& parts, const std::string& from,
                                 const std::string& to) {
  const auto place = [](const std::string& eid) { return eid.empty() ? "the beginning" : eid; };
  const std::string queue = queue_of(parts);
  const auto now = bus.behind(queue, parse_eid(from));
  if (!now) return std::unexpected(now.error());
  const auto then = bus.behind(queue, parse_eid(to));
  if (!then) return std::unexpected(then.error());
  const bool back = then->events >= now->events;
  const uint64_t events = back ? then->events - now->events : now->events - then->events;
  return "from " + place(from) + " to " + place(to) + ", " + std::to_string(events) +
         (events == 1 ? " event" : " events") + (parts.shard ? " of all shards" : "") +
         (back ? " to be read again" : " passed over");
}

/// True if `--source` means this checkpoint: by the source, or by the one shard.
bool is_meant(std::string_view only, std::string_view source, const SourceParts& parts) {
  if (only.empty() || only == source || only == parts.source) return true;
  return parts.shard && only == parts.source + "#" + parts.shard->text();
}

/// Takes the checkpoint of a shard back into the one of the whole queue, which goes to `target`.
void join_shard(Reset& reset, const BotFacts& bot, const BotCheckpoint& at,
                const SourceParts& parts, const std::string& target) {
  reset.moves.push_back({.bot = bot.name,
                         .source = at.source,
                         .from = at.checkpoint.position,
                         .to = {},
                         .exists = true,
                         .forgets = true});
  auto whole = std::ranges::find(reset.moves, parts.source, &Move::source);
  if (whole == reset.moves.end()) {
    reset.joined += bot.name + " in " + parts.source + ": no longer in " +
                    parts.shard->split.describe() + ", until the next run divides it\n";
    Checkpoint to = at.checkpoint;
    to.position = target;
    reset.moves.push_back({.bot = bot.name, .source = parts.source, .from = {}, .to = to});
  } else {
    whole->to.records += at.checkpoint.records;
  }
}

/// Forgets what the stages hold: all of them, or those of some shards, 0 being the whole.
void forget_states(Bus& bus, Reset& reset, const BotFacts& bot,
                   const std::vector<uint32_t>& shards) {
  for (const uint32_t shard : shards) {
    StateMove move{.bot = bot.name, .shard = shard, .forgets = true};
    const auto known = std::ranges::find(bot.states, shard, &BotStateFacts::shard);
    const bool is_known = known != bot.states.end();
    if (is_known) move.from = known->version;
    // It may be damaged so that nothing tells of it.
    const bool holds = (is_known && known->entries > 0) || !bus.state(bot.name, shard);
    if (is_known || holds) reset.states.push_back(move);
    if (!holds) continue;
    reset.held += bot.name + (shard == 0 ? "" : ", shard " + std::to_string(shard)) +
                  ": what its stages hold is forgotten" +
                  (is_known ? " (" + known->pipeline + ")\n" : "\n");
  }
}

/// The shards that a bot reads, and 0.
std::vector<uint32_t> shards_of(const BotFacts& bot) {
  std::vector<uint32_t> all = {0};
  const auto add = [&all](uint32_t shard) {
    if (std::ranges::find(all, shard) == all.end()) all.push_back(shard);
  };
  for (const BotStateFacts& state : bot.states) add(state.shard);
  for (const BotCheckpoint& at : bot.checkpoints) {
    const SourceParts parts = read_source(at.source);
    add(parts.shard ? parts.shard->number : 0);
  }
  return all;
}

/// True if every source of these shards is read again from its beginning, so that nothing that the
/// stages hold is lost with them.
bool begins_anew(const Reset& reset, const BotFacts& bot, const std::vector<uint32_t>& shards) {
  return std::ranges::all_of(bot.checkpoints, [&](const BotCheckpoint& at) {
    const SourceParts parts = read_source(at.source);
    const bool is_other =
        std::ranges::find(shards, parts.shard ? parts.shard->number : 0) == shards.end();
    if (is_other || at.source.starts_with("to:")) return true;
    return std::ranges::find(reset.moves, at.source, &Move::source) != reset.moves.end();
  });
}

/// Where a bot that is sent to a time of a queue, or to its beginning, shall stand: where what is
/// left begins, if that is later, as it does for who reads since that time.
Result<std::string> place_in(Bus& bus, const SourceParts& parts, const std::string& target) {
  const auto trimmed = bus.trimmed(queue_of(parts));
  if (!trimmed) return std::unexpected(trimmed.error());
  return *trimmed ? std::max(target, eid_text(**trimmed)) : target;
}

/// What moving the checkpoints of `bot` does: to behind `target`, an eid, or to the beginning if it
/// is empty. Files are left alone where a target was `given`.
Result<Reset> plan_reset(Bus& bus, const BotFacts& bot, const std::string& target, bool given,
                         std::string_view only) {
  Reset reset;
  std::vector<uint32_t> alone;  // shards that are moved without the others
  for (const BotCheckpoint& at : bot.checkpoints) {
    const SourceParts parts = read_source(at.source);
    if (!is_meant(only, at.source, parts)) continue;
    const std::string& position = at.checkpoint.position;
    const std::string who = bot.name + " in " + parts.source;
    if (!at.source.starts_with("queue:")) {
      if (given) continue;
      reset.text += who + ": from " + shown(position).text + " to the beginning of the file\n";
      reset.moves.push_back({.bot = bot.name, .source = at.source, .from = position, .to = {}});
      continue;
    }
    const auto place = place_in(bus, parts, target);
    if (!place) return std::unexpected(place.error());
    const auto way = describe_way(bus, parts, position, target.empty() ? target : *place);
    if (!way) return std::unexpected(way.error());
    reset.text += who + (parts.shard ? ", shard " + parts.shard->text() : "") + ": " + *way + "\n";
    if (parts.shard && (only.empty() || only == parts.source)) {
      join_shard(reset, bot, at, parts, *place);
      continue;
    }
    if (parts.shard) alone.push_back(parts.shard->number);
    Checkpoint to = at.checkpoint;
    to.position = *place;
    reset.moves.push_back({.bot = bot.name,
                           .source = at.source,
                           .from = position,
                           .to = to,
                           .exists = parts.shard.has_value()});
  }
  const std::vector<uint32_t> shards = alone.empty() ? shards_of(bot) : alone;
  if (!reset.moves.empty()) forget_states(bus, reset, bot, shards);
  reset.loses_held = !reset.held.empty() && (!target.empty() || !begins_anew(reset, bot, shards));
  return reset;
}

/// A line about a run that is under way, which says what becomes of it; empty if there is none.
Result<std::string> about_run(Bus& bus, const std::string& bot, std::string_view fate) {
  const auto running = bus.is_running(bot);
  if (!running) return std::unexpected(running.error());
  return *running ? "a run of bot " + bot + " is under way: " + std::string(fate) + "\n" : "";
}

/// What moving a checkpoint does to it.
constexpr std::string_view kGoesStale =
    "it ends with the error 'stale checkpoint' at its next commit, and writes nothing more";

Result<Answer> pause(Bus& bus, const std::string& bot) {
  auto paused = bus.pause_bot(bot, true);
  if (!paused) return std::unexpected(paused.error());
  // Asked when no other can begin any more.
  auto text = about_run(bus, bot,
                        "it goes on to its end, with --follow until a signal ends it; no other "
                        "begins");
  if (!text) return std::unexpected(text.error());
  return Answer{std::move(*text)};
}

/// An eid that a bot is sent to must have all that lay behind it: its next run would fail.
Result<void> check_trimmed(Bus& bus, const BotFacts& bot, const Eid& target,
                           std::string_view only) {
  for (const BotCheckpoint& at : bot.checkpoints) {
    const SourceParts parts = read_source(at.source);
    if (!at.source.starts_with("queue:") || !is_meant(only, at.source, parts)) continue;
    const auto trimmed = bus.trimmed(queue_of(parts));
    if (!trimmed) return std::unexpected(trimmed.error());
    if (!*trimmed || **trimmed <= target) continue;
    const std::string left = eid_text(**trimmed);
    return machine_error("bot reset: " + parts.source + ": the events behind " + eid_text(target) +
                         " were trimmed up to " + left + ": '--to " + left +
                         "' goes on with what is left");
  }
  return {};
}

/// The error of a reset that moves nothing.
std::unexpected<Error> nothing_to_move(const BotFacts& bot, std::string_view only) {
  const bool has_files = std::ranges::any_of(bot.checkpoints, [&](const BotCheckpoint& at) {
    return !at.source.starts_with("queue:") && is_meant(only, at.source, read_source(at.source));
  });
  const std::string show = "'weir bot show " + bot.name + "'";
  if (has_files) {
    return machine_error("bot reset: --to is for queues, and these are files: without --to bot " +
                         bot.name + " begins them anew, or one of them with --source as " + show +
                         " has it");
  }
  return machine_error(
      "bot " + bot.name + " has no checkpoint" +
      (only.empty() ? "" : " in " + std::string(only) + ": " + show + " lists those that it has"));
}

/// What `bot reset --state` alone does.
Result<Reset> plan_forgetting(Bus& bus, const BotFacts& bot) {
  Reset reset;
  forget_states(bus, reset, bot, shards_of(bot));
  if (!reset.held.empty()) return reset;
  return machine_error("bot " + bot.name + ": its stages hold nothing");
}

/// What `bot reset` does to checkpoints.
Result<Reset> plan_moving(Bus& bus, const BotFacts& bot, const Arguments& arguments) {
  const auto target = target_of(arguments);
  if (!target) return std::unexpected(target.error());
  const std::string_view only = arguments.get("--source");
  if (arguments.has("--source") && only.empty()) {
    return usage_error("bot reset: --source: the name of the source is empty");
  }
  if (const auto eid = parse_eid(arguments.get("--to"))) {
    if (auto there = check_trimmed(bus, bot, *eid, only); !there) {
      return std::unexpected(there.error());
    }
  }
  auto planned = plan_reset(bus, bot, *target, arguments.has("--to"), only);
  if (planned && planned->moves.empty()) return nothing_to_move(bot, only);
  if (planned && planned->loses_held && !arguments.has("--state")) {
    return machine_error("bot reset: what the stages of bot " + bot.name +
                         " hold would be read by nobody: a last run with --per-run hands it on "
                         "(--until says where a queue ends for it), or --state forgets it as well");
  }
  return planned;
}

Result<Answer> reset(Bus& bus, const BotFacts& bot, const Arguments& arguments) {
  const bool moves =
      !arguments.has("--state") || arguments.has("--to") || arguments.has("--source");
  const auto planned = moves ? plan_moving(bus, bot, arguments) : plan_forgetting(bus, bot);
  if (!planned) return std::unexpected(planned.error());
  const auto run = about_run(bus, bot.name, kGoesStale);
  if (!run) return std::unexpected(run.error());
  const std::string text = *run + planned->text + planned->held + planned->joined;
  const auto agreed = confirm(arguments, "bot reset", text);
  if (!agreed) return std::unexpected(agreed.error());
  if (!*agreed) return not_done();
  auto moved = bus.commit({}, planned->moves, planned->states, now_ms());
  if (!moved) return std::unexpected(moved.error());
  return Answer{arguments.has(kYes) ? text : ""};
}

Result<Answer> remove(Bus& bus, const BotFacts& bot, const Arguments& arguments) {
  const auto planned = plan_reset(bus, bot, "", false, "");
  if (!planned) return std::unexpected(planned.error());
  const auto run = about_run(bus, bot.name, kGoesStale);
  if (!run) return std::unexpected(run.error());
  const std::string text = *run + planned->text + planned->held;
  const auto agreed =
      confirm(arguments, "bot rm",
              text + "what " + bot.name + " remembers would be gone, and it would begin anew\n");
  if (!agreed) return std::unexpected(agreed.error());
  if (!*agreed) return not_done();
  auto removed = bus.remove_bot(bot.name);
  if (!removed) return std::unexpected(removed.error());
  return Answer{arguments.has(kYes) ? *run + bot.name + " is forgotten\n" : ""};
}

/// Changes what people say of a bot.
Result<Answer> set_words(Bus& bus, const BotFacts& bot, const Arguments& arguments) {
  BotWords words = bot.words;
  bool any = false;
  const auto take = [&](std::string_view option, std::string& to) -> Result<void> {
    if (!arguments.has(option)) return {};
    any = true;
    to = arguments.get(option);
    const bool fine = is_utf8(to) && std::ranges::none_of(to, [](char c) {
                        return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
                      });
    if (fine) return {};
    return usage_error("bot set: " + std::string(option) + " takes one line of text");
  };
  auto taken = take("--owner", words.owner);
  if (taken) taken = take("--description", words.description);
  if (!taken) return std::unexpected(taken.error());
  if (!any) return usage_error("bot set: --owner or --description says what");
  if (auto done = bus.describe_bot(bot.name, words); !done) return std::unexpected(done.error());
  return Answer{};
}

Result<Answer> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string& action = arguments.positionals[0];
  const std::string name = arguments.positionals.size() > 1 ? arguments.positionals[1] : "";
  if (const std::string why = name.empty() ? "" : wrong_name(name); !why.empty()) {
    return usage_error("bot " + action + " '" + name + "': " + why);
  }
  BusSession session(invocation.pipeline.bus, "");
  auto opened = session.open_to_read(false);
  if (!opened) return std::unexpected(opened.error());
  Bus& bus = **opened;
  auto bots = bus.bots();
  if (!bots) return std::unexpected(bots.error());
  if (!name.empty()) {
    std::erase_if(*bots, [&](const BotFacts& bot) { return bot.name != name; });
    if (bots->empty()) {
      return machine_error("there is no bot '" + name + "' on " + session.path() +
                           ": 'weir bot ls' lists them");
    }
  }
  if (action == "pause") return pause(bus, name);
  if (action == "resume") {
    auto resumed = bus.pause_bot(name, false);
    if (!resumed) return std::unexpected(resumed.error());
    return Answer{};
  }
  if (action == "reset") return reset(bus, bots->front(), arguments);
  if (action == "set") return set_words(bus, bots->front(), arguments);
  if (action == "rm") return remove(bus, bots->front(), arguments);
  const bool json = arguments.get("--format") == "json";
  Facts facts = facts_of(*bots);
  const uint32_t width = invocation.pipeline.ends.terminal.width;
  const bool fits = json || action != "ls" || width == 0;
  const std::string left_out = fits ? "" : fit_facts(facts, width);
  Answer answer{list_facts(facts, json)};
  if (!left_out.empty()) answer.text += "(no room for " + left_out + ": see weir bot show BOT)\n";
  return answer;
}

}  // namespace

const Subcommand kBot = {
    .command = {.name = "bot",
                .summary = "list bots, and move, describe, pause or forget them",
                .positionals = kPositionals,
                .options = kOptions},
    .actions = kActions,
    .run = run,
};

}  // namespace weir
