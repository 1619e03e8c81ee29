// set: give fields new values.
#include <algorithm>
#include <string>
#include <utility>

#include "event/edit.h"
#include "expr/expr.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "'FIELD = EXPRESSION'",
     .at_least = 1,
     .at_most = -1,
     .help = "an assignment; a later one sees the results of those before it"},
};

class Set final : public Map {
 public:
  Set(const PlanContext& plan)
      : Map(plan), paths_(plan.paths), limits_(plan.limits), memory_(*plan.memory) {}

  /// Adds an assignment; errors are wrong expressions.
  Result<void> add(const std::string& source) {
    auto named = expr::parse_assignment(source, limits_);
    if (!named) return std::unexpected(named.error());
    if (named->target.names.empty() || named->target.root != Path::Root::kEvent) {
      return usage_error("set: '" + named->target.to_string() +
                         "' is no field: set changes fields, not the whole event or meta");
    }
    auto program = expr::Program::compile(*named->node, named->source, paths_,
                                          expr::Dialect::kEvents, limits_);
    if (!program) return std::unexpected(program.error());
    for (const int slot : program->slots()) reads_.push_back(slot);
    for (const int slot : program->expected_slots()) {
      const bool set_before = std::ranges::any_of(assignments_, [&](const Assignment& earlier) {
        return overlaps(earlier.target, paths_.path(slot));
      });
      if (!set_before) expects_.push_back({slot, paths_.path(slot)});
    }
    assignments_.push_back({std::move(named->target), std::move(*program)});
    return {};
  }

  Result<void> open() override {
    for (Assignment& assignment : assignments_) {
      writers_.push_back(std::make_unique<FieldWriter>(std::move(assignment.target), paths_));
    }
    return {};
  }

  void apply(Batch& batch) const override {
    Arena scratch;
    MemoryWatch watch(memory_);
    batch.retain([&](uint32_t row) {
      scratch.reset();
      const uint64_t before = batch.arena.handed_out();
      for (size_t i = 0; i < assignments_.size(); ++i) {
        std::string problem = assign(batch, row, i, scratch);
        if (problem.empty()) continue;
        batch.reject(row, index_, std::move(problem));
        return false;
      }
      // --max-result bounds one result only, and a batch may have thousands.
      if (watch.exceeded_with(batch.arena.handed_out() - before)) {
        throw BatchTooLarge("set", memory_);
      }
      return true;
    });
  }

 private:
  struct Assignment {
    Path target;
    expr::Program program;
  };

  /// Answers an empty text, or why the row is rejected.
  std::string assign(Batch& batch, uint32_t row, size_t i, Arena& scratch) const {
    const FieldWriter& writer = *writers_[i];
    const Value value = assignments_[i].program.eval({batch.columns, row, scratch});
    if (value.is_missing()) {
      std::string reason =
          "a field that '" + writer.target().to_string() + "' is made of is missing";
      if (strict_) return reason;
      batch.note(row, index_, Note::Kind::kMissing, std::move(reason));
      return {};
    }
    if (value.is_error()) return writer.target().to_string() + ": " + std::string(value.text());
    return writer.write(batch, row, value);
  }

  PathTable& paths_;
  expr::Limits limits_;
  const MemoryBudget& memory_;
  std::vector<Assignment> assignments_;
  std::vector<std::unique_ptr<FieldWriter>> writers_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto set = std::make_unique<Set>(plan);
  for (const std::string& source : arguments.positionals) {
    if (auto added = set->add(source); !added) return std::unexpected(added.error());
  }
  return set;
}

}  // namespace

const Verb kSet = {
    .command = {.name = "set",
                .summary = "give fields new values",
                .positionals = kPositionals,
                .options = {}},
    .make = make,
};

}  // namespace weir
