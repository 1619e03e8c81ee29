// trace: what caused an event, and what it caused, across queues.
#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "base/endpoint.h"
#include "bus/session.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "event/json_value.h"
#include "event/time.h"

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

/// So many events are shown; what has caused more is no list for people.
constexpr size_t kMost = 10'000;

/// An event, and how it is related to the one that was asked for.
struct Step {
  std::string queue;
  Eid eid;
  std::string id;
  int64_t timestamp = 0;
  int64_t source_time = 0;
  std::string source;  ///< of its correlation; empty if it has none
  std::string start;
  std::string end;
  int64_t units = 0;  ///< how many events it was made of
  int depth = 0;      ///< negative: so many steps up
  /// Since the one that caused it was written; nothing of the first.
  std::optional<int64_t> lag_ms;
};

Step step_of(const std::string& queue, const Envelope& envelope) {
  return {.queue = queue,
          .eid = envelope.eid,
          .id = std::string(envelope.id),
          .timestamp = envelope.timestamp,
          .source_time = envelope.source_time,
          .source = std::string(envelope.correlation.source),
          .start = std::string(envelope.correlation.start),
          .end = std::string(envelope.correlation.end),
          .units = envelope.correlation.units,
          .lag_ms = {}};
}

class Tracer {
 public:
  Tracer(Bus& bus, std::vector<QueueFacts> queues) : bus_(bus), queues_(std::move(queues)) {}

  /// All queues that have an event with this id.
  Result<std::vector<Step>> find(const Eid& eid, std::string_view only);
  /// What caused it, the first cause in front.
  Result<std::vector<Step>> causes(const Step& event);
  /// What it caused, each in front of what that caused.
  Result<std::vector<Step>> effects(const Step& event);

 private:
  using See = std::function<bool(const Envelope&)>;
  Result<void> look(const std::string& queue, const Eid& from, const See& see);

  Bus& bus_;
  std::vector<QueueFacts> queues_;
};

/// Calls `see` for the envelopes of a queue from `from` on, until it answers false. No payload is
/// read for that.
Result<void> Tracer::look(const std::string& queue, const Eid& from, const See& see) {
  Reading reading{.from = from, .before = {}, .event_time = {}, .envelopes_only = true};
  while (true) {
    auto stored = bus_.read(queue, reading);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return {};
    Envelopes envelopes;
    if (auto done = decode_envelopes((*stored)->block, (*stored)->first, envelopes); !done) {
      return machine_error("queue:" + queue + ": the block from " + eid_text((*stored)->first) +
                           " on is damaged: " + done.error());
    }
    // A block may have what was seen already: others may be joining blocks meanwhile.
    for (const Envelope& envelope : envelopes.rows) {
      if (envelope.eid >= reading.from && !see(envelope)) return {};
    }
    reading.from = (*stored)->last.after(1);
  }
}

Result<std::vector<Step>> Tracer::find(const Eid& eid, std::string_view only) {
  std::vector<Step> found;
  for (const QueueFacts& queue : queues_) {
    if (!only.empty() && queue.name != only) continue;
    auto looked = look(queue.name, eid, [&](const Envelope& envelope) {
      if (envelope.eid == eid) found.push_back(step_of(queue.name, envelope));
      return envelope.eid < eid;
    });
    if (!looked) return std::unexpected(looked.error());
  }
  return found;
}

Result<std::vector<Step>> Tracer::causes(const Step& event) {
  std::vector<Step> all;
  Step at = event;
  while (!at.source.empty() && all.size() < kMost) {
    const auto start = parse_eid(at.start);
    if (!start) break;
    // Of many that made one the first is followed further up.
    const Eid last = parse_eid(at.end).value_or(*start);
    std::optional<Step> first;
    auto looked = look(at.source, *start, [&](const Envelope& envelope) {
      if (envelope.eid < *start) return true;
      if (envelope.eid > last) return false;
      first = step_of(at.source, envelope);
      return false;
    });
    if (!looked) return std::unexpected(looked.error());
    if (!first) break;  // trimmed away
    first->depth = -1 - static_cast<int>(all.size());
    all.push_back(*first);
    at = std::move(*first);
  }
  std::ranges::reverse(all);
  return all;
}

Result<std::vector<Step>> Tracer::effects(const Step& event) {
  std::vector<Step> all;
  // Depth first: what is found of an event stands right behind it.
  std::vector<Step> open = {event};
  while (!open.empty() && all.size() < kMost) {
    const Step at = std::move(open.back());
    open.pop_back();
    if (at.depth > 0) all.push_back(at);
    const std::string eid = eid_text(at.eid);
    std::vector<Step> found;
    for (const QueueFacts& queue : queues_) {
      // Nothing is written before what caused it, by this machine's clock.
      auto looked = look(queue.name, {.ms = at.eid.ms}, [&](const Envelope& envelope) {
        const Correlation& made_of = envelope.correlation;
        const bool is_effect = made_of.source == at.queue && made_of.start <= eid &&
                               (made_of.end.empty() ? made_of.start : made_of.end) >= eid;
        if (!is_effect) return true;
        Step step = step_of(queue.name, envelope);
        step.depth = at.depth + 1;
        step.lag_ms = envelope.timestamp - at.timestamp;
        found.push_back(std::move(step));
        return found.size() < kMost;
      });
      if (!looked) return std::unexpected(looked.error());
    }
    open.insert(open.end(), std::make_move_iterator(found.rbegin()),
                std::make_move_iterator(found.rend()));
  }
  return all;
}

std::string as_tree(const std::vector<Step>& steps) {
  std::string text;
  const int top = steps.front().depth;
  for (const Step& step : steps) {
    text.append(static_cast<size_t>(step.depth - top) * 2, ' ');
    text += step.depth == 0 ? "* " : "- ";
    text += step.queue + " " + eid_text(step.eid);
    if (!step.id.empty()) text += " by " + step.id;
    if (step.units > 1) {
      text += " from " + std::to_string(step.units) + " events up to " + step.end;
    }
    if (step.lag_ms) text += " after " + std::to_string(*step.lag_ms) + " ms";
    text += "\n";
  }
  return text;
}

std::string as_json(const std::vector<Step>& steps) {
  Facts rows;
  for (const Step& step : steps) {
    rows.push_back(
        {{.name = "depth", .text = "", .json = std::to_string(step.depth)},
         Fact::of_text("queue", step.queue),
         Fact::of_text("eid", eid_text(step.eid)),
         Fact::of_text("id", step.id),
         Fact::of_time("timestamp", step.timestamp),
         Fact::of_time("event_source_timestamp", step.source_time),
         Fact::of_count("units", static_cast<uint64_t>(std::max(step.units, int64_t{0}))),
         Fact::of_text("end", step.end),
         {.name = "lag_ms",
          .text = "",
          .json = step.lag_ms ? std::to_string(*step.lag_ms) : "null"}});
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
  BusSession session(invocation.pipeline.bus, "");
  auto bus = session.open_to_read(false);
  if (!bus) return std::unexpected(bus.error());
  auto queues = (*bus)->queues();
  if (!queues) return std::unexpected(queues.error());
  Tracer tracer(**bus, std::move(*queues));
  auto found = tracer.find(*eid, arguments.get("--queue"));
  if (!found) return std::unexpected(found.error());
  if (found->empty()) {
    return machine_error("there is no event " + text + " on " + session.path());
  }
  if (found->size() > 1) {
    std::string names;
    for (const Step& step : *found) names += (names.empty() ? "" : ", ") + step.queue;
    return usage_error("trace: several queues have an event " + text + ": " + names +
                       "; --queue says which is meant");
  }
  auto steps = tracer.causes(found->front());
  if (!steps) return std::unexpected(steps.error());
  auto effects = tracer.effects(found->front());
  if (!effects) return std::unexpected(effects.error());
  steps->push_back(std::move(found->front()));
  for (size_t i = 1; i < steps->size(); ++i) {
    (*steps)[i].lag_ms = (*steps)[i].timestamp - (*steps)[i - 1].timestamp;
  }
  steps->insert(steps->end(), std::make_move_iterator(effects->begin()),
                std::make_move_iterator(effects->end()));
  return Answer{arguments.get("--format") == "json" ? as_json(*steps) : as_tree(*steps)};
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
