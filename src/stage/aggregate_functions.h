// The functions that exist under `aggregate` only: count, sum, mean, min, max, first, last.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "event/value.h"
#include "stage/group_keys.h"

namespace weir {

/// One call of an aggregate function, such as `max(secs)`, for all groups at once: state number g
/// belongs to group g. A group may take its events one by one or be merged from parts of the
/// events, each part in order: the result has the same bits.
class AggregateState {
 public:
  virtual ~AggregateState() = default;

  /// A state of the same call, without groups.
  virtual std::unique_ptr<AggregateState> fresh() const = 0;
  /// Forgets all groups.
  virtual void clear() = 0;
  /// Adds a group in its initial state, as the last one.
  virtual void add_group() = 0;

  /// Answers an empty text if there are groups that can take the argument, or why there is none.
  virtual std::string check(const Value&) const { return {}; }
  /// Takes the argument of one event, which passed `check`. Missing and null arguments are skipped
  /// by every function. False if it cannot stand in one group with what came before; nothing is
  /// changed then.
  virtual bool accept(size_t group, const Value& argument) = 0;

  /// Answers an empty text if `merge` would work, or why the events of the part cannot stand in one
  /// group with what came before. Nothing is changed: an event is counted by all calls or by none.
  /// Here a group may be GroupKeys::kNone, for one that is not there yet.
  virtual std::string conflict(std::span<const uint32_t>, const AggregateState&) const {
    return {};
  }
  /// Takes all that the groups of `part`, a state of the same call, have taken: group number g of
  /// it belongs to `groups[g]`.
  virtual void merge(std::span<const uint32_t> groups, const AggregateState& part) = 0;

  /// The result for a group: a value, or kError with its reason (in `arena`).
  virtual Value result(size_t group, Arena& arena) const = 0;
  /// What a person should know of the result, `of` being the argument as it was written; empty if
  /// nothing.
  virtual std::string remark(size_t, std::string_view /*of*/) const { return {}; }
};

/// The names of the aggregate functions, as they are written in an expression.
std::span<const std::string_view> aggregate_function_names();

/// How a function is called, and in some words without a full stop what it gives.
struct AggregateFunction {
  std::string_view name;
  std::string_view usage;  ///< "count() or count(expression)"
  std::string_view help;
};
/// All of them, in the order of `aggregate_function_names`.
std::span<const AggregateFunction> aggregate_functions();

/// The usage of the function of this name, which there is.
std::string_view aggregate_function_usage(std::string_view name);

/// The state for a call; null if `name` takes no call with that many arguments.
std::unique_ptr<AggregateState> make_aggregate_state(std::string_view name, size_t arguments);

}  // namespace weir
