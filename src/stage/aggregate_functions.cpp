#include "stage/aggregate_functions.h"

#include <array>
#include <cmath>
#include <vector>

#include "base/exact_sum.h"
#include "event/json_value.h"
#include "event/keep.h"
#include "expr/compare.h"

namespace weir {

namespace {

constexpr std::array<std::string_view, 7> kNames = {"count", "sum",   "mean", "min",
                                                    "max",   "first", "last"};

bool is_skipped(const Value& value) { return value.is_missing() || value.kind == Kind::kNull; }

/// A text field that reads as a number, as that number; anything else as it is.
Value as_number(const Value& value) {
  if (value.kind != Kind::kString || !value.is_text) return value;
  const Value number = read_number(value.text());
  return number.is_error() ? value : number;
}

/// count() counts events; count(x) those where x is true, or, if x is no truth value, is there.
class Count final : public AggregateState {
 public:
  explicit Count(bool every_event) : every_event_(every_event) {}
  void add_group() override { counts_.push_back(0); }
  std::string check(size_t, const Value&) const override { return {}; }
  void accept(size_t group, const Value& argument) override {
    const bool counts =
        every_event_ || (argument.kind == Kind::kBool ? argument.boolean : !is_skipped(argument));
    counts_[group] += counts ? 1 : 0;
  }
  Value result(size_t group, Arena&) const override { return Value::of_int(counts_[group]); }

 private:
  bool every_event_;
  std::vector<int64_t> counts_;
};

/// sum(x), and mean(x) as the sum divided by how many there were.
class Sum final : public AggregateState {
 public:
  explicit Sum(bool mean) : mean_(mean) {}
  void add_group() override { groups_.emplace_back(); }
  std::string check(size_t, const Value& argument) const override {
    if (is_skipped(argument) || as_number(argument).is_number()) return {};
    return std::string(mean_ ? "mean" : "sum") + " needs numbers, and this is '" +
           std::string(argument.text().substr(0, 40)) + "'";
  }
  void accept(size_t group, const Value& argument) override {
    if (is_skipped(argument)) return;
    const Value number = as_number(argument);
    Group& to = groups_[group];
    ++to.count;
    if (number.kind == Kind::kInt) to.sum.add(number.integer);
    if (number.kind == Kind::kUint) to.sum.add(number.unsigned_integer);
    if (number.kind == Kind::kDouble) to.sum.add(number.real);
  }
  Value result(size_t group, Arena&) const override {
    const Group& from = groups_[group];
    if (mean_) {
      if (from.count == 0) return Value::null();
      return Value::of_double(from.sum.real() / static_cast<double>(from.count));
    }
    if (!from.sum.is_whole()) return Value::of_double(from.sum.real());
    const Int128 whole = from.sum.whole();
    if (whole >= INT64_MIN && whole <= INT64_MAX) return Value::of_int(static_cast<int64_t>(whole));
    if (whole > 0 && whole <= static_cast<Int128>(UINT64_MAX)) {
      return Value::of_uint(static_cast<uint64_t>(whole));
    }
    return Value::error("the sum does not fit in 64 bits");
  }

 private:
  struct Group {
    ExactSum sum;
    uint64_t count = 0;
  };
  bool mean_;
  std::vector<Group> groups_;
};

/// min(x) and max(x), of numbers or of strings.
class Extreme final : public AggregateState {
 public:
  explicit Extreme(bool greatest) : greatest_(greatest) {}
  void add_group() override { groups_.emplace_back(); }
  std::string check(size_t group, const Value& argument) const override {
    if (is_skipped(argument)) return {};
    const Value value = as_number(argument);
    const Value kept = group < groups_.size() ? groups_[group].get() : Value::missing();
    const std::string name = greatest_ ? "max" : "min";
    if (expr::compare(value, kept.is_missing() ? value : kept).has_value()) return {};
    if (kept.is_missing()) return name + " needs values that have an order";
    return name + " cannot compare this value with the " + std::string(kind_name(kept)) +
           " that came before";
  }
  void accept(size_t group, const Value& argument) override {
    if (is_skipped(argument)) return;
    const Value value = as_number(argument);
    const Value kept = groups_[group].get();
    if (!kept.is_missing()) {
      const std::optional<int> order = expr::compare(value, kept);
      if (greatest_ ? *order <= 0 : *order >= 0) return;
    }
    groups_[group].keep(value);
  }
  Value result(size_t group, Arena&) const override {
    const Value kept = groups_[group].get();
    return kept.is_missing() ? Value::null() : kept;
  }

 private:
  static std::string_view kind_name(const Value& value) {
    return value.is_number() ? "number" : "text";
  }
  bool greatest_;
  std::vector<KeptValue> groups_;
};

/// first(x) and last(x) in the order of the events.
class Edge final : public AggregateState {
 public:
  explicit Edge(bool first) : first_(first) {}
  void add_group() override { groups_.emplace_back(); }
  std::string check(size_t, const Value&) const override { return {}; }
  void accept(size_t group, const Value& argument) override {
    if (is_skipped(argument)) return;
    if (first_ && !groups_[group].get().is_missing()) return;
    groups_[group].keep(argument);
  }
  Value result(size_t group, Arena&) const override {
    const Value kept = groups_[group].get();
    return kept.is_missing() ? Value::null() : kept;
  }

 private:
  bool first_;
  std::vector<KeptValue> groups_;
};

}  // namespace

std::span<const std::string_view> aggregate_function_names() { return kNames; }

std::string_view aggregate_function_usage(std::string_view name) {
  if (name == "count") return "count() or count(expression)";
  if (name == "sum") return "sum(expression)";
  if (name == "mean") return "mean(expression)";
  if (name == "min") return "min(expression)";
  if (name == "max") return "max(expression)";
  if (name == "first") return "first(expression)";
  return "last(expression)";
}

std::unique_ptr<AggregateState> make_aggregate_state(std::string_view name, size_t arguments) {
  if (name == "count" && arguments <= 1) return std::make_unique<Count>(arguments == 0);
  if (arguments != 1) return nullptr;
  if (name == "sum" || name == "mean") return std::make_unique<Sum>(name == "mean");
  if (name == "min" || name == "max") return std::make_unique<Extreme>(name == "max");
  return std::make_unique<Edge>(name == "first");
}

}  // namespace weir
