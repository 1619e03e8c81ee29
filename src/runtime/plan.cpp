#include "runtime/plan.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/endpoint.h"
#include "event/now.h"
#include "runtime/parallel_segment.h"
#include "stage/per_run.h"
#include "stage/verbs.h"

namespace weir {

namespace {

/// What is behind the name of a bot in that of the queue that it keeps its rejects in.
constexpr std::string_view kRejects = ".rejects";

/// The slots that are read from stage `first` on (an index into `stages`), up to the first stage
/// that makes events of its own, or the sink; without those in `there`.
std::vector<int> demand_from(const Pipeline& pipeline, size_t first,
                             const std::vector<int>& there) {
  std::vector<int> slots;
  const auto add = [&](std::span<const int> read) {
    for (const int slot : read) {
      const bool known = std::ranges::find(slots, slot) != slots.end() ||
                         std::ranges::find(there, slot) != there.end();
      if (!known) slots.push_back(slot);
    }
  };
  for (size_t i = first; i < pipeline.stages.size(); ++i) {
    add(pipeline.stages[i]->reads());
    const auto* op = dynamic_cast<const Operator*>(pipeline.stages[i].get());
    if (op != nullptr && op->makes_events()) return slots;
  }
  add(pipeline.sink->reads());
  return slots;
}

Step fill_step(const PathTable& paths, const std::vector<int>& slots, uint8_t stage,
               const NumberNeedle* number = nullptr) {
  return {.kind = Step::Kind::kFill,
          .stage = stage,
          .filler = std::make_unique<ColumnFiller>(paths, slots, number),
          .slots = slots};
}

/// The steps in front of the first stage that needs checked events. Leading filters come before the
/// check: they see raw lines. Answers how many stages the steps contain.
size_t lead(const Pipeline& pipeline, std::vector<Step>& steps) {
  std::vector<int> there;
  size_t leading = 0;
  while (!pipeline.strict && leading < pipeline.stages.size()) {
    const auto* map = dynamic_cast<const Map*>(pipeline.stages[leading].get());
    if (map == nullptr || !map->may_lead()) break;
    const auto stage = static_cast<uint8_t>(++leading);
    steps.push_back({.kind = Step::Kind::kRuleOut, .stage = stage, .map = map, .filler = nullptr});
    std::vector<int> slots;
    for (const int slot : map->reads()) {
      if (std::ranges::find(there, slot) == there.end()) slots.push_back(slot);
    }
    there.insert(there.end(), slots.begin(), slots.end());
    steps.push_back(fill_step(pipeline.paths, slots, stage, map->number_needle()));
    steps.push_back({.kind = Step::Kind::kApply, .stage = stage, .map = map, .filler = nullptr});
  }
  const auto stage = static_cast<uint8_t>(leading);
  steps.push_back({.kind = Step::Kind::kCheck, .stage = stage, .filler = nullptr});
  steps.push_back(fill_step(pipeline.paths, demand_from(pipeline, leading, there), stage));
  return leading;
}

/// More threads than this are asked for by name only: few pipelines keep them busy.
constexpr size_t kUsualJobs = 4;

/// Two threads compress more than one can fill.
constexpr size_t kCompressors = 2;

size_t usual_jobs() {
  return std::clamp(size_t{std::thread::hardware_concurrency()}, size_t{1}, kUsualJobs);
}

bool is_per_run(const StageRequest& stage) {
  return stage.verb->answers_per_run != nullptr && stage.verb->answers_per_run(stage.arguments);
}

/// What the ends need to know: what was said globally, and what the stages ask for.
EndSettings settle_ends(const PipelineRequest& request) {
  EndSettings ends = request.ends;
  if (!request.stages.empty()) {
    const StageRequest& first = request.stages.front();
    ends.reads_lines =
        first.verb->reads_lines != nullptr && first.verb->reads_lines(first.arguments);
  }
  for (const StageRequest& wanted : request.stages) {
    const uint32_t rows = wanted.verb->batch_rows;
    if (rows != 0 && (ends.batch_rows == 0 || rows < ends.batch_rows)) ends.batch_rows = rows;
    // What the stage remembers is written at the end, and the bot moves when that is.
    if (is_per_run(wanted)) ends.commit = {.bytes = SIZE_MAX};
  }
  if (!request.bot.empty() && ends.commit.events < UINT32_MAX) {
    const auto most = static_cast<uint32_t>(ends.commit.events);
    ends.batch_rows = ends.batch_rows == 0 ? most : std::min(ends.batch_rows, most);
  }
  // Where the first reject ends the run, a tee must not have written what came behind it.
  const bool has_tee =
      std::ranges::find(request.stages, &kTee, &StageRequest::verb) != request.stages.end();
  if (has_tee && request.strict && request.errors.empty()) ends.batch_rows = 1;
  return ends;
}

/// What a bot cannot do is refused before anything is read: it would lose or double events.
Result<void> check_bot(const Pipeline& pipeline, const PipelineRequest& request,
                       const Places& places) {
  if (request.bot.empty()) return {};
  if (const std::string& other = places.not_for_bots(); !other.empty()) {
    return usage_error("--as " + request.bot +
                       ": a bot reads a queue or files, and writes queues and files " +
                       "(its rejects to a queue), " +
                       (other == "-" ? "no standard stream" : "not '" + other + "'"));
  }
  for (size_t i = 0; i < pipeline.stages.size(); ++i) {
    const auto* op = dynamic_cast<const Operator*>(pipeline.stages[i].get());
    const StageRequest& wanted = request.stages[i];
    if (op == nullptr || (op->keeps() != Keeps::kUntilEnd && !is_per_run(wanted))) continue;
    const std::string who = "--as " + request.bot + ": '" + pipeline.names[i + 1] + "'";
    if (!is_per_run(wanted)) {
      return usage_error(
          who + " remembers events, and what it remembers would be gone at the next " + "run: " +
          (wanted.verb->answers_per_run != nullptr
               ? "with --per-run it answers for each run by itself"
               : "from --limit ends a run after so many events of a queue"));
    }
    if (request.from.has("--follow")) {
      return usage_error(who + " answers at the end of a run, and with --follow that never comes");
    }
  }
  return {};
}

/// The stages, each as one would write it. What is open at the end of a run may be closed in one
/// run and not in the next.
std::vector<std::string> write_stages(const PipelineRequest& request) {
  std::vector<std::string> all;
  for (const StageRequest& stage : request.stages) {
    Arguments arguments = stage.arguments;
    arguments.values.erase(std::string(kPerRun.name));
    all.push_back(as_written(stage.verb->command.name, arguments));
  }
  return all;
}

}  // namespace

bool takes_uncut_lines(const Pipeline& pipeline) {
  for (int slot = 0; slot < pipeline.paths.size(); ++slot) {
    const Path& path = pipeline.paths.path(slot);
    if (path.root != Path::Root::kMeta) continue;
    if (path.names.empty() || path.names.front().text == "line") return false;
  }
  return true;
}

Error about(std::string_view stage, Error error) {
  // "to: ..." and "to --columns: ..." say it.
  const std::string name(stage);
  const bool says = error.message.starts_with(name + ":") || error.message.starts_with(name + " ");
  if (!says) error.message.insert(0, name + ": ");
  return error;
}

Result<std::unique_ptr<Pipeline>> plan(const PipelineRequest& request) {
  constexpr size_t kMostStages = 200;
  if (request.stages.size() > kMostStages) {
    return usage_error("a pipeline has at most " + std::to_string(kMostStages) + " stages");
  }
  if (request.now) fix_now(*request.now);
  auto pipeline = std::make_unique<Pipeline>();
  pipeline->strict = request.strict;
  pipeline->progress = request.progress;
  pipeline->metered = request.metered;
  pipeline->jobs = request.jobs == 0 ? usual_jobs() : request.jobs;
  pipeline->memory =
      std::make_unique<MemoryBudget>(request.memory == 0 ? default_memory_limit() : request.memory);

  pipeline->bus = std::make_shared<BusSession>(request.bus, request.bot, request.dry_run);
  Places places(pipeline->bus);
  const EndSettings ends = settle_ends(request);
  auto source = make_from(request.from, ends, places);
  if (!source) return std::unexpected(source.error());
  pipeline->source = std::move(*source);
  const auto run_time = read_run_time(request.from);
  if (!run_time) return std::unexpected(run_time.error());
  if (*run_time) pipeline->deadline = Deadline(std::chrono::milliseconds(**run_time));
  pipeline->names.emplace_back(kFrom.name);

  Fields fields;
  for (const StageRequest& wanted : request.stages) {
    const PlanContext context = {.paths = pipeline->paths,
                                 .index = static_cast<uint8_t>(pipeline->stages.size() + 1),
                                 .strict = request.strict,
                                 .limits = request.limits,
                                 .memory = pipeline->memory.get(),
                                 .warnings = &pipeline->warnings,
                                 .places = &places,
                                 .terminal = request.ends.terminal,
                                 .fields = fields,
                                 .bot = !request.bot.empty()};
    auto stage = wanted.verb->make(wanted.arguments, context);
    if (!stage) return std::unexpected(about(wanted.verb->command.name, stage.error()));
    auto* op = dynamic_cast<Operator*>(stage->get());
    if (Branch* branch = op == nullptr ? nullptr : op->branch(); branch != nullptr) {
      pipeline->branches.push_back(branch);
      pipeline->branch_accounts.push_back({.stage = context.index, .endpoint = branch->endpoint});
    }
    fields = (*stage)->fields(fields);
    pipeline->stages.push_back(std::move(*stage));
    pipeline->names.emplace_back(wanted.verb->command.name);
  }

  const auto last = static_cast<uint8_t>(pipeline->stages.size() + 1);
  auto sink = make_to(request.to, request.ends,
                      {.places = places,
                       .paths = pipeline->paths,
                       .limits = request.limits,
                       .terminal = request.ends.terminal,
                       .fields = std::move(fields),
                       .index = last});
  if (!sink) return std::unexpected(about(kTo.name, sink.error()));
  pipeline->sink = std::move(*sink);
  pipeline->names.emplace_back(kTo.name);

  std::string errors = request.errors;
  std::string who = "--errors";
  if (errors.empty() && !request.bot.empty()) {
    const std::string queue = request.bot + std::string(kRejects);
    if (!wrong_name(queue).empty()) {
      return usage_error("--as '" + request.bot + "': without --errors the name has at most " +
                         std::to_string(kLongestName - kRejects.size()) +
                         " bytes: its rejects go to queue:BOT" + std::string(kRejects));
    }
    errors = "queue:" + queue;
    who = "--as " + request.bot + " (its rejects)";
  }
  if (!errors.empty()) {
    auto rejects = make_errors(errors, who, places);
    if (!rejects) return std::unexpected(rejects.error());
    pipeline->rejects = std::move(*rejects);
    pipeline->errors = errors == "-" ? "standard output" : errors;
  }
  if (auto fine = check_bot(*pipeline, request, places); !fine) {
    return std::unexpected(fine.error());
  }
  pipeline->written = write_stages(request);
  return pipeline;
}

std::vector<Stretch> schedule(const Pipeline& pipeline) {
  std::vector<Stretch> stretches(1);
  for (size_t i = lead(pipeline, stretches[0].steps); i < pipeline.stages.size(); ++i) {
    const auto index = static_cast<uint8_t>(i + 1);
    Stage* stage = pipeline.stages[i].get();
    if (const auto* map = dynamic_cast<const Map*>(stage)) {
      stretches.back().steps.push_back(
          {.kind = Step::Kind::kApply, .stage = index, .map = map, .filler = nullptr});
      continue;
    }
    auto* op = dynamic_cast<Operator*>(stage);
    if (op->has_partial_step()) {
      stretches.back().steps.push_back(
          {.kind = Step::Kind::kPartial, .stage = index, .filler = nullptr, .op = op});
    }
    stretches.back().op = op;
    stretches.back().stage = index;
    stretches.emplace_back();
    if (op->makes_events()) {
      const std::vector<int> slots = demand_from(pipeline, i + 1, {});
      if (!slots.empty()) {
        stretches.back().steps.push_back(fill_step(pipeline.paths, slots, index));
      }
    }
  }
  return stretches;
}

Links link_up(Pipeline& pipeline, Report& report, const Interrupt& interrupt) {
  std::unique_ptr<Link> link = std::make_unique<SourceLink>(
      *pipeline.source, interrupt, pipeline.deadline, pipeline.metered ? &report : nullptr);
  bool first = true;
  pipeline.source->decode_ahead(pipeline.jobs);
  pipeline.bus->compress_ahead(std::min(pipeline.jobs, kCompressors));
  if (takes_uncut_lines(pipeline)) pipeline.source->leave_uncut();
  std::vector<Link*> branching;
  uint8_t above = 0;
  for (Stretch& stretch : schedule(pipeline)) {
    Segment segment(std::move(stretch.steps), above, pipeline.metered);
    above = stretch.stage;
    if (std::exchange(first, false)) {
      link =
          std::make_unique<ParallelSegmentLink>(std::move(link), std::move(segment), pipeline.jobs);
    } else {
      link = std::make_unique<SegmentLink>(std::move(link), std::move(segment));
    }
    if (stretch.op == nullptr) continue;
    link = std::make_unique<OperatorLink>(std::move(link), *stretch.op, stretch.stage, report,
                                          pipeline.metered);
    if (stretch.op->branch() != nullptr) branching.push_back(link.get());
  }
  return {.bottom = std::move(link), .branching = std::move(branching)};
}

}  // namespace weir
