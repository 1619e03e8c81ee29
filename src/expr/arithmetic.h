// + - * / % and the sign.
#pragma once

#include <optional>

#include "base/arena.h"
#include "expr/ast.h"
#include "expr/function.h"

namespace weir::expr {

/// `a op b` for values that are neither errors nor missing. Without `promotes` this is CEL: both
/// operands have one type, / of integers drops the fraction, and what does not fit in 64 bits is an
/// error. With it (an operand comes from the event) numbers of different types meet: beside a
/// double both are doubles, an int and a uint make an int, or a uint if only that can hold it; / of
/// integers is an integer if it is exact and a double if not; and text is read as a number. + also
/// joins strings, bytes and lists; + and - know timestamps and durations.
Value arithmetic(Operator op, const Value& a, const Value& b, bool promotes, Arena& arena);

/// `-a`, for a value that is neither an error nor missing.
Value negate(const Value& a, bool promotes, Arena& arena);

/// The type that `a op b` has for operands of these types, or nothing if there is no such
/// operation.
std::optional<StaticType> arithmetic_type(Operator op, StaticType a, StaticType b);

bool is_number_type(StaticType type);
/// True if values of these types may be put in order.
bool have_order(StaticType a, StaticType b);

/// A text field as the number it reads as (kError if it reads as none); other values as they are.
Value number_of_text(const Value& value, Arena& arena);

}  // namespace weir::expr
