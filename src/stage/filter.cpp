// filter: keep the events for which an expression is true.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "event/line_judge.h"
#include "event/needle.h"
#include "event/number_needle.h"
#include "expr/comparisons.h"
#include "expr/expr.h"
#include "expr/function.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "EXPRESSION", .at_least = 1, .at_most = 1, .help = "the condition, in quotes"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--invert",
     .short_name = 'v',
     .type = OptionType::kFlag,
     .help = "keep all events that the filter would not keep",
     .detail =
         "Events on which the expression fails or meets a missing field are kept too, as with "
         "grep -v."},
};

class Filter final : public Map {
 public:
  Filter(const PlanContext& plan, expr::Program program, bool invert,
         std::vector<expr::Comparison> comparisons)
      : Map(plan), program_(std::move(program)), invert_(invert) {
    reads_ = program_.slots();
    for (const int slot : program_.expected_slots()) {
      expects_.push_back({slot, plan.paths.path(slot)});
    }
    for (expr::Comparison& comparison : comparisons) {
      const int slot = plan.paths.slot(comparison.field);
      // What the compiler saw no need to read decides nothing.
      if (std::ranges::find(reads_, slot) == reads_.end()) continue;
      expects_.push_back({slot, std::move(comparison.field), std::move(comparison.counterpart)});
    }
    if (invert_) return;
    needles_ = program_.needles();
    for (const std::string& needle : needles_) looked_for_.emplace_back(needle);
    // Needles rule lines out before anybody sees the types of their fields, so that a judge, which
    // sees them, would silence a hint.
    const bool tells_types = std::ranges::any_of(
        expects_, [](const ExpectedField& field) { return field.compared.has_value(); });
    if (program_.only_compares() && (needles_.empty() || !tells_types)) {
      judge_.emplace(plan.paths, *this);
    }
    if (const auto test = program_.number_test()) {
      number_ = NumberNeedle::of(plan.paths.path(test->slot), test->least, test->most);
    }
  }

  bool may_lead() const override { return true; }

  std::span<const std::string> needles() const override { return needles_; }

  const Needle* needle() const override {
    // The longest says most.
    const auto longest = std::ranges::max_element(
        looked_for_, {}, [](const Needle& needle) { return needle.text().size(); });
    return longest == looked_for_.end() || longest->text().empty() ? nullptr : &*longest;
  }

  const LineJudge* judge() const override {
    return judge_ && judge_->is_able() ? &*judge_ : nullptr;
  }

  const NumberNeedle* number_needle() const override { return number_ ? &*number_ : nullptr; }

  void rule_out(Batch& batch) const override {
    for (const Needle& needle : looked_for_) {
      NeedleSearch search(needle, batch);
      batch.retain([&](uint32_t row) {
        const Row& event = batch.rows[row];
        if (event.is_record() || search.may_be_in(event)) return true;
        batch.end(row, index_, Fate::kFiltered);
        return false;
      });
    }
  }

  Fields fields(const Fields& before) const override { return before; }
  void apply(Batch& batch) const override {
    Arena scratch;
    batch.retain([&](uint32_t row) {
      scratch.reset();
      const Value value = program_.eval({batch.columns, row, scratch});
      if (value.kind == Kind::kBool && value.boolean != invert_) return true;
      if (value.kind == Kind::kBool) {
        batch.end(row, index_, Fate::kFiltered);
        return false;
      }
      return keep_without_answer(batch, row, value);
    });
  }

 private:
  /// Rules lines out on which the expression is false.
  class Judge final : public LineJudge {
   public:
    Judge(const PathTable& paths, const Filter& filter)
        : LineJudge(paths, filter.reads_), filter_(filter), test_(filter.program_.number_test()) {
      std::ranges::copy_if(filter.expects_, std::back_inserter(compared_),
                           [](const ExpectedField& field) { return field.compared.has_value(); });
    }

   private:
    bool is_ruled_out_by(Reading& reading) const override {
      // The commonest filter is not worth the way to the evaluator.
      if (test_) {
        const Value& value = reading.columns[static_cast<size_t>(test_->slot)][0];
        return value.kind == Kind::kInt && !test_->passes(value.integer);
      }
      for (const ExpectedField& field : compared_) {
        const Value& value = reading.columns[static_cast<size_t>(field.slot)][0];
        if (!field.compared->has_type_of(value)) return false;
      }
      const Value value = filter_.program_.eval({reading.columns, 0, reading.arena});
      return value.kind == Kind::kBool && !value.boolean;
    }

    const Filter& filter_;
    std::optional<expr::Program::NumberTest> test_;
    std::vector<ExpectedField> compared_;
  };

  /// What becomes of a row on which the expression is neither true nor false.
  bool keep_without_answer(Batch& batch, uint32_t row, const Value& value) const {
    std::string reason;
    if (value.kind == Kind::kError) {
      reason = value.text();
    } else if (!value.is_missing()) {
      reason =
          "the expression is neither true nor false, but " + std::string(expr::with_article(value));
    } else if (strict_) {
      reason = "a field of the expression is missing";
    }
    if (strict_) {
      batch.reject(row, index_, std::move(reason));
      return false;
    }
    if (!reason.empty()) batch.note(row, index_, Note::Kind::kError, std::move(reason));
    if (!invert_) batch.end(row, index_, Fate::kFiltered);
    return invert_;
  }

  expr::Program program_;
  bool invert_;
  std::optional<Judge> judge_;
  std::vector<std::string> needles_;
  std::vector<Needle> looked_for_;  ///< the same
  std::optional<NumberNeedle> number_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  const std::string& source = arguments.positionals[0];
  auto node = expr::parse(source, expr::Dialect::kEvents, plan.limits);
  if (!node) return std::unexpected(node.error());
  auto program =
      expr::Program::compile(**node, source, plan.paths, expr::Dialect::kEvents, plan.limits);
  if (!program) return std::unexpected(program.error());
  return std::make_unique<Filter>(plan, std::move(*program), arguments.has("--invert"),
                                  expr::comparisons(**node));
}

}  // namespace

const Verb kFilter = {
    .command = {.name = "filter",
                .summary = "keep the events for which an expression is true",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
};

}  // namespace weir
