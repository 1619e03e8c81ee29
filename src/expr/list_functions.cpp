// Functions of CEL's "lists" extension. (reverse stands with the strings, which have it too.)
#include <vector>

#include "event/json_value.h"
#include "expr/arguments.h"
#include "expr/member_set.h"
#include "expr/sort.h"
#include "expr/weight.h"

namespace weir::expr {

namespace {

Value slice(const Call& call) {
  const Value list = list_argument(call, 0);
  if (list.is_error()) return list;
  int64_t from = 0;
  int64_t to = 0;
  if (!read_int(call, 1, from)) return call.wrong_type(1, "an int as position");
  if (!read_int(call, 2, to)) return call.wrong_type(2, "an int as position");
  if (from < 0 || to > int64_t{list.list->size}) {
    return call.fail({"the position is outside of the list"});
  }
  if (from > to) return call.fail({"the start of slice lies behind its end"});
  return make_list(call.arena, list.list->items + from, static_cast<uint32_t>(to - from));
}

/// Appends the members, those of lists in it down to `depth` instead of these. An error, or null.
Value flatten_into(const Value& list, int64_t depth, Arena& arena, std::vector<Value>& out) {
  for (const Value& member : members_of(list)) {
    if (member.kind == Kind::kList && depth > 0) {
      const Value inner = decode_container(member, arena);
      if (inner.is_error()) return inner;
      if (const Value problem = flatten_into(inner, depth - 1, arena, out); problem.is_error()) {
        return problem;
      }
    } else {
      out.push_back(member);
      if (out.size() > kMaxMembers) return Value::error("the list would be too long");
    }
  }
  return Value::null();
}

Value flatten(const Call& call) {
  const Value list = list_argument(call, 0);
  if (list.is_error()) return list;
  int64_t depth = 1;
  if (call.size() > 1 && !read_int(call, 1, depth)) return call.wrong_type(1, "an int as depth");
  if (depth < 0) return call.fail({"the depth of flatten cannot be less than 0"});
  std::vector<Value> out;
  const Value problem = flatten_into(list, depth, call.arena, out);
  return problem.is_error() ? problem : make_list(call.arena, out);
}

Value sort(const Call& call) {
  const Value list = list_argument(call, 0);
  return list.is_error() ? list : sort_by_keys(call, members_of(list), members_of(list));
}

Value distinct(const Call& call) {
  const Value list = list_argument(call, 0);
  if (list.is_error()) return list;
  MemberSet seen(call.arena);
  std::vector<Value> kept;
  for (const Value& value : members_of(list)) {
    if (seen.contains(value)) continue;
    seen.insert(value);
    kept.push_back(value);
  }
  return make_list(call.arena, kept);
}

Value range(const Call& call) {
  int64_t count = 0;
  if (!read_int(call, 0, count)) return call.wrong_type(0, "an int as length");
  if (count > static_cast<int64_t>(kMaxMembers)) return call.fail({"the list would be too long"});
  std::vector<Value> numbers;
  for (int64_t i = 0; i < count; ++i) numbers.push_back(Value::of_int(i));
  return make_list(call.arena, numbers);
}

constexpr Function kRows[] = {
    {"slice", Function::kMethod, 3, 3, slice, kListType,
     "list.slice(from, to) (of a text: text.substring(from, to))",
     "the members from a position up to another"},
    {"flatten", Function::kMethod, 1, 2, flatten, kListType, "list.flatten([depth])",
     "the list with the members of inner lists in it"},
    {"sort", Function::kMethod, 1, 1, sort, kListType, "list.sort()", "the members in order"},
    {"distinct", Function::kMethod, 1, 1, distinct, kListType, "list.distinct()",
     "the list without members that equal an earlier one"},
    {"lists.range", Function::kGlobal, 1, 1, range, kIntsType, "lists.range(n)",
     "the integers from 0 to n - 1"},
};

}  // namespace

std::span<const Function> list_functions() { return kRows; }

}  // namespace weir::expr
