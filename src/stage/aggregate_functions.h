// The functions that exist under `aggregate` only: count, sum, mean, min, max, first, last.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "event/value.h"

namespace weir {

/// One call of an aggregate function, such as `max(secs)`, for all groups at once: state number g
/// belongs to group g. The state depends on the events and, but for first and last, not on their
/// order.
class AggregateState {
 public:
  virtual ~AggregateState() = default;

  /// Adds a group in its initial state, as the last one.
  virtual void add_group() = 0;
  /// Says whether `accept` would take the value; answers an empty text, or why the event is
  /// rejected. Nothing is changed, so that an event is counted by all calls or by none. `group` may
  /// be the one that would be added next.
  virtual std::string check(size_t group, const Value& argument) const = 0;
  /// Takes the argument of one event. Missing and null arguments are skipped by every function.
  virtual void accept(size_t group, const Value& argument) = 0;
  /// The result for a group: a value, or kError with its reason (in `arena`).
  virtual Value result(size_t group, Arena& arena) const = 0;
};

/// The names of the aggregate functions, as they are written in an expression.
std::span<const std::string_view> aggregate_function_names();

/// How the function is called, for messages: "count() or count(expression)".
std::string_view aggregate_function_usage(std::string_view name);

/// The state for a call; null if `name` takes no call with that many arguments.
std::unique_ptr<AggregateState> make_aggregate_state(std::string_view name, size_t arguments);

}  // namespace weir
