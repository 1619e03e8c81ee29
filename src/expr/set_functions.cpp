// Functions of CEL's "sets" extension: lists taken as sets.
#include <algorithm>

#include "expr/arguments.h"
#include "expr/member_set.h"

namespace weir::expr {

namespace {

/// Is every member of `part` in `whole`?
bool is_subset(const Value& part, const Value& whole, Arena& arena) {
  MemberSet known(members_of(whole), arena);
  return std::ranges::all_of(members_of(part),
                             [&](const Value& value) { return known.contains(value); });
}

bool has_common(const Value& a, const Value& b, Arena& arena) {
  MemberSet known(members_of(b), arena);
  return std::ranges::any_of(members_of(a),
                             [&](const Value& value) { return known.contains(value); });
}

template <auto kTest>
Value relate(const Call& call) {
  const Value a = list_argument(call, 0);
  if (a.is_error()) return a;
  const Value b = list_argument(call, 1);
  if (b.is_error()) return b;
  return Value::of(kTest(a, b, call.arena));
}
constexpr auto contains =
    relate<[](const Value& a, const Value& b, Arena& arena) { return is_subset(b, a, arena); }>;
constexpr auto equivalent = relate<[](const Value& a, const Value& b, Arena& arena) {
  return is_subset(a, b, arena) && is_subset(b, a, arena);
}>;
constexpr auto intersects = relate<has_common>;

constexpr Function kRows[] = {
    {"sets.contains", Function::kGlobal, 2, 2, contains, kBoolType, "sets.contains(list, part)",
     "whether all members of the part are in the list"},
    {"sets.equivalent", Function::kGlobal, 2, 2, equivalent, kBoolType,
     "sets.equivalent(list, other)", "whether each member of one is in the other"},
    {"sets.intersects", Function::kGlobal, 2, 2, intersects, kBoolType,
     "sets.intersects(list, other)", "whether any member is in both"},
};

}  // namespace

std::span<const Function> set_functions() { return kRows; }

}  // namespace weir::expr
