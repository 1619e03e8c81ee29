// eval: what an expression makes of no event, of one, or of each event of the inputs.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "expr/expr.h"
#include "expr/literal.h"
#include "runtime/plan.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "EXPRESSION", .at_least = 1, .at_most = 1, .help = "the expression, in quotes"},
    {.metavar = "FILE",
     .at_least = 0,
     .at_most = -1,
     .help = "what to read events from, as from does: a file, a pattern, or - for standard input; "
             "without any, the expression is evaluated once",
     .is_file = true},
};

constexpr OptionRow kOptions[] = {
    {.name = "--event",
     .short_name = 'e',
     .type = OptionType::kText,
     .metavar = "JSON",
     .help = "evaluate once, on this event"},
    {.name = "--json",
     .type = OptionType::kFlag,
     .help = "print plain JSON values, without their types",
     .detail = "A value is written as set would write it, a missing field as null. A failure is no "
               "value: it is reported on standard error as a reject."},
};

/// Makes of each event the line that is printed for it.
class Evaluate final : public Map {
 public:
  Evaluate(const PlanContext& plan, expr::Program program, bool json)
      : Map(plan), program_(std::move(program)), json_(json) {
    reads_ = program_.slots();
  }

  void apply(Batch& batch) const override {
    Arena scratch;
    batch.retain([&](uint32_t row) {
      scratch.reset();
      const Value value = program_.eval({batch.columns, row, scratch});
      std::string problem = show(batch, row, value);
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
  }

 private:
  /// Answers an empty text, or why the row is rejected.
  std::string show(Batch& batch, uint32_t row, const Value& value) const {
    if (value.is_missing() && strict_) return "a field of the expression is missing";
    const bool failed = value.kind == Kind::kError;
    if (failed && (strict_ || json_)) return std::string(value.text());
    if (json_) {
      std::string text;
      std::string problem = write_json(value.is_missing() ? Value::null() : value, text);
      if (!problem.empty()) return problem;
      batch.rows[row].set_text(batch.arena.copy(text));
      batch.rows[row].cells = nullptr;
      return {};
    }
    // The line says what is wrong, so the note has nothing to add.
    if (failed) batch.note(row, index_, Note::Kind::kError, {});
    constexpr std::array<std::string_view, 1> kNames = {"message"};
    auto* const cell = batch.arena.make_array<Value>(1);
    *cell = Value::of_string(batch.arena.copy(expr::typed_line(value)));
    batch.rows[row].schema = batch.schema_of(kNames);
    batch.rows[row].cells = cell;
    batch.rows[row].set_text({});
    return {};
  }

  expr::Program program_;
  bool json_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto program = expr::Program::of(arguments.positionals[0], plan.paths, plan.limits);
  if (!program) return std::unexpected(program.error());
  return std::make_unique<Evaluate>(plan, std::move(*program), arguments.has("--json"));
}

constexpr Command kCommand = {.name = "eval",
                              .summary = "evaluate an expression and print the result",
                              .positionals = kPositionals,
                              .options = kOptions};

constexpr Verb kEvaluate = {.command = kCommand, .make = make};

/// The one event of the command line.
class GivenEvent final : public Source {
 public:
  explicit GivenEvent(std::string json) : json_(std::move(json)) {}

  Result<void> open() override { return {}; }

  Result<Pull> next(Batch& batch) override {
    if (std::exchange(given_, true)) return Pull::kEnd;
    batch.buffer = Buffer(json_.size());
    std::ranges::copy(json_, batch.buffer.data());
    batch.origin = origin_;
    batch.first_line = 1;
    batch.add_text({batch.buffer.data(), json_.size()}, 0);
    return Pull::kBatch;
  }

  int wait_fd() const override { return -1; }
  bool is_live() const override { return false; }
  void stop() override { given_ = true; }

 private:
  std::string json_;
  std::shared_ptr<const Origin> origin_ = std::make_shared<const Origin>(Origin{.name = "event"});
  bool given_ = false;
};

/// The event to evaluate on where no input is read: the one given, or one without fields. In one
/// line, as events are.
Result<std::string> given_event(const Arguments& arguments) {
  if (!arguments.has("--event")) return "{}";
  std::string json(arguments.get("--event"));
  if (const std::string problem = check_json(json); !problem.empty()) {
    return usage_error("eval: --event is no JSON: " + problem);
  }
  // Between values only: in a string JSON allows neither.
  std::ranges::replace(json, '\n', ' ');
  std::ranges::replace(json, '\r', ' ');
  return json;
}

/// The pipeline that reads, evaluates and prints.
Result<std::unique_ptr<Pipeline>> plan_eval(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  PipelineRequest request = invocation.pipeline;
  request.from.positionals.assign(arguments.positionals.begin() + 1, arguments.positionals.end());
  const bool reads = !request.from.positionals.empty();
  if (reads && arguments.has("--event")) {
    return usage_error("eval: it is --event or files, not both");
  }
  if (!request.ends.output_format.empty()) {
    return usage_error(
        "eval: -o says how events are written, and these are none: --json prints "
        "plain values");
  }
  request.stages.push_back({&kEvaluate, arguments});
  request.to.values["--format"] = {arguments.has("--json") ? "ndjson" : "text"};
  auto event = given_event(arguments);
  if (!event) return std::unexpected(event.error());
  auto pipeline = plan(request);
  if (!pipeline) return pipeline;
  (*pipeline)->errors_fail = true;
  if (!reads) (*pipeline)->source = std::make_unique<GivenEvent>(std::move(*event));
  return pipeline;
}

}  // namespace

const Subcommand kEval = {.command = kCommand, .plan = plan_eval};

}  // namespace weir
