// How large values are, written out.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "event/value.h"

namespace weir::expr {

/// About how many bytes the value takes when it is written out or compared: its text, and of a list
/// or map all members, as often as they stand in it. Members may be shared, so this can be
/// exponential in what the value takes in memory; it ends at UINT32_MAX.
uint32_t weight_of(const Value& value);

/// A list or map of these members, which live in `arena`, with its weight.
Value make_list(Arena& arena, const Value* items, uint32_t size);
Value make_map(Arena& arena, const Value* keys, const Value* values, uint32_t size);

/// An optional of the value.
Value make_optional(const Value& value, Arena& arena);

/// The value, with its weight if it is a list or map that has none.
Value with_weight(const Value& value, Arena& arena);

}  // namespace weir::expr
