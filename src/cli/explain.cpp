// explain: what a pipeline would do, without doing it.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "event/number_needle.h"
#include "runtime/plan.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "PIPELINE",
     .at_least = 1,
     .at_most = -1,
     .help = "a pipeline as weir would run it, global options included"},
};

/// One step of the way as it is printed: a title, and what there is to say below.
struct Entry {
  std::string number;  ///< the stage's; empty for the check
  std::string title;
  std::vector<std::pair<std::string_view, std::string>> facts = {};

  void add(std::string_view name, std::string text) {
    if (!text.empty()) facts.emplace_back(name, std::move(text));
  }
};

/// An end of the pipeline: without words it is the standard stream.
Entry end_entry(size_t number, std::string_view name, Arguments arguments) {
  if (arguments.positionals.empty()) arguments.positionals.emplace_back("-");
  return {.number = std::to_string(number), .title = as_written(name, arguments)};
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
  return text;
}

std::string paths_of(const std::vector<int>& slots, const PathTable& paths) {
  std::vector<std::string> names;
  for (const int slot : slots) {
    std::string name = paths.path(slot).to_string();
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return join(names, ", ");
}

/// The way of the events, made of the schedule that a run follows.
class Way {
 public:
  Way(const PipelineRequest& request, const Pipeline& pipeline)
      : request_(request), pipeline_(pipeline) {
    entries_.push_back(end_entry(0, kFrom.name, request.from));
    for (std::string& line : pipeline.source->describe()) {
      entries_.back().add("input", std::move(line));
    }
    may_be_json_ = pipeline.source->form().may_be_json;
    constexpr std::string_view kInOrder = "in order";
    std::string_view runs = "in parallel";
    for (const Stretch& stretch : schedule(pipeline)) {
      for (const Step& step : stretch.steps) add_step(step, runs);
      if (stretch.op == nullptr) break;
      const bool shared = runs != kInOrder && stretch.op->has_partial_step();
      enter_stage(stretch.stage, shared ? "batch by batch in parallel, then in order" : kInOrder);
      if (const Branch* branch = stretch.op->branch(); branch != nullptr) {
        entries_.back().add("output", branch->sink->describe());
      }
      // Events that one makes of others are records; one that wraps them writes JSON.
      if (stretch.op->makes_events()) may_be_json_ = stretch.op->passes_rows_on();
      runs = kInOrder;
    }
    entries_.push_back(end_entry(pipeline.stages.size() + 1, kTo.name, request.to));
    const auto reads = pipeline.sink->reads();
    entries_.back().add("reads", paths_of({reads.begin(), reads.end()}, pipeline.paths));
    entries_.back().add("output", pipeline.sink->describe());
  }

  /// The entries, the facts of all aligned with each other.
  std::string text() const {
    size_t names = 0;
    for (const Entry& entry : entries_) {
      for (const auto& [name, fact] : entry.facts) names = std::max(names, name.size());
    }
    const size_t digits = entries_.back().number.size();
    std::string text;
    for (const Entry& entry : entries_) {
      text += std::string(digits - entry.number.size(), ' ') + entry.number + " " + entry.title;
      text += '\n';
      for (const auto& [name, fact] : entry.facts) {
        text += std::string(digits + 3, ' ') + std::string(name) +
                std::string(names + 2 - name.size(), ' ') + fact + "\n";
      }
    }
    return text;
  }

 private:
  void add_step(const Step& step, std::string_view runs) {
    switch (step.kind) {
      case Step::Kind::kRuleOut:
        enter_stage(step.stage, runs);
        if (may_be_json_) add_ruling_out(step);
        break;
      case Step::Kind::kFill:
        entries_.back().add("fills", paths_of(step.slots, pipeline_.paths));
        if (may_be_json_) entries_.back().add("scans", step.filler->describe_scan());
        break;
      case Step::Kind::kCheck:
        is_checked_ = true;
        if (!may_be_json_) break;
        entries_.push_back({.number = {}, .title = "check"});
        entries_.back().add("runs", std::string(runs));
        entries_.back().add(
            "sees", std::string(step.stage == 0 ? "every line" : "the lines that are left") +
                        ", and rejects broken ones");
        break;
      case Step::Kind::kApply:
        if (entries_.back().number == std::to_string(step.stage)) break;
        enter_stage(step.stage, runs);
        if (may_be_json_ && is_checked_ && step.map->may_lead()) {
          entries_.back().add(
              "sees", pipeline_.strict
                          ? "events that were checked, since --strict has all checked first"
                          : "events that were checked, since not only filters are in front");
        }
        break;
      case Step::Kind::kPartial:
        break;
    }
  }

  void enter_stage(uint8_t index, std::string_view runs) {
    const StageRequest& request = request_.stages[index - 1U];
    const Stage& stage = *pipeline_.stages[index - 1U];
    Entry entry = {.number = std::to_string(index),
                   .title = as_written(request.verb->command.name, request.arguments)};
    entry.add("runs", std::string(runs));
    entry.add("reads", paths_of(stage.reads(), pipeline_.paths));
    entry.add("makes", stage.makes());
    entry.add("holds", stage.holds());
    entries_.push_back(std::move(entry));
  }

  /// What a filter at the front does before it, or anything else, reads an event.
  void add_ruling_out(const Step& step) {
    Entry& entry = entries_.back();
    entry.add("sees", "raw lines, before the check");
    std::vector<std::string> needles;
    for (const std::string& needle : step.map->needles()) needles.push_back('"' + needle + '"');
    if (!needles.empty()) entry.add("rules out", "lines without " + join(needles, ", without "));
    if (step.map->judge() == nullptr) {
      if (needles.empty()) {
        entry.add("rules out", "nothing unread: there is no text or number that it must find");
      }
      return;
    }
    if (const std::string_view why = why_not_judged(step); !why.empty()) {
      if (needles.empty()) entry.add("rules out", "nothing unread");
      entry.add("judges", "no lines before they are rows: " + std::string(why));
      return;
    }
    entry.add("judges", "lines of NDJSON files and pipes, before they are rows");
    if (const NumberNeedle* const number = step.map->number_needle(); number != nullptr) {
      entry.add("rules out", "of those the ones where all keys that end in \"" +
                                 std::string(number->name()) + "\" have whole numbers that fail");
    }
  }

  /// Why a filter that could judge lines does not; empty if it does.
  std::string_view why_not_judged(const Step& step) const {
    if (step.stage > 1) return "another filter is in front";
    if (!pipeline_.source->form().may_be_uncut) return "the input hands on rows";
    return takes_uncut_lines(pipeline_) ? "" : "the number of an event's line is read";
  }

  const PipelineRequest& request_;
  const Pipeline& pipeline_;
  std::vector<Entry> entries_;
  bool may_be_json_ = true;  ///< events here; else they are records
  bool is_checked_ = false;  ///< events here
};

/// What bounds the memory of the whole run.
std::string memory_of(const PipelineRequest& request, const Pipeline& pipeline) {
  const bool holds = std::ranges::any_of(pipeline.stages,
                                         [](const auto& stage) { return !stage->holds().empty(); });
  if (!holds) return "memory is constant: no stage holds anything";
  return "memory is at most " + std::to_string(pipeline.memory->limit() >> 20) + " MiB" +
         (request.memory == 0 ? ", half of the machine's: --memory sets it" : " (--memory)");
}

Result<Answer> run(const Invocation& invocation) {
  auto pipeline = plan(invocation.pipeline);
  if (!pipeline) return std::unexpected(pipeline.error());
  std::string text = Way(invocation.pipeline, **pipeline).text();
  text += "\n" + memory_of(invocation.pipeline, **pipeline) + "\n";
  if ((*pipeline)->rejects != nullptr) {
    text += "rejected events are kept in " + (*pipeline)->errors + "\n";
  }
  return Answer{std::move(text)};
}

}  // namespace

const Subcommand kExplain = {
    .command = {.name = "explain",
                .summary = "show how a pipeline would run, without running it",
                .positionals = kPositionals,
                .options = {}},
    .takes_pipeline = true,
    .run = run,
};

}  // namespace weir
