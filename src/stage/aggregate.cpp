// aggregate: group events and compute over each group.
#include <string>
#include <unordered_map>
#include <utility>

#include "event/keep.h"
#include "event/key.h"
#include "expr/expr.h"
#include "stage/aggregate_functions.h"
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
};

/// Groups that leave in one batch.
constexpr size_t kGroupsPerBatch = 1024;
/// New groups between two looks at the memory.
constexpr size_t kGroupsPerLook = 1024;

class Aggregate final : public Operator {
 public:
  explicit Aggregate(const PlanContext& plan)
      : Operator(plan), paths_(plan.paths), memory_(*plan.memory) {
    schema_ = std::make_shared<Schema>();
  }

  Result<void> add_keys(const std::string& source) {
    auto keys = expr::parse_list(source);
    if (!keys) return std::unexpected(keys.error());
    for (const expr::Named& key : *keys) {
      auto program = expr::Program::compile(*key.node, key.source, paths_);
      if (!program) return std::unexpected(program.error());
      note_reads(*program);
      keys_.push_back(std::move(*program));
      if (auto named = add_name(key.name); !named) return named;
      key_slots_.push_back(results_.slot(key.has_name ? Path::dotted(key.name) : key.target));
    }
    return {};
  }

  Result<void> add_output(const std::string& source) {
    auto named = expr::parse_assignment(source);
    if (!named) return std::unexpected(named.error());
    if (named->target.root != Path::Root::kEvent || named->target.names.empty()) {
      return usage_error("aggregate: '" + named->name + "' is no name for a field");
    }
    const std::vector<expr::AggregateCall> calls =
        expr::take_calls(named->node, aggregate_function_names());
    for (const expr::AggregateCall& call : calls) {
      if (auto added = add_call(call, named->source); !added) return added;
    }
    // An unknown function comes before unknown fields: `avg(x)` is about avg, not about x.
    PathTable any_field = results_;
    auto functions_known = expr::Program::compile(*named->node, named->source, any_field);
    if (!functions_known) return std::unexpected(functions_known.error());
    if (auto known = check_fields(*named); !known) return known;
    auto program = expr::Program::compile(*named->node, named->source, results_);
    if (!program) return std::unexpected(program.error());
    outputs_.push_back(std::move(*program));
    return add_name(named->name);
  }

  bool makes_events() const override { return true; }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    while (!ended_) {
      auto pulled = upstream.next(input_);
      if (!pulled || *pulled == Pull::kIdle) return pulled;
      if (*pulled == Pull::kEnd) {
        // Without keys there is one group, also of no events: count() is 0 then.
        if (keys_.empty() && groups_.empty()) add_group("");
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
    std::unique_ptr<expr::Program> argument;  ///< null: count()
    int slot;                                 ///< of the result, in `results_`
  };

  void note_reads(const expr::Program& program) {
    for (const int slot : program.slots()) reads_.push_back(slot);
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
      auto program = expr::Program::compile(*call.arguments[0], source, paths_);
      if (!program) return std::unexpected(program.error());
      note_reads(*program);
      made.argument = std::make_unique<expr::Program>(std::move(*program));
    }
    made.slot = results_.slot(Path::single(call.placeholder));
    calls_.push_back(std::move(made));
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

  size_t add_group(std::string_view key) {
    const size_t group = groups_.size();
    groups_.emplace(std::string(key), group);
    for (Call& call : calls_) call.state->add_group();
    for (size_t i = 0; i < keys_.size(); ++i) kept_keys_.emplace_back();
    if (groups_.size() % kGroupsPerLook == 0 && too_many_ == 0 && memory_.exceeded()) {
      too_many_ = groups_.size();
    }
    return group;
  }

  Result<void> take(Batch& batch) {
    std::string key;
    std::vector<Value> values(keys_.size());
    std::vector<Value> arguments(calls_.size());
    Arena scratch;
    batch.retain([&](uint32_t row) {
      scratch.reset();
      const expr::Frame frame{batch.columns, row, scratch};
      std::string problem = read(frame, key, values, arguments);
      if (problem.empty()) problem = count(key, values, arguments);
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
    if (too_many_ == 0) return {};
    return machine_error("aggregate holds " + std::to_string(too_many_) +
                         " groups, and that is more than --memory allows (" +
                         std::to_string(memory_.limit() >> 20) +
                         " MiB): raise it, or group by something with fewer values");
  }

  /// Reads what one event contributes. Answers an empty text, or why it is rejected.
  std::string read(const expr::Frame& frame, std::string& key, std::vector<Value>& values,
                   std::vector<Value>& arguments) const {
    key.clear();
    for (size_t i = 0; i < keys_.size(); ++i) {
      values[i] = keys_[i].eval(frame);
      if (values[i].is_missing() && strict_)
        return "the key '" + schema_->names[i] + "' is missing";
      std::string problem = append_key(values[i], key);
      if (!problem.empty()) return schema_->names[i] + ": " + problem;
    }
    for (size_t i = 0; i < calls_.size(); ++i) {
      if (calls_[i].argument == nullptr) continue;
      arguments[i] = calls_[i].argument->eval(frame);
      if (arguments[i].kind == Kind::kError) return std::string(arguments[i].text());
    }
    return {};
  }

  /// Counts one event, by all calls or by none.
  std::string count(const std::string& key, const std::vector<Value>& values,
                    const std::vector<Value>& arguments) {
    const auto known = groups_.find(key);
    const bool is_new = known == groups_.end();
    size_t group = is_new ? groups_.size() : known->second;
    for (size_t i = 0; i < calls_.size(); ++i) {
      std::string problem = calls_[i].state->check(group, arguments[i]);
      if (!problem.empty()) return problem;
    }
    if (is_new) {
      group = add_group(key);
      for (size_t i = 0; i < values.size(); ++i) {
        kept_keys_[group * values.size() + i].keep(values[i]);
      }
    }
    for (size_t i = 0; i < calls_.size(); ++i) calls_[i].state->accept(group, arguments[i]);
    return {};
  }

  /// The next groups as records, in order of first appearance.
  void emit(Batch& out) {
    out.reset();
    out.born = index_;
    out.schemas.push_back(schema_);
    std::vector<std::vector<Value>> columns(static_cast<size_t>(results_.size()));
    for (std::vector<Value>& column : columns) column.resize(1);
    const size_t end = std::min(groups_.size(), emitted_ + kGroupsPerBatch);
    for (; emitted_ < end; ++emitted_) emit_group(emitted_, columns, out);
  }

  void emit_group(size_t group, std::vector<std::vector<Value>>& columns, Batch& out) {
    auto* cells = out.arena.make_array<Value>(schema_->names.size());
    for (size_t i = 0; i < keys_.size(); ++i) {
      const Value key = kept_keys_[group * keys_.size() + i].get();
      cells[i] = key.is_missing() ? Value::null() : key;
      columns[static_cast<size_t>(key_slots_[i])][0] = cells[i];
    }
    for (const Call& call : calls_) {
      columns[static_cast<size_t>(call.slot)][0] = call.state->result(group, out.arena);
    }
    const auto row = static_cast<uint32_t>(out.rows.size());
    out.add_record(schema_.get(), cells, {}, 0);
    for (size_t i = 0; i < outputs_.size(); ++i) {
      Value& cell = cells[keys_.size() + i];
      cell = outputs_[i].eval({columns, 0, out.arena});
      if (!cell.is_error()) continue;
      out.reject(row, index_, schema_->names[keys_.size() + i] + ": " + std::string(cell.text()));
      out.alive.pop_back();
      break;
    }
  }

  PathTable& paths_;
  const MemoryBudget& memory_;
  std::shared_ptr<Schema> schema_;  ///< the keys, then the outputs
  std::vector<expr::Program> keys_;
  std::vector<int> key_slots_;  ///< of the keys, in `results_`
  std::vector<Call> calls_;
  PathTable results_;  ///< what the outputs read: keys and results of calls
  std::vector<expr::Program> outputs_;

  Batch input_;
  std::unordered_map<std::string, size_t> groups_;  ///< key bytes to number, in order of appearance
  std::vector<KeptValue> kept_keys_;                ///< keys_.size() for each group
  size_t too_many_ = 0;  ///< how many groups were more than the memory allows
  size_t emitted_ = 0;
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
};

}  // namespace weir
