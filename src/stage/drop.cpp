// drop: take fields out of events.
#include "event/remove.h"
#include "expr/expr.h"
#include "stage/sought_fields.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FIELDS",
     .at_least = 1,
     .at_most = -1,
     .help = "the fields that go, separated by commas or as several words"},
};

class Drop final : public Map {
 public:
  Drop(const PlanContext& plan, std::vector<Path> fields)
      : Map(plan), paths_(plan.paths), fields_(std::move(fields)), sought_(fields_) {}

  Result<void> open() override {
    remover_ = std::make_unique<FieldRemover>(std::move(fields_), paths_);
    return {};
  }

  void apply(Batch& batch) const override {
    if (batch.alive.empty()) return;
    const uint8_t born = batch.rows[batch.alive.front()].born;
    std::vector<bool> met = sought_.none_met();
    for (const uint32_t row : batch.alive) remover_->remove(batch, row, &met);
    sought_.note(batch, index_, born, met);
  }

 private:
  const PathTable& paths_;
  std::vector<Path> fields_;
  SoughtFields sought_;
  std::unique_ptr<FieldRemover> remover_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto fields = expr::parse_fields(arguments.positionals);
  if (!fields) return std::unexpected(fields.error());
  return std::make_unique<Drop>(plan, std::move(*fields));
}

}  // namespace

const Verb kDrop = {
    .command = {.name = "drop",
                .summary = "take fields out of events",
                .positionals = kPositionals,
                .options = {}},
    .make = make,
};

}  // namespace weir
