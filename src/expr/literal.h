// Values as people would write them in an expression.
#pragma once

#include <string>

#include "event/value.h"

namespace weir::expr {

/// Appends the value as an expression in one line: `3`, `2u`, `1.0`, `"a"`, `b"\x00"`,
/// `{"a": [1, true]}`. What no literal stands for is a call (`double("NaN")`) or, for a type, its
/// name. Lists and maps that are still JSON text are opened. Errors and missing fields, which are
/// no values, become `missing` and `error`.
void append_literal(const Value& value, std::string& out);

/// The line that `weir eval` prints for a result: the name of its type, a colon and the literal,
/// `int: 3`; or `missing`; or `error: ` and the reason, its control characters escaped.
std::string typed_line(const Value& value);

}  // namespace weir::expr
