#include "stage/aggregate_functions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "base/exact_sum.h"
#include "base/large_memory.h"
#include "base/utf8.h"
#include "event/json_value.h"
#include "event/keep.h"
#include "expr/compare.h"
#include "expr/function.h"

namespace weir {

namespace {

constexpr std::array<AggregateFunction, 7> kFunctions = {{
    {"count", "count() or count(expression)",
     "how many events, or in how many it is true or there"},
    {"sum", "sum(expression)", "the sum, exact and rounded once"},
    {"mean", "mean(expression)", "the arithmetic mean, exact and rounded once"},
    {"min", "min(expression)", "the least number, string, time or duration"},
    {"max", "max(expression)", "the greatest number, string, time or duration"},
    {"first", "first(expression)", "the value in the first event that has one"},
    {"last", "last(expression)", "the value in the last event that has one"},
}};

constexpr auto kNames = [] {
  std::array<std::string_view, kFunctions.size()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kFunctions[i].name;
  return names;
}();

bool is_skipped(const Value& value) { return value.is_missing() || value.kind == Kind::kNull; }

/// A text field that reads as a number, as that number; anything else as it is.
Value as_number(const Value& value) {
  if (value.kind != Kind::kString || !value.is_text) return value;
  const Value number = read_number(value.text());
  return number.is_error() ? value : number;
}

/// What a string reads as, if that is a number.
std::optional<double> number_in(std::string_view text) {
  const Value number = read_number(text);
  switch (number.kind) {
    case Kind::kInt:
      return static_cast<double>(number.integer);
    case Kind::kUint:
      return static_cast<double>(number.unsigned_integer);
    case Kind::kDouble:
      return number.real;
    default:
      return std::nullopt;
  }
}

/// How many groups are on their way from memory at once where parts are merged.
constexpr size_t kAhead = 8;

/// The groups of a call; `Derived` is the function, which has `take(Group&, const Group&)`.
template <typename Derived, typename Group>
class State : public AggregateState {
 public:
  void clear() override { groups_.clear(); }
  void add_group() override { groups_.emplace_back(); }
  void merge(std::span<const uint32_t> groups, const AggregateState& part) override {
    for (size_t i = 0; i < groups.size(); ++i) {
      if (i + kAhead < groups.size()) __builtin_prefetch(&groups_[groups[i + kAhead]]);
      static_cast<Derived*>(this)->take(groups_[groups[i]], group_of(part, i));
    }
  }

 protected:
  static const Group& group_of(const AggregateState& state, size_t group) {
    return static_cast<const Derived&>(state).groups_[group];
  }

  LargeVector<Group> groups_;
};

/// count() counts events; count(x) those where x is true, or, if x is no truth value, is there.
class Count final : public State<Count, int64_t> {
 public:
  explicit Count(bool every_event) : every_event_(every_event) {}
  std::unique_ptr<AggregateState> fresh() const override {
    return std::make_unique<Count>(every_event_);
  }
  bool accept(size_t group, const Value& argument) override {
    const bool counts =
        every_event_ || (argument.kind == Kind::kBool ? argument.boolean : !is_skipped(argument));
    groups_[group] += counts ? 1 : 0;
    return true;
  }
  static void take(int64_t& group, int64_t part) { group += part; }
  Value result(size_t group, Arena&) const override { return Value::of_int(groups_[group]); }

 private:
  bool every_event_;
};

struct Summed {
  ExactSum sum;
  uint64_t count = 0;
};

/// sum(x), and mean(x) as the sum divided by how many there were.
class Sum final : public State<Sum, Summed> {
 public:
  explicit Sum(bool mean) : mean_(mean) {}
  std::unique_ptr<AggregateState> fresh() const override { return std::make_unique<Sum>(mean_); }
  std::string check(const Value& argument) const override {
    if (is_skipped(argument) || as_number(argument).is_number()) return {};
    const std::string what = argument.data != nullptr
                                 ? "'" + std::string(beginning(argument.text(), 40)) + "'"
                                 : std::string(expr::with_article(argument));
    const bool reads = argument.kind == Kind::kString && !read_number(argument.text()).is_error();
    return std::string(mean_ ? "mean" : "sum") + " needs numbers, and this is " + what +
           (reads ? ": double(...) reads a text as a number" : "");
  }
  bool accept(size_t group, const Value& argument) override {
    if (is_skipped(argument)) return true;
    const Value number = as_number(argument);
    Summed& to = groups_[group];
    ++to.count;
    if (number.kind == Kind::kInt) to.sum.add(number.integer);
    if (number.kind == Kind::kUint) to.sum.add(number.unsigned_integer);
    if (number.kind == Kind::kDouble) to.sum.add(number.real);
    return true;
  }
  static void take(Summed& group, const Summed& part) {
    group.sum.merge(part.sum);
    group.count += part.count;
  }
  Value result(size_t group, Arena&) const override {
    const Summed& from = groups_[group];
    if (mean_) {
      if (from.count == 0) return Value::null();
      return Value::of_double(from.sum.mean(from.count));
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
  bool mean_;
};

/// The order of two values, as `expr::compare` has it. But there the doubles 2^63 and 2^64 count as
/// the greatest int and uint, so that a double can equal two numbers that differ: then which one is
/// kept would depend on how the events were split. Here they are greater.
std::optional<int> order(const Value& a, const Value& b) {
  // Most are of one kind.
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) {
    return a.integer < b.integer ? -1 : a.integer > b.integer ? 1 : 0;
  }
  if (a.kind == Kind::kDouble && b.kind == Kind::kDouble) {
    if (std::isnan(a.real) || std::isnan(b.real)) return std::nullopt;
    return a.real < b.real ? -1 : a.real > b.real ? 1 : 0;
  }
  const auto is_past = [](const Value& real, const Value& whole) {
    return real.kind == Kind::kDouble && ((whole.kind == Kind::kInt && real.real == 0x1p63) ||
                                          (whole.kind == Kind::kUint && real.real == 0x1p64));
  };
  if (is_past(a, b)) return 1;
  if (is_past(b, a)) return -1;
  return expr::compare(a, b);
}

struct Kept {
  KeptValue value;
  // Of strings that all read as numbers, the one that would be kept of these: strings are compared
  // as such, and nobody means "9" to be more than "10".
  bool all_read = true;
  std::optional<double> number = {};
};

/// min(x) and max(x), of numbers, strings, timestamps or durations. Of equal values the first is
/// kept.
class Extreme final : public State<Extreme, Kept> {
 public:
  explicit Extreme(bool greatest) : greatest_(greatest) {}
  std::unique_ptr<AggregateState> fresh() const override {
    return std::make_unique<Extreme>(greatest_);
  }
  std::string check(const Value& argument) const override {
    if (is_skipped(argument)) return {};
    const Value value = as_number(argument);
    return order(value, value).has_value() ? "" : name() + " needs values that have an order";
  }
  bool accept(size_t group, const Value& argument) override {
    if (is_skipped(argument)) return true;
    const Value value = as_number(argument);
    Kept& kept = groups_[group];
    if (!keep(kept.value, value)) return false;
    if (value.kind == Kind::kString && kept.all_read) {
      const std::optional<double> number = number_in(value.text());
      kept.all_read = number.has_value();
      take_number(kept, number);
    }
    return true;
  }
  std::string conflict(std::span<const uint32_t> groups,
                       const AggregateState& part) const override {
    for (size_t i = 0; i < groups.size(); ++i) {
      if (groups[i] == GroupKeys::kNone) continue;
      const Value value = group_of(part, i).value.get();
      const Value kept = groups_[groups[i]].value.get();
      if (value.is_missing() || kept.is_missing() || order(value, kept).has_value()) continue;
      const std::string_view what = kept.is_number()                ? "number"
                                    : kept.kind == Kind::kTimestamp ? "timestamp"
                                    : kept.kind == Kind::kDuration  ? "duration"
                                                                    : "text";
      return name() + " cannot compare this value with the " + std::string(what) +
             " that came before";
    }
    return {};
  }
  void take(Kept& group, const Kept& part) const {
    if (const Value value = part.value.get(); !value.is_missing()) keep(group.value, value);
    group.all_read = group.all_read && part.all_read;
    take_number(group, part.number);
  }
  Value result(size_t group, Arena&) const override {
    const Value kept = groups_[group].value.get();
    return kept.is_missing() ? Value::null() : kept;
  }
  std::string remark(size_t group, std::string_view of) const override {
    const Kept& kept = groups_[group];
    const Value value = kept.value.get();
    if (!kept.all_read || !kept.number || number_in(value.text()) == kept.number) return {};
    const std::string argument(of);
    return name() + "(" + argument +
           ") has compared strings, which all read as numbers: " + name() + "(double(" + argument +
           ")) compares the numbers";
  }

 private:
  /// False if the value has no order with the one that is kept.
  bool keep(KeptValue& group, const Value& value) const {
    const Value kept = group.get();
    if (!kept.is_missing()) {
      const std::optional<int> by = order(value, kept);
      if (!by) return false;
      if (!is_better(*by)) return true;
    }
    group.keep(value);
    return true;
  }
  void take_number(Kept& group, const std::optional<double>& number) const {
    if (!number) return;
    if (!group.number || is_better(*number < *group.number ? -1 : 1)) group.number = number;
  }
  bool is_better(int by) const { return greatest_ ? by > 0 : by < 0; }
  std::string name() const { return greatest_ ? "max" : "min"; }

  bool greatest_;
};

/// first(x) and last(x) in the order of the events.
class Edge final : public State<Edge, KeptValue> {
 public:
  explicit Edge(bool first) : first_(first) {}
  std::unique_ptr<AggregateState> fresh() const override { return std::make_unique<Edge>(first_); }
  bool accept(size_t group, const Value& argument) override {
    take(groups_[group], argument);
    return true;
  }
  void take(KeptValue& group, const KeptValue& part) const { take(group, part.get()); }
  Value result(size_t group, Arena&) const override {
    const Value kept = groups_[group].get();
    return kept.is_missing() ? Value::null() : kept;
  }

 private:
  void take(KeptValue& group, const Value& value) const {
    if (is_skipped(value)) return;
    if (first_ && !group.get().is_missing()) return;
    group.keep(value);
  }

  bool first_;
};

}  // namespace

std::span<const std::string_view> aggregate_function_names() { return kNames; }

std::span<const AggregateFunction> aggregate_functions() { return kFunctions; }

std::string_view aggregate_function_usage(std::string_view name) {
  return std::ranges::find(kFunctions, name, &AggregateFunction::name)->usage;
}

std::unique_ptr<AggregateState> make_aggregate_state(std::string_view name, size_t arguments) {
  if (name == "count" && arguments <= 1) return std::make_unique<Count>(arguments == 0);
  if (arguments != 1) return nullptr;
  if (name == "sum" || name == "mean") return std::make_unique<Sum>(name == "mean");
  if (name == "min" || name == "max") return std::make_unique<Extreme>(name == "max");
  return std::make_unique<Edge>(name == "first");
}

}  // namespace weir
