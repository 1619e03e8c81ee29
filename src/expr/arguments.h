// What functions of several families do with their arguments and results.
#pragma once

#include <span>

#include "expr/function.h"

namespace weir::expr {

/// The members that an expression makes for one list, at most.
inline constexpr size_t kMaxMembers = size_t{4} << 20;

/// Reads a position or count. False if argument `i` is no int (or text that reads as one).
bool read_int(const Call& call, size_t i, int64_t& number);

/// Argument `i` as a number: text is read. The error of another type, or of text that is no number.
Value number_argument(const Call& call, size_t i);

/// Argument `i` as an opened list, or the error that it is none.
Value list_argument(const Call& call, size_t i);

/// A list of these members, copied into the arena.
Value make_list(Arena& arena, std::span<const Value> members);

inline std::span<const Value> members_of(const Value& list) {
  return {list.list->items, list.list->size};
}

}  // namespace weir::expr
