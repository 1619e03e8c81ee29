// trace: what caused an event, and what it caused, across queues.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/endpoint.h"
#include "bus/lineage.h"
#include "bus/session.h"
#include "cli/commands.h"
#include "cli/listing.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "EID", .at_least = 1, .at_most = 1, .help = "the id of the event"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--queue",
     .type = OptionType::kText,
     .metavar = "NAME",
     .help = "the queue that it is in, where events of several have this id"},
    {.name = "--format",
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "tree, or json: an object a line",
     .choices = "tree json"},
};

/// So many events are shown on each way; what has more is no list for people.
constexpr size_t kMost = 10'000;

/// How many of the events that an event was made of are no longer there, where they were looked up.
std::optional<uint64_t> causes_gone(const Relative& event, bool is_cut) {
  if (event.depth > 0 || event.gone || is_cut) return std::nullopt;
  return event.source.empty() ? 0 : event.units - std::min(event.among, event.units);
}

/// What an event was made of, as far as the lines around it do not say it.
std::string made_of(const Relative& event, bool is_cut) {
  std::string text;
  const uint64_t went = causes_gone(event, is_cut).value_or(0);
  if (event.units > 1) {
    text += " from " + std::to_string(event.units);
    if (event.among > event.units) text += " of " + std::to_string(event.among);
    text += " events up to " + event.end;
    if (went > 0) text += ", " + std::to_string(went) + " of them no longer there";
  } else if (went > 0) {
    text += " from " + event.source + " " + event.start + ", no longer there";
  }
  return text;
}

std::string as_tree(const std::vector<Relative>& events, bool is_cut) {
  std::string text;
  const int top = std::ranges::min(events, {}, &Relative::depth).depth;
  for (const Relative& event : events) {
    text.append(static_cast<size_t>(event.depth - top) * 2, ' ');
    text += event.depth == 0 ? "* " : "- ";
    text += event.queue + " " + eid_text(event.eid);
    if (!event.id.empty()) text += " by " + event.id;
    if (event.gone) text += ", no longer there";
    text += made_of(event, is_cut);
    if (event.lag_ms) text += " after " + std::to_string(*event.lag_ms) + " ms";
    text += "\n";
  }
  return text;
}

std::string as_json(const std::vector<Relative>& events, bool is_cut) {
  Facts rows;
  for (const Relative& event : events) {
    const auto went = causes_gone(event, is_cut);
    rows.push_back(
        {{.name = "depth", .text = "", .json = std::to_string(event.depth)},
         Fact::of_text("queue", event.queue),
         Fact::of_text("eid", eid_text(event.eid)),
         {.name = "gone", .text = "", .json = event.gone ? "true" : "false"},
         Fact::of_text("id", event.id),
         Fact::of_time("timestamp", event.timestamp),
         Fact::of_time("event_source_timestamp", event.source_time),
         Fact::of_text("source", event.source),
         Fact::of_text("start", event.start),
         Fact::of_text("end", event.end),
         Fact::of_count("units", event.units),
         {.name = "causes_gone", .text = "", .json = went ? std::to_string(*went) : "null"},
         {.name = "lag_ms",
          .text = "",
          .json = event.lag_ms ? std::to_string(*event.lag_ms) : "null"}});
  }
  return list_facts(rows, true);
}

Result<Answer> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string& text = arguments.positionals[0];
  const auto eid = parse_eid(text);
  if (!eid) {
    return usage_error("trace: '" + text + "' is no eid: z/YYYY/MM/DD/HH/mm/MS-SEQUENCE, as " +
                       "meta.eid and --envelope show it");
  }
  const auto queue = arguments.given("--queue");
  if (const std::string why = queue ? wrong_name(*queue) : ""; !why.empty()) {
    return usage_error("trace: --queue '" + std::string(*queue) + "': " + why);
  }
  BusSession session(invocation.pipeline.bus, "");
  auto bus = session.open_to_read(false);
  if (!bus) return std::unexpected(bus.error());
  auto queues = (*bus)->queues();
  if (!queues) return std::unexpected(queues.error());
  const std::vector<std::string> names = names_of(*queues);
  Lineage lineage(**bus, std::move(*queues), kMost);
  auto found = lineage.find(*eid, queue.value_or(""));
  if (!found) return std::unexpected(found.error());
  if (found->empty()) {
    found = lineage.find_gone(*eid, arguments.get("--queue"));
    if (!found) return std::unexpected(found.error());
  }
  if (found->empty()) {
    if (queue && std::ranges::find(names, *queue) == names.end()) {
      return session.no_such_queue(std::string(*queue), names);
    }
    return machine_error("there is no event " + text + (queue ? " in queue:" : "") +
                         std::string(queue.value_or("")) + " on " + session.path() +
                         ", or it was trimmed and no other names it");
  }
  if (found->size() > 1) {
    std::string having;
    for (const Relative& event : *found) having += (having.empty() ? "" : ", ") + event.queue;
    return usage_error("trace: several queues " +
                       std::string(found->front().gone ? "had" : "have") + " an event " + text +
                       ": " + having + "; --queue says which is meant");
  }
  auto events = lineage.causes(found->front());
  if (!events) return std::unexpected(events.error());
  auto effects = lineage.effects(found->front());
  if (!effects) return std::unexpected(effects.error());
  events->insert(events->end(), std::make_move_iterator(effects->begin()),
                 std::make_move_iterator(effects->end()));
  Answer answer{arguments.get("--format") == "json" ? as_json(*events, lineage.is_cut())
                                                    : as_tree(*events, lineage.is_cut())};
  if (lineage.is_cut()) {
    answer.warning = "trace: there are more; at most 10,000 causes and 10,000 effects are shown";
  }
  return answer;
}

}  // namespace

const Subcommand kTrace = {
    .command = {.name = "trace",
                .summary = "what caused an event, and what it caused",
                .positionals = kPositionals,
                .options = kOptions},
    .run = run,
};

}  // namespace weir
