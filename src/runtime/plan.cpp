#include "runtime/plan.h"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

/// The slots that are read from stage `first` on (an index into `stages`), up to the first stage
/// that makes events of its own; without those in `there`.
std::vector<int> demand_from(const std::vector<std::unique_ptr<Stage>>& stages, size_t first,
                             const std::vector<int>& there) {
  std::vector<int> slots;
  for (size_t i = first; i < stages.size(); ++i) {
    for (const int slot : stages[i]->reads()) {
      const bool known = std::ranges::find(slots, slot) != slots.end() ||
                         std::ranges::find(there, slot) != there.end();
      if (!known) slots.push_back(slot);
    }
    const auto* op = dynamic_cast<const Operator*>(stages[i].get());
    if (op != nullptr && op->makes_events()) break;
  }
  return slots;
}

Step fill_step(const PathTable& paths, const std::vector<int>& slots, uint8_t stage) {
  return {.kind = Step::Kind::kFill,
          .stage = stage,
          .filler = std::make_unique<ColumnFiller>(paths, slots)};
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
    steps.push_back(fill_step(pipeline.paths, slots, stage));
    steps.push_back({.kind = Step::Kind::kApply, .stage = stage, .map = map, .filler = nullptr});
  }
  const auto stage = static_cast<uint8_t>(leading);
  steps.push_back({.kind = Step::Kind::kCheck, .stage = stage, .filler = nullptr});
  steps.push_back(fill_step(pipeline.paths, demand_from(pipeline.stages, leading, there), stage));
  return leading;
}

}  // namespace

Result<std::unique_ptr<Pipeline>> plan(const PipelineRequest& request) {
  constexpr size_t kMostStages = 200;
  if (request.stages.size() > kMostStages) {
    return usage_error("a pipeline has at most " + std::to_string(kMostStages) + " stages");
  }
  auto pipeline = std::make_unique<Pipeline>();
  pipeline->strict = request.strict;
  pipeline->memory =
      std::make_unique<MemoryBudget>(request.memory == 0 ? default_memory_limit() : request.memory);

  auto source = make_from(request.from, request.ends);
  if (!source) return std::unexpected(source.error());
  pipeline->source = std::move(*source);
  pipeline->names.emplace_back(kFrom.name);

  for (const StageRequest& wanted : request.stages) {
    const PlanContext context = {.paths = pipeline->paths,
                                 .index = static_cast<uint8_t>(pipeline->stages.size() + 1),
                                 .strict = request.strict,
                                 .memory = pipeline->memory.get(),
                                 .warnings = &pipeline->warnings};
    auto stage = wanted.verb->make(wanted.arguments, context);
    if (!stage) return std::unexpected(stage.error());
    pipeline->stages.push_back(std::move(*stage));
    pipeline->names.emplace_back(wanted.verb->command.name);
  }

  const auto last = static_cast<uint8_t>(pipeline->stages.size() + 1);
  auto sink = make_to(request.to, request.ends, last);
  if (!sink) return std::unexpected(sink.error());
  pipeline->sink = std::move(*sink);
  pipeline->names.emplace_back(kTo.name);

  if (!request.errors.empty()) {
    auto rejects = make_errors(request.errors, request.from, request.to);
    if (!rejects) return std::unexpected(rejects.error());
    pipeline->rejects = std::move(*rejects);
    pipeline->errors = request.errors == "-" ? "standard output" : request.errors;
  }
  return pipeline;
}

std::unique_ptr<Link> link_up(Pipeline& pipeline, Report& report, const Interrupt& interrupt) {
  std::unique_ptr<Link> link = std::make_unique<SourceLink>(*pipeline.source, interrupt);
  std::vector<Step> steps;
  size_t i = lead(pipeline, steps);
  for (; i < pipeline.stages.size(); ++i) {
    const auto index = static_cast<uint8_t>(i + 1);
    if (const auto* map = dynamic_cast<const Map*>(pipeline.stages[i].get())) {
      steps.push_back({.kind = Step::Kind::kApply, .stage = index, .map = map, .filler = nullptr});
      continue;
    }
    if (!steps.empty()) {
      link = std::make_unique<SegmentLink>(std::move(link), Segment(std::move(steps)));
      steps.clear();
    }
    auto& op = dynamic_cast<Operator&>(*pipeline.stages[i]);
    link = std::make_unique<OperatorLink>(std::move(link), op, index, report);
    if (op.makes_events()) {
      const std::vector<int> slots = demand_from(pipeline.stages, i + 1, {});
      if (!slots.empty()) steps.push_back(fill_step(pipeline.paths, slots, index));
    }
  }
  if (steps.empty()) return link;
  return std::make_unique<SegmentLink>(std::move(link), Segment(std::move(steps)));
}

}  // namespace weir
