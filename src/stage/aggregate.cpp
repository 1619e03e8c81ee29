// aggregate: group events and compute over each group.
#include <algorithm>
#include <string>
#include <utility>

#include "base/foreign_words.h"
#include "base/large_memory.h"
#include "event/json_value.h"
#include "event/keep.h"
#include "event/key.h"
#include "event/lineage.h"
#include "expr/expr.h"
#include "stage/aggregate_functions.h"
#include "stage/group_keys.h"
#include "stage/per_run.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "'NAME = EXPRESSION'",
     .at_least = 0,
     .at_most = -1,
     .help = "a field of the result, made of aggregate functions: count() sum(x) mean(x) min(x) "
             "max(x) first(x) last(x)"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--by",
     .short_name = 'b',
     .type = OptionType::kText,
     .metavar = "KEYS",
     .help = "group by these fields or expressions, separated by commas",
     .detail = "A key that is no plain field can be named: --by 'svc = lower(service)'. A missing "
               "key groups as null."},
    kPerRun,
};

/// Groups that leave in one batch.
constexpr size_t kGroupsPerBatch = 1024;
/// New groups between two looks at the memory.
constexpr size_t kGroupsPerLook = 1024;

class Aggregate final : public Operator {
 public:
  explicit Aggregate(const PlanContext& plan)
      : Operator(plan), paths_(plan.paths), limits_(plan.limits), memory_(*plan.memory) {
    schema_ = std::make_shared<Schema>();
  }

  Result<expr::Program> compile(const expr::Node& node, std::string_view source,
                                PathTable& paths) const {
    return expr::Program::compile(node, source, paths, expr::Dialect::kEvents, limits_);
  }

  Result<void> add_keys(const std::string& source) {
    auto keys = expr::parse_list(source, limits_);
    if (!keys) return std::unexpected(keys.error());
    for (const expr::Named& key : *keys) {
      auto program = compile(*key.node, key.source, paths_);
      if (!program) return std::unexpected(program.error());
      note_reads(*program);
      keys_.push_back(std::move(*program));
      if (auto named = add_name(key.name); !named) return named;
      key_slots_.push_back(results_.slot(key.has_name ? Path::dotted(key.name) : key.target));
    }
    return {};
  }

  Result<void> add_output(const std::string& source) {
    auto named = expr::parse_assignment(source, limits_);
    if (!named) return std::unexpected(named.error());
    if (named->target.root != Path::Root::kEvent || named->target.names.empty()) {
      return usage_error("aggregate: '" + named->name + "' is no name for a field");
    }
    const std::vector<expr::AggregateCall> calls =
        expr::take_calls(named->node, aggregate_function_names());
    for (const expr::AggregateCall& call : calls) {
      if (auto added = add_call(call, named->source); !added) return added;
    }
    if (auto known = check_calls(*named->node, named->source); !known) return known;
    // An unknown function comes before unknown fields: `avg(x)` is about avg, not about x.
    PathTable any_field = results_;
    auto functions_known = compile(*named->node, named->source, any_field);
    if (!functions_known) return std::unexpected(functions_known.error());
    if (auto known = check_fields(*named); !known) return known;
    auto program = compile(*named->node, named->source, results_);
    if (!program) return std::unexpected(program.error());
    outputs_.push_back(std::move(*program));
    return add_name(named->name);
  }

  bool makes_events() const override { return true; }
  Fields fields(const Fields&) const override { return schema_->names; }
  bool has_partial_step() const override { return true; }

  /// Groups the events of one batch.
  void partial_step(Batch& batch) const override {
    Part& part = part_of(batch);
    Event event(*this);
    batch.retain([&](uint32_t row) {
      if (part.mixed) return true;
      std::string problem = fold(batch, row, event, part);
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
  }

  std::string holds() const override {
    return keys_.empty() ? "one group" : "a group for each key, within --memory";
  }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    while (!ended_) {
      auto pulled = upstream.next(input_);
      if (!pulled || *pulled == Pull::kIdle) return pulled;
      if (*pulled == Pull::kEnd) {
        // Without keys there is one group, also of no events: count() is 0 then.
        if (keys_.empty() && groups_.size() == 0) add_group({}, GroupKeys::hash({}));
        ended_ = true;
        break;
      }
      if (auto taken = take(input_); !taken) return std::unexpected(taken.error());
      if (auto absorbed = upstream.absorb(input_); !absorbed) {
        return std::unexpected(absorbed.error());
      }
    }
    if (emitted_ == groups_.size()) return Pull::kEnd;
    emit(out);
    return Pull::kBatch;
  }

 private:
  struct Call {
    std::unique_ptr<AggregateState> state;
    size_t argument = kNoArgument;
    int slot = 0;  ///< of the result, in `results_`
  };

  /// What calls are made on, each found out once for an event, however many calls there are.
  struct Argument {
    expr::Program program;
    std::string written;  ///< in its one spelling
  };
  /// The argument of count(): an event's first one, which is always missing.
  static constexpr size_t kNoArgument = 0;

  void note_reads(const expr::Program& program) {
    for (const int slot : program.slots()) reads_.push_back(slot);
    for (const int slot : program.expected_slots()) {
      expects_.push_back({slot, paths_.path(slot)});
    }
  }

  Result<void> add_name(const std::string& name) {
    for (const std::string& known : schema_->names) {
      if (known == name) return usage_error("aggregate: the name '" + name + "' is given twice");
    }
    schema_->names.push_back(name);
    return {};
  }

  Result<void> add_call(const expr::AggregateCall& call, const std::string& source) {
    // Equal calls have equal placeholders, and share one result.
    if (results_.find(Path::single(call.placeholder))) return {};
    Call made;
    made.state = make_aggregate_state(call.function, call.arguments.size());
    if (made.state == nullptr) {
      return usage_error(expr::point_at(
          source, call.span, "expected " + std::string(aggregate_function_usage(call.function))));
    }
    if (!call.arguments.empty()) {
      if (expr::has_calls(*call.arguments[0], aggregate_function_names())) {
        return usage_error(expr::point_at(source, call.span,
                                          "an aggregate function cannot stand inside another one"));
      }
      auto argument = add_argument(*call.arguments[0], source);
      if (!argument) return std::unexpected(argument.error());
      made.argument = *argument;
    }
    made.slot = results_.slot(Path::single(call.placeholder));
    calls_.push_back(std::move(made));
    return {};
  }

  /// Answers its number in `Event::arguments`.
  Result<size_t> add_argument(const expr::Node& node, const std::string& source) {
    std::string written = expr::to_text(node);
    const auto known = std::ranges::find(arguments_, written, &Argument::written);
    if (known != arguments_.end()) return static_cast<size_t>(known - arguments_.begin()) + 1;
    auto program = compile(node, source, paths_);
    if (!program) return std::unexpected(program.error());
    note_reads(*program);
    arguments_.push_back({std::move(*program), std::move(written)});
    return arguments_.size();
  }

  /// What is no function here and has a name that one over many events has elsewhere.
  static Result<void> check_calls(const expr::Node& node, const std::string& source) {
    if (node.kind == expr::NodeKind::kCall && !node.has_receiver) {
      const std::string remedy = aggregate_remedy(node.text);
      if (!remedy.empty()) {
        return usage_error(expr::point_at(source, node.mark,
                                          "there is no function '" + node.text + "': " + remedy));
      }
    }
    for (const expr::NodePtr& child : node.children) {
      if (auto known = check_calls(*child, source); !known) return known;
    }
    return {};
  }

  /// Outside of aggregate functions only the keys can be read: a group has no other fields.
  Result<void> check_fields(const expr::Named& output) const {
    for (const expr::FieldUse& use : expr::fields(*output.node)) {
      if (results_.find(use.path)) continue;
      return usage_error(expr::point_at(
          output.source, use.span,
          "the field '" + use.path.to_string() +
              "' is no key of --by: put it inside an aggregate function, such as first(" +
              use.path.to_string() + ")"));
    }
    return {};
  }

  /// The groups of one batch: what the partial step finds, and `merge` adds to those before.
  struct Part final : Partial {
    const Aggregate* owner = nullptr;
    GroupKeys groups;
    /// A row of each group whose key does not tell its values; of others kTold.
    std::vector<uint32_t> first_rows;
    std::vector<std::unique_ptr<AggregateState>> states;  ///< one a call
    std::vector<Lineage> lineages;                        ///< one a group, if events have them
    /// An event was met that cannot stand in one group with another of the batch. Which of the two
    /// is rejected depends on what came before the batch.
    bool mixed = false;
  };

  /// No row: a batch has far fewer.
  static constexpr uint32_t kTold = UINT32_MAX;

  /// What one event contributes, and memory to find that out.
  struct Event {
    explicit Event(const Aggregate& aggregate)
        : keys(aggregate.keys_.size()), arguments(aggregate.arguments_.size() + 1) {}
    std::vector<Value> keys;
    std::string key;               ///< their bytes
    std::vector<Value> arguments;  ///< behind one that is missing
    Arena scratch;
  };

  std::unique_ptr<Part> make_part() const {
    auto part = std::make_unique<Part>();
    part->owner = this;
    for (const Call& call : calls_) part->states.push_back(call.state->fresh());
    return part;
  }

  /// The batch's own part, empty.
  Part& part_of(Batch& batch) const {
    auto* part = dynamic_cast<Part*>(batch.partial.get());
    if (part != nullptr && part->owner == this) {
      clear(*part);
      return *part;
    }
    auto made = make_part();
    part = made.get();
    batch.partial = std::move(made);
    return *part;
  }

  static void clear(Part& part) {
    part.groups.clear();
    part.first_rows.clear();
    for (const auto& state : part.states) state->clear();
    part.lineages.clear();
    part.mixed = false;
  }

  /// Adds one event to the part, by all calls or by none. Answers an empty text, or why it is
  /// rejected.
  std::string fold(const Batch& batch, uint32_t row, Event& event, Part& part) const {
    std::string problem = read(batch, row, event);
    if (!problem.empty()) return problem;
    const uint32_t hash = GroupKeys::hash(event.key);
    const auto [group, is_new] = part.groups.number(event.key, hash);
    if (is_new) {
      const bool is_told = std::ranges::all_of(event.keys, is_told_by_key);
      part.first_rows.push_back(is_told ? kTold : row);
      for (const auto& state : part.states) state->add_group();
    }
    for (size_t i = 0; i < part.states.size(); ++i) {
      if (!part.states[i]->accept(group, event.arguments[calls_[i].argument])) part.mixed = true;
    }
    if (batch.envelope_of(row) != nullptr) {
      part.lineages.resize(part.groups.size());
      part.lineages[group].add(batch, row);
    }
    return {};
  }

  /// Reads key and arguments. Answers an empty text, or why the event is rejected.
  std::string read(const Batch& batch, uint32_t row, Event& event) const {
    event.key.clear();
    event.scratch.reset();
    const expr::Frame frame{batch.columns, row, event.scratch};
    for (size_t i = 0; i < keys_.size(); ++i) {
      Value& key = event.keys[i];
      key = keys_[i].eval(frame);
      if (key.is_missing() && strict_) return "the key '" + schema_->names[i] + "' is missing";
      std::string problem = append_key(key, event.key);
      if (!problem.empty()) return schema_->names[i] + ": " + problem;
    }
    if (event.key.size() > GroupKeys::kLongestKey) return "the keys are longer than 4 GiB";
    for (size_t i = 0; i < arguments_.size(); ++i) {
      Value& argument = event.arguments[i + 1];
      argument = arguments_[i].program.eval(frame);
      if (argument.kind == Kind::kError) return std::string(argument.text());
    }
    for (const Call& call : calls_) {
      std::string problem = call.state->check(event.arguments[call.argument]);
      if (!problem.empty()) return problem;
    }
    return {};
  }

  /// Adds a batch to the groups.
  Result<void> take(Batch& batch) {
    const auto& part = static_cast<const Part&>(*batch.partial);
    if (part.mixed || !merge(batch, part).empty()) take_one_by_one(batch);
    if (too_many_ == 0) return {};
    return machine_error("aggregate: " + std::to_string(too_many_) +
                         " groups take more memory than --memory allows (" +
                         std::to_string(memory_.limit() >> 20) +
                         " MiB): raise it, or group by something with fewer values");
  }

  /// As if each event were a batch of its own: the one that does not fit what came before it is
  /// rejected.
  void take_one_by_one(Batch& batch) {
    Event event(*this);
    const std::unique_ptr<Part> part = make_part();
    batch.retain([&](uint32_t row) {
      clear(*part);
      std::string problem = fold(batch, row, event, *part);
      if (problem.empty()) problem = merge(batch, *part);
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
  }

  /// Adds a part to the groups. Answers an empty text; or why that cannot be, and nothing is added.
  std::string merge(const Batch& batch, const Part& part) {
    groups_.find_all(part.groups, known_);
    for (size_t c = 0; c < calls_.size(); ++c) {
      std::string problem = calls_[c].state->conflict(known_, *part.states[c]);
      if (!problem.empty()) return problem;
    }
    for (uint32_t i = 0; i < part.groups.size(); ++i) {
      if (known_[i] != GroupKeys::kNone) continue;
      known_[i] = add_group(part.groups.key(i), part.groups.hash_of(i));
      if (part.first_rows[i] != kTold) keep_keys(batch, part.first_rows[i]);
    }
    for (size_t c = 0; c < calls_.size(); ++c) calls_[c].state->merge(known_, *part.states[c]);
    if (!part.lineages.empty()) lineages_.resize(groups_.size());
    for (size_t i = 0; i < part.lineages.size(); ++i) lineages_[known_[i]].add(part.lineages[i]);
    return {};
  }

  uint32_t add_group(std::string_view key, uint32_t hash) {
    const uint32_t group = groups_.number(key, hash).number;
    for (Call& call : calls_) call.state->add_group();
    if (groups_.size() % kGroupsPerLook == 0 && too_many_ == 0 && memory_.exceeded()) {
      too_many_ = groups_.size();
    }
    return group;
  }

  /// Keeps the key values of the group that was added last, whose key does not tell them, as its
  /// first event has them.
  void keep_keys(const Batch& batch, uint32_t row) {
    scratch_.reset();
    kept_.push_back(groups_.size() - 1);
    for (const expr::Program& key : keys_) {
      kept_values_.push_back(copy_value(key.eval({batch.columns, row, scratch_}), key_texts_));
    }
  }

  /// The next groups as records, in order of first appearance.
  void emit(Batch& out) {
    out.reset();
    out.born = index_;
    out.schemas.push_back(schema_);
    std::vector<std::vector<Value>> columns(static_cast<size_t>(results_.size()));
    for (std::vector<Value>& column : columns) column.resize(1);
    const size_t end = std::min(size_t{groups_.size()}, emitted_ + kGroupsPerBatch);
    MadeEnvelopes made;
    for (; emitted_ < end; ++emitted_) {
      emit_group(emitted_, columns, out);
      if (emitted_ >= lineages_.size()) continue;
      out.rows.back().is_made = true;
      out.rows.back().line = made.add(lineages_[emitted_]);
    }
    out.made = made.take();
  }

  void emit_group(size_t group, std::vector<std::vector<Value>>& columns, Batch& out) {
    auto* cells = out.arena.make_array<Value>(schema_->names.size());
    const bool is_kept = kept_emitted_ < kept_.size() && kept_[kept_emitted_] == group;
    std::string_view told = groups_.key(static_cast<uint32_t>(group));
    for (size_t i = 0; i < keys_.size(); ++i) {
      const Value key =
          is_kept ? kept_values_[kept_emitted_ * keys_.size() + i] : take_from_key(told);
      columns[static_cast<size_t>(key_slots_[i])][0] = key.is_missing() ? Value::null() : key;
      cells[i] = key.is_missing() ? Value::null() : as_written(key, out.arena);
    }
    if (is_kept) ++kept_emitted_;
    for (const Call& call : calls_) {
      columns[static_cast<size_t>(call.slot)][0] = call.state->result(group, out.arena);
      if (!remarked_ && call.argument != kNoArgument) {
        out.remark = call.state->remark(group, arguments_[call.argument - 1].written);
      }
      remarked_ = remarked_ || !out.remark.empty();
    }
    const auto row = static_cast<uint32_t>(out.rows.size());
    out.add_record(schema_.get(), cells, {}, 0);
    for (size_t i = 0; i < outputs_.size(); ++i) {
      Value& cell = cells[keys_.size() + i];
      cell = as_written(outputs_[i].eval({columns, 0, out.arena}), out.arena);
      if (!cell.is_error()) continue;
      out.reject(row, index_, schema_->names[keys_.size() + i] + ": " + std::string(cell.text()));
      out.alive.pop_back();
      break;
    }
  }

  PathTable& paths_;
  expr::Limits limits_;
  const MemoryBudget& memory_;
  std::shared_ptr<Schema> schema_;  ///< the keys, then the outputs
  std::vector<expr::Program> keys_;
  std::vector<int> key_slots_;  ///< of the keys, in `results_`
  std::vector<Argument> arguments_;
  std::vector<Call> calls_;
  PathTable results_;  ///< what the outputs read: keys and results of calls
  std::vector<expr::Program> outputs_;

  Batch input_;
  GroupKeys groups_;
  LargeVector<uint32_t> kept_;      ///< the groups whose key does not tell its values, in order
  LargeVector<Value> kept_values_;  ///< keys_.size() for each of these
  Arena key_texts_;                 ///< what they borrow
  std::vector<uint32_t> known_;     ///< of a part's groups: their numbers in `groups_`
  std::vector<Lineage> lineages_;   ///< of the groups, as far as events came from queues
  Arena scratch_;
  size_t too_many_ = 0;  ///< how many groups were more than the memory allows
  size_t emitted_ = 0;
  size_t kept_emitted_ = 0;  ///< of `kept_`
  bool remarked_ = false;    ///< one group is enough
  bool ended_ = false;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto aggregate = std::make_unique<Aggregate>(plan);
  if (const auto by = arguments.values.find("--by"); by != arguments.values.end()) {
    for (const std::string& keys : by->second) {
      if (auto added = aggregate->add_keys(keys); !added) return std::unexpected(added.error());
    }
  } else if (arguments.positionals.empty()) {
    return usage_error("aggregate: nothing to compute: say --by KEYS, 'n = count()', or both");
  }
  for (const std::string& output : arguments.positionals) {
    if (output == "by" || output == "BY") {
      return usage_error(
          "aggregate: the keys stand behind --by: aggregate --by KEYS 'n = count()'");
    }
    if (auto added = aggregate->add_output(output); !added) return std::unexpected(added.error());
  }
  return aggregate;
}

}  // namespace

const Verb kAggregate = {
    .command = {.name = "aggregate",
                .summary = "group events and compute over each group",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
    .answers_per_run = answers_per_run,
};

}  // namespace weir
