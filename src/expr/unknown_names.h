// What to say of a name that means nothing, or of a value that is no condition.
#pragma once

#include <string>

#include "event/path.h"
#include "expr/ast.h"

namespace weir::expr {

/// What is wrong with a call of which there is no function, and what was perhaps meant.
std::string about_unknown_function(const Node& node, bool over_events);

/// Why `meta` has no such member; empty if it has.
std::string about_unknown_meta(const Path& path);

/// What may be meant by an operand of && or || that is no condition, as the end of a message.
const char* about_no_condition(const Node& logic, const Node& operand);

}  // namespace weir::expr
