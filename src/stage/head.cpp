// head: the first events, and not one more.
#include <charconv>
#include <string>

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
  if (arguments.has("--count") && !arguments.positionals.empty()) {
    return usage_error("head: the count is given twice, as COUNT and as --count");
  }
  const std::string_view text = arguments.positionals.empty()
                                    ? arguments.get("--count", "10")
                                    : std::string_view(arguments.positionals[0]);
  uint64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return usage_error("head: COUNT is a whole number, not '" + std::string(text) + "'");
  }
  return std::make_unique<Head>(plan, count);
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
