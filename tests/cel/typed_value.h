// The typed values of conformance cases, {"t": type, "v": value}, as the evaluator's values.
#pragma once

#include <string>

#include "base/arena.h"
#include "base/result.h"
#include "event/value.h"

namespace weir::test {

/// The member of an opened map, or null.
const Value* member(const Value& map, std::string_view name);

/// A JSON object or list, opened all the way down.
Value open_all(const Value& json, Arena& arena);

/// The value that a typed value (opened all the way down) stands for, made in `arena`. Timestamps
/// and durations are made by the evaluator itself. Fails if it is none.
Result<Value> make_value(const Value& typed, Arena& arena);

/// The value that a constant expression of standard CEL has.
Value evaluate_constant(const std::string& source, Arena& arena);

/// True if the two are of the same type, all the way down, and have the same content. One NaN is as
/// good as another; the members of a map stand in any order.
bool same(const Value& a, const Value& b, Arena& arena);

/// The value and its type, for a person.
std::string describe(const Value& value, Arena& arena);

}  // namespace weir::test
