// select: keep some fields of events and nothing else.
#include "event/select.h"

#include <algorithm>

#include "expr/expr.h"
#include "stage/sought_fields.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FIELDS",
     .at_least = 1,
     .at_most = -1,
     .help = "the fields that stay, in this order; separated by commas or as several words"},
};

class Select final : public Map {
 public:
  Select(const PlanContext& plan, std::vector<Path> fields)
      : Map(plan),
        paths_(plan.paths),
        names_(names_of(fields)),
        fields_(std::move(fields)),
        sought_(fields_) {}

  Result<void> open() override {
    selector_ = std::make_unique<FieldSelector>(std::move(fields_), paths_);
    return {};
  }

  Fields fields(const Fields&) const override { return names_; }

  void apply(Batch& batch) const override {
    if (batch.alive.empty()) return;
    const uint8_t born = batch.rows[batch.alive.front()].born;
    std::vector<bool> met = sought_.none_met();
    batch.retain([&](uint32_t row) {
      std::string problem = selector_->select(batch, row, met);
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
    sought_.note(batch, index_, born, met);
  }

 private:
  /// Only an event tells whether a.b is in the field a, or is the field "a.b".
  static Fields names_of(const std::vector<Path>& paths) {
    Fields names;
    for (const Path& path : paths) {
      if (path.names.size() != 1) return {};
      const std::string& name = path.names.front().text;
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
  }

  const PathTable& paths_;
  Fields names_;
  std::vector<Path> fields_;
  SoughtFields sought_;
  std::unique_ptr<FieldSelector> selector_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto fields = expr::parse_fields(arguments.positionals);
  if (!fields) return std::unexpected(fields.error());
  return std::make_unique<Select>(plan, std::move(*fields));
}

}  // namespace

const Verb kSelect = {
    .command = {.name = "select",
                .summary = "keep some fields and nothing else",
                .positionals = kPositionals,
                .options = {}},
    .make = make,
};

}  // namespace weir
