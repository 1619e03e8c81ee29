// bot: what bots remember, and moving it.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/endpoint.h"
#include "bus/bounds.h"
#include "bus/session.h"
#include "cli/commands.h"
#include "cli/listing.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "ACTION",
     .at_least = 1,
     .at_most = 1,
     .help = "ls: list the bots; show: one of them; reset: move its checkpoints; pause and resume; "
             "rm: forget it"},
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
     .help = "reset: the checkpoint in this queue only"},
    {.name = "--yes", .help = "reset, rm: do it"},
    kListFormat,
};

Facts facts_of(const std::vector<BotFacts>& bots) {
  Facts rows;
  for (const BotFacts& bot : bots) {
    std::vector<BotCheckpoint> checkpoints = bot.checkpoints;
    if (checkpoints.empty()) checkpoints.emplace_back();
    for (const BotCheckpoint& at : checkpoints) {
      const Checkpoint& checkpoint = at.checkpoint;
      rows.push_back(
          {Fact::of_text("bot", bot.name), Fact::of_text("state", bot.paused ? "paused" : "active"),
           Fact::of_text("source", at.source), Fact::of_text("checkpoint", checkpoint.position),
           Fact::of_count("records", checkpoint.records),
           Fact::of_time("source_timestamp", checkpoint.source_timestamp),
           Fact::of_time("started_timestamp", checkpoint.started_timestamp),
           Fact::of_time("ended_timestamp", checkpoint.ended_timestamp)});
    }
  }
  return rows;
}

/// Where a checkpoint shall stand: behind which eid; empty for the beginning.
Result<std::string> target_of(const Arguments& arguments) {
  if (!arguments.has("--to")) return std::string();
  const std::string_view text = arguments.get("--to");
  if (parse_eid(text)) return std::string(text);
  const auto bounds = parse_bounds("", text, now_ms());
  if (!bounds) {
    std::string message = bounds.error().message;
    return usage_error("bot reset: " + message.replace(0, message.find(' '), "--to"));
  }
  // The last eid before that time, whether an event has it or not.
  const int64_t ms = bounds->before->ms;
  return ms == 0 ? std::string() : eid_text({.ms = ms - 1, .sequence = Eid::kSequences - 1});
}

Result<Answer> reset(Bus& bus, const BotFacts& bot, const Arguments& arguments) {
  const auto target = target_of(arguments);
  if (!target) return std::unexpected(target.error());
  const std::string_view only = arguments.get("--source");
  std::string text;
  std::vector<Move> moves;
  for (const BotCheckpoint& at : bot.checkpoints) {
    if (!only.empty() && at.source != only) continue;
    if (!at.source.starts_with("queue:")) {
      if (arguments.has("--to")) continue;
      text += bot.name + " in " + at.source + ": from " + at.checkpoint.position +
              " to the beginning of the file\n";
      moves.push_back(
          {.bot = bot.name, .source = at.source, .from = at.checkpoint.position, .to = {}});
      continue;
    }
    const std::string queue = at.source.substr(at.source.find(':') + 1);
    const auto now = bus.behind(queue, parse_eid(at.checkpoint.position));
    if (!now) return std::unexpected(now.error());
    const auto then = bus.behind(queue, parse_eid(*target));
    if (!then) return std::unexpected(then.error());
    const bool back = then->events >= now->events;
    const uint64_t events = back ? then->events - now->events : now->events - then->events;
    text += bot.name + " in " + at.source + ": from " +
            (at.checkpoint.position.empty() ? "the beginning" : at.checkpoint.position) + " to " +
            (target->empty() ? "the beginning" : *target) + ", " + std::to_string(events) +
            (events == 1 ? " event" : " events") + (back ? " to be read again" : " passed over") +
            "\n";
    Checkpoint to = at.checkpoint;
    to.position = *target;
    moves.push_back(
        {.bot = bot.name, .source = at.source, .from = at.checkpoint.position, .to = to});
  }
  if (moves.empty()) {
    return machine_error("bot " + bot.name + " has no checkpoint" +
                         (only.empty() ? "" : " in " + std::string(only)));
  }
  if (!arguments.has("--yes")) {
    text.pop_back();
    return usage_error("bot reset: " + text + ": --yes does it");
  }
  if (auto moved = bus.commit({}, moves, now_ms()); !moved) return std::unexpected(moved.error());
  return Answer{std::move(text)};
}

Result<Answer> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string& action = arguments.positionals[0];
  const std::string name = arguments.positionals.size() > 1 ? arguments.positionals[1] : "";
  constexpr std::array<std::string_view, 6> kActions = {"ls",    "show",   "reset",
                                                        "pause", "resume", "rm"};
  if (std::ranges::find(kActions, action) == kActions.end()) {
    return usage_error("bot does ls, show, reset, pause, resume and rm, not '" + action + "'");
  }
  if (name.empty() != (action == "ls")) {
    return usage_error(action == "ls" ? "bot ls takes no name: it lists all"
                                      : "bot " + action + ": the name of the bot is missing");
  }
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
  if (action == "pause" || action == "resume") {
    auto paused = bus.pause_bot(name, action == "pause");
    if (!paused) return std::unexpected(paused.error());
    return Answer{};
  }
  if (action == "reset") return reset(bus, bots->front(), arguments);
  if (action == "rm") {
    if (!arguments.has("--yes")) {
      return usage_error("bot rm: what " + name +
                         " remembers would be gone, and it would begin anew: --yes does it");
    }
    auto removed = bus.remove_bot(name);
    if (!removed) return std::unexpected(removed.error());
    return Answer{};
  }
  return Answer{list_facts(facts_of(*bots), arguments.get("--format") == "json")};
}

}  // namespace

const Subcommand kBot = {
    .command = {.name = "bot",
                .summary = "list bots, and move, pause or forget them",
                .positionals = kPositionals,
                .options = kOptions},
    .run = run,
};

}  // namespace weir
