// Putting lists in order.
#pragma once

#include <span>

#include "expr/function.h"

namespace weir::expr {

/// A list of the values in the order of their keys, of which there are as many; values with equal
/// keys stay as they stand. The keys have one type with an order (see compare.h); where they come
/// from the event (`call.promotes`), numbers of all types are one. `call` names the function in
/// errors; its arguments are not looked at.
Value sort_by_keys(const Call& call, std::span<const Value> values, std::span<const Value> keys);

}  // namespace weir::expr
