// The names of types.
#pragma once

#include <string_view>

#include "expr/ast.h"

namespace weir::expr {

/// The full name of the type that a name stands for ("int", "timestamp" over events): empty if it
/// is none.
std::string_view type_called(std::string_view name, Dialect dialect);

}  // namespace weir::expr
