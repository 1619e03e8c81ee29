// Values as keys: grouping, looking up, telling apart.
#pragma once

#include <string>

#include "event/value.h"

namespace weir {

/// Appends bytes to `key` that are the same for values which are equal in an expression, and differ
/// for others: 1, 1.0 and 1u are one key, "1" is another; of maps the order of members does not
/// count. Missing and null are one key. Several values can be appended one behind the other without
/// running into each other. weir-bus(5) has the bytes, which never change: they decide between
/// shards. Answers an empty text, or why the value cannot be a key (an error).
std::string append_key(const Value& value, std::string& key);

}  // namespace weir
