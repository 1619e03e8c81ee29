// head: the first events, and not one more.
#include "stage/count.h"
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
     .help = "how many events, as head(1) has it"},
};

class Head final : public Operator {
 public:
  Head(const PlanContext& plan, uint64_t count) : Operator(plan), left_(count) {}
  Fields fields(const Fields& before) const override { return before; }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    // Nothing more is read once there is enough: the source may be silent for hours.
    if (left_ == 0) return Pull::kEnd;
    auto pulled = upstream.next(out);
    if (!pulled || *pulled != Pull::kBatch) return pulled;
    if (out.alive.size() >= left_) {
      out.truncate(out.alive[left_ - 1] + 1);
      left_ = 0;
    } else {
      left_ -= out.alive.size();
    }
    return pulled;
  }

 private:
  uint64_t left_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto count = read_count(arguments, "head");
  if (!count) return std::unexpected(count.error());
  return std::make_unique<Head>(plan, *count);
}

}  // namespace

const Verb kHead = {
    .command = {.name = "head",
                .summary = "pass the first events on and read no more",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
};

}  // namespace weir
