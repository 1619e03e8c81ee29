// lag: how far bots are behind their queues.
#include <algorithm>
#include <string>
#include <utility>

#include "bus/bounds.h"
#include "bus/session.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "event/time.h"

namespace weir {

namespace {

constexpr OptionRow kOptions[] = {
    {.name = "--max-lag",
     .type = OptionType::kText,
     .metavar = "TIME",
     .help = "the status is 1 if an event has been waiting longer for a bot: 5m, 90s",
     .detail = "Also if a bot cannot go on. What cron needs to raise an alarm."},
    {.name = "--format",
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "table, json: an object a line, or prometheus: its text format",
     .choices = "table json prometheus"},
};

struct Lag {
  std::string bot;
  std::string source;
  std::string shard;  ///< "1/3"; empty if the bot reads the queue as a whole
  Behind behind;
  std::string problem;  ///< why the bot cannot go on; empty if it can
  int64_t ms = 0;       ///< since the oldest event that waits was written
};

/// Why a bot cannot go on from its checkpoint in a queue; empty if it can.
Result<std::string> problem_of(Bus& bus, const std::string& queue, const BotCheckpoint& at) {
  if (!at.intact) return std::string("damaged");
  const auto is_there = bus.has_queue(queue);
  if (!is_there) return std::unexpected(is_there.error());
  if (!*is_there) return std::string("no queue");
  const auto trimmed = bus.trimmed(queue);
  if (!trimmed) return std::unexpected(trimmed.error());
  const auto position = parse_eid(at.checkpoint.position);
  return std::string(*trimmed && (!position || *position < **trimmed) ? "trimmed" : "");
}

Result<std::vector<Lag>> measure(Bus& bus) {
  auto bots = bus.bots();
  if (!bots) return std::unexpected(bots.error());
  const int64_t now = now_ms();
  std::vector<Lag> lags;
  for (const BotFacts& bot : *bots) {
    for (const BotCheckpoint& at : bot.checkpoints) {
      // How much of a file is left, who writes it knows.
      if (!at.source.starts_with("queue:")) continue;
      const SourceParts parts = read_source(at.source);
      const std::string queue = parts.source.substr(parts.source.find(':') + 1);
      auto behind = bus.behind(queue, parse_eid(at.checkpoint.position));
      if (!behind) return std::unexpected(behind.error());
      auto problem = problem_of(bus, queue, at);
      if (!problem) return std::unexpected(problem.error());
      const int64_t ms =
          behind->events > 0 && behind->oldest ? std::max<int64_t>(0, now - behind->oldest->ms) : 0;
      lags.push_back({.bot = bot.name,
                      .source = parts.source,
                      .shard = parts.shard ? parts.shard->text() : "",
                      .behind = *behind,
                      .problem = std::move(*problem),
                      .ms = ms});
    }
  }
  return lags;
}

std::string seconds(int64_t ms) {
  std::string text;
  append_duration(
      {.seconds = ms / 1000, .nanoseconds = static_cast<uint32_t>(ms % 1000) * 1'000'000}, text);
  return text;
}

/// The text format of Prometheus, version 0.0.4. Names of bots and queues need no escapes.
std::string prometheus(const std::vector<Lag>& lags) {
  std::string text;
  const auto metric = [&](const std::string& name, const std::string& help, auto&& value) {
    text += "# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n";
    for (const Lag& lag : lags) {
      text += name + "{bot=\"" + lag.bot + "\",source=\"" + lag.source + "\"" +
              (lag.shard.empty() ? "" : ",shard=\"" + lag.shard + "\"") + "} " + value(lag) + "\n";
    }
  };
  metric("weir_lag_events", "Events that wait for a bot.",
         [](const Lag& lag) { return std::to_string(lag.behind.events); });
  metric("weir_lag_bytes", "Bytes of payload that wait for a bot.",
         [](const Lag& lag) { return std::to_string(lag.behind.payload_bytes); });
  metric("weir_lag_seconds", "Time since the oldest event that waits for a bot was written.",
         [](const Lag& lag) {
           std::string text_of_lag = seconds(lag.ms);
           text_of_lag.pop_back();
           return text_of_lag;
         });
  metric("weir_lag_stuck", "1 if a bot cannot go on: its place is trimmed, damaged or gone.",
         [](const Lag& lag) { return std::string(lag.problem.empty() ? "0" : "1"); });
  return text;
}

Result<Answer> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  int64_t most = INT64_MAX;
  if (arguments.has("--max-lag")) {
    const auto span = parse_duration(arguments.get("--max-lag"));
    if (!span || span->seconds < 0) {
      return usage_error("--max-lag takes a span of time such as 5m or 90s, not '" +
                         std::string(arguments.get("--max-lag")) + "'");
    }
    most = span->seconds * 1000 + span->nanoseconds / 1'000'000;
  }
  BusSession session(invocation.pipeline.bus, "");
  auto bus = session.open_to_read(false);
  if (!bus) return std::unexpected(bus.error());
  const auto lags = measure(**bus);
  if (!lags) return std::unexpected(lags.error());
  Answer answer;
  Facts rows;
  const bool any_shard =
      std::ranges::any_of(*lags, [](const Lag& lag) { return !lag.shard.empty(); });
  const bool any_problem =
      std::ranges::any_of(*lags, [](const Lag& lag) { return !lag.problem.empty(); });
  if (any_problem && arguments.has("--max-lag")) answer.status = 1;
  for (const Lag& lag : *lags) {
    if (lag.ms > most) answer.status = 1;
    std::vector<Fact> row = {Fact::of_text("bot", lag.bot), Fact::of_text("source", lag.source)};
    if (any_shard) row.push_back(Fact::of_text("shard", lag.shard));
    row.push_back(Fact::of_count("events", lag.behind.events));
    row.push_back(Fact::of_count("bytes", lag.behind.payload_bytes));
    row.push_back({.name = "time",
                   .text = seconds(lag.ms),
                   .json = std::to_string(lag.ms / 1000) + "." +
                           std::to_string(1000 + lag.ms % 1000).substr(1),
                   .is_number = true});
    if (any_problem) row.push_back(Fact::of_text("problem", lag.problem));
    rows.push_back(std::move(row));
  }
  const std::string_view format = arguments.get("--format");
  answer.text = format == "prometheus" ? prometheus(*lags) : list_facts(rows, format == "json");
  return answer;
}

}  // namespace

const Subcommand kLag = {
    .command = {.name = "lag",
                .summary = "how far bots are behind the queues that they read",
                .positionals = {},
                .options = kOptions},
    .run = run,
};

}  // namespace weir
