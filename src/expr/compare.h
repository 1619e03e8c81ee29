// Equality and order of values.
#pragma once

#include <optional>

#include "base/arena.h"
#include "event/value.h"

namespace weir::expr {

/// How two values stand to each other: below 0, 0, above 0. Numbers of all types have one order, by
/// their exact values (an int and a double are never rounded to each other's type, but the double
/// 2^63 counts as the greatest int, and 2^64 as the greatest uint); strings and bytes go by their
/// bytes, which for UTF-8 is the order of code points; false comes before true; IP addresses go by
/// their bytes, IPv4 before IPv6; earlier timestamps come before later ones, shorter durations
/// before longer ones. A text field beside a number is read as a number. Nothing if the two have no
/// order: different types, a NaN, lists, maps.
std::optional<int> compare(const Value& a, const Value& b);

/// CEL's `==`: values of different types are different, numbers are equal if their exact values
/// are, a NaN equals nothing, lists and maps are compared by their members. A text field equals the
/// number it reads as. Neither may be an error or missing. `arena` is for opening lists and maps
/// that are still text.
bool equal(const Value& a, const Value& b, Arena& arena);

/// True if `value` equals a member of `list`, or a key of `map`, which must be opened.
bool contains(const ListValue& list, const Value& value, Arena& arena);

/// The value under `key` in the map, or null. Number keys are found by any number of equal value.
const Value* find_key(const MapValue& map, const Value& key);

}  // namespace weir::expr
