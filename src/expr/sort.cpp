#include "expr/sort.h"

#include <algorithm>
#include <vector>

#include "expr/arguments.h"
#include "expr/compare.h"

namespace weir::expr {

namespace {

/// True if `value` may stand in a list with `first` that is put in order.
bool sorts_with(const Value& first, const Value& value, bool promotes) {
  return value.kind == first.kind || (promotes && value.is_number() && first.is_number());
}

/// Why these values have no order; kNull if they have.
Value check_order(const Call& call, std::span<const Value> values) {
  for (const Value& value : values) {
    if (!sorts_with(values[0], value, call.promotes)) {
      return call.fail({call.name, " needs values of one type, and here are ",
                        with_article(values[0]), " and ", with_article(value)});
    }
    if (!compare(value, value)) {
      return call.fail({call.name, " cannot put ",
                        value.kind == Kind::kDouble ? "a NaN" : with_article(value), " in order"});
    }
  }
  return Value::null();
}

}  // namespace

Value sort_by_keys(const Call& call, std::span<const Value> values, std::span<const Value> keys) {
  if (const Value problem = check_order(call, keys); problem.is_error()) return problem;
  std::vector<uint32_t> order(keys.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(
      order, [&](uint32_t a, uint32_t b) { return compare(keys[a], keys[b]).value_or(0) < 0; });
  std::vector<Value> sorted;
  sorted.reserve(order.size());
  for (const uint32_t i : order) sorted.push_back(values[i]);
  return make_list(call.arena, sorted);
}

}  // namespace weir::expr
