// tail: the last events.
#include <algorithm>
#include <deque>

#include "base/units.h"
#include "event/kept_row.h"
#include "stage/count.h"
#include "stage/held.h"
#include "stage/per_run.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "COUNT", .at_least = 0, .at_most = 1, .help = "how many events; 10 if left out"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--count",
     .short_name = 'n',
     .type = OptionType::kNumber,
     .metavar = "COUNT",
     .help = "how many events, as tail(1) has it"},
    kPerRun,
};

class Tail final : public Operator {
 public:
  Tail(const PlanContext& plan, uint64_t count)
      : Operator(plan), count_(count), memory_(*plan.memory) {}
  Fields fields(const Fields& before) const override { return before; }

  std::string holds() const override {
    return "the last " + format_count(count_) + " events, within --memory";
  }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    while (!ended_) {
      auto pulled = upstream.next(input_);
      if (!pulled || *pulled == Pull::kIdle) return pulled;
      ended_ = *pulled == Pull::kEnd;
      if (ended_) break;
      if (auto taken = take(upstream); !taken) return std::unexpected(taken.error());
    }
    if (held_.empty()) return Pull::kEnd;
    out.reset();
    out.held_at = index_;
    move_to_batch(held_, out);
    return Pull::kBatch;
  }

 private:
  Result<void> take(Upstream& upstream) {
    // Only the last events of a batch can be among the last of all.
    const size_t passed = input_.alive.size() - std::min(input_.alive.size(), count_);
    for (size_t i = 0; i < passed; ++i) input_.end(input_.alive[i], index_, Fate::kCut);
    input_.alive.erase(input_.alive.begin(),
                       input_.alive.begin() + static_cast<std::ptrdiff_t>(passed));
    size_t fallen = 0;
    while (held_.size() + input_.alive.size() > count_) {
      held_.pop_front();
      ++fallen;
    }
    bool too_much = false;
    for (const uint32_t row : input_.alive) {
      held_.emplace_back(input_, row);
      too_much = memory_.exceeded_with(held_.back().bytes()) || too_much;
    }
    upstream.end_held(fallen, Fate::kCut);
    auto held = upstream.hold(input_);
    if (held && too_much) return holds_too_much("tail", held_.size(), memory_);
    return held;
  }

  size_t count_;
  MemoryWatch memory_;
  Batch input_;
  std::deque<KeptRow> held_;
  bool ended_ = false;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto count = read_count(arguments, "tail");
  if (!count) return std::unexpected(count.error());
  return std::make_unique<Tail>(plan, *count);
}

}  // namespace

const Verb kTail = {
    .command = {.name = "tail",
                .summary = "pass the last events on, at the end",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
    .answers_per_run = answers_per_run,
};

}  // namespace weir
