#include "expr/arguments.h"

#include <algorithm>

#include "event/json_value.h"
#include "expr/arithmetic.h"
#include "expr/weight.h"

namespace weir::expr {

bool read_int(const Call& call, size_t i, int64_t& number) {
  const Value value = number_of_text(call[i], call.arena);
  if (value.kind != Kind::kInt) return false;
  number = value.integer;
  return true;
}

Value number_argument(const Call& call, size_t i) {
  const Value value = number_of_text(call[i], call.arena);
  if (value.is_error() || value.is_number()) return value;
  return call.wrong_type(i, "a number");
}

Value list_argument(const Call& call, size_t i) {
  if (call[i].kind != Kind::kList) return call.wrong_type(i, "a list");
  return decode_container(call[i], call.arena);
}

Value make_list(Arena& arena, std::span<const Value> members) {
  if (members.size() > kMaxMembers) return Value::error("the list would be too long");
  Value* const kept = arena.make_array<Value>(members.size());
  std::ranges::copy(members, kept);
  return make_list(arena, kept, static_cast<uint32_t>(members.size()));
}

}  // namespace weir::expr
