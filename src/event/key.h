// Values as keys: grouping, looking up, telling apart.
#pragma once

#include <string>
#include <string_view>

#include "event/value.h"

namespace weir {

/// Appends bytes to `key` that are the same for values which are equal in an expression, and differ
/// for others: 1, 1.0 and 1u are one key, "1" is another; of maps the order of members does not
/// count. Missing and null are one key. Several values can be appended one behind the other without
/// running into each other. weir-bus(5) has the bytes, which never change: they decide between
/// shards. Answers an empty text, or why the value cannot be a key (an error).
std::string append_key(const Value& value, std::string& key);

/// True if the key of a value tells all of it, also how it is written: so do those of null, of
/// truth values, of integers that are written as usual, and of strings without escapes.
bool is_told_by_key(const Value& value);

/// Takes a value that the key tells from the front of it. A string is borrowed from the key; what
/// was missing is null.
Value take_from_key(std::string_view& key);

}  // namespace weir
