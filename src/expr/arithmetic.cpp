#include "expr/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/utf8.h"
#include "event/json_value.h"
#include "event/time.h"

namespace weir::expr {

namespace {

__extension__ using Wide = __int128;

Value overflow(Operator op, Arena& arena) {
  return make_error(arena, {"the result of '", spelling(op), "' does not fit in 64 bits"});
}

Value no_overload(Operator op, const Value& a, const Value& b, Arena& arena) {
  const std::string_view left = with_article(a);
  const std::string_view right = with_article(b);
  switch (op) {
    case Operator::kAdd:
      return make_error(arena, {"cannot add ", left, " and ", right});
    case Operator::kSubtract:
      return make_error(arena, {"cannot subtract ", right, " from ", left});
    case Operator::kMultiply:
      return make_error(arena, {"cannot multiply ", left, " by ", right});
    case Operator::kDivide:
      return make_error(arena, {"cannot divide ", left, " by ", right});
    default:
      return make_error(arena, {"cannot take the remainder of ", left, " by ", right});
  }
}

template <typename T>
Value of_integer(T value) {
  if constexpr (std::is_signed_v<T>) {
    return Value::of_int(value);
  } else {
    return Value::of_uint(value);
  }
}

/// CEL's arithmetic on two int64 or two uint64.
template <typename T>
Value integer_arithmetic(Operator op, T a, T b, Arena& arena) {
  T result = 0;
  bool fits = true;
  switch (op) {
    case Operator::kAdd:
      fits = !__builtin_add_overflow(a, b, &result);
      break;
    case Operator::kSubtract:
      fits = !__builtin_sub_overflow(a, b, &result);
      break;
    case Operator::kMultiply:
      fits = !__builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) {
        return Value::error(op == Operator::kDivide ? "division by zero"
                                                    : "remainder of a division by zero");
      }
      if constexpr (std::is_signed_v<T>) {
        if (b == -1 && a == std::numeric_limits<T>::min()) {
          fits = false;
          break;
        }
      }
      result = op == Operator::kDivide ? a / b : a % b;
  }
  return fits ? of_integer(result) : overflow(op, arena);
}

Value double_arithmetic(Operator op, double a, double b) {
  switch (op) {
    case Operator::kAdd:
      return Value::of_double(a + b);
    case Operator::kSubtract:
      return Value::of_double(a - b);
    case Operator::kMultiply:
      return Value::of_double(a * b);
    default:
      return Value::of_double(a / b);
  }
}

double to_double(const Value& value) {
  if (value.kind == Kind::kInt) return static_cast<double>(value.integer);
  if (value.kind == Kind::kUint) return static_cast<double>(value.unsigned_integer);
  return value.real;
}

Wide to_wide(const Value& value) {
  return value.kind == Kind::kInt ? Wide{value.integer} : static_cast<Wide>(value.unsigned_integer);
}

Value narrow(Operator op, Wide value, bool prefer_unsigned, Arena& arena) {
  constexpr Wide kIntMin = std::numeric_limits<int64_t>::min();
  constexpr Wide kIntMax = std::numeric_limits<int64_t>::max();
  constexpr Wide kUintMax = std::numeric_limits<uint64_t>::max();
  const bool fits_unsigned = value >= 0 && value <= kUintMax;
  if (prefer_unsigned && fits_unsigned) return Value::of_uint(static_cast<uint64_t>(value));
  if (value >= kIntMin && value <= kIntMax) return Value::of_int(static_cast<int64_t>(value));
  if (fits_unsigned) return Value::of_uint(static_cast<uint64_t>(value));
  return overflow(op, arena);
}

/// Arithmetic on numbers of which at least one comes from an event.
Value promoted_arithmetic(Operator op, const Value& a, const Value& b, Arena& arena) {
  if (a.kind == Kind::kDouble || b.kind == Kind::kDouble) {
    if (op == Operator::kRemainder) return no_overload(op, a, b, arena);
    return double_arithmetic(op, to_double(a), to_double(b));
  }
  const bool both_unsigned = a.kind == Kind::kUint && b.kind == Kind::kUint;
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) {
    const bool inexact =
        op == Operator::kDivide && b.integer != 0 && b.integer != -1 && a.integer % b.integer != 0;
    if (inexact) return Value::of_double(to_double(a) / to_double(b));
    return integer_arithmetic(op, a.integer, b.integer, arena);
  }
  if (op == Operator::kDivide || op == Operator::kRemainder) {
    const Wide x = to_wide(a);
    const Wide y = to_wide(b);
    if (y == 0) {
      return Value::error(op == Operator::kDivide ? "division by zero"
                                                  : "remainder of a division by zero");
    }
    if (op == Operator::kRemainder) return narrow(op, x % y, both_unsigned, arena);
    if (x % y != 0) return Value::of_double(to_double(a) / to_double(b));
    return narrow(op, x / y, both_unsigned, arena);
  }
  Wide result = 0;
  bool fits = true;
  switch (op) {
    case Operator::kAdd:
      result = to_wide(a) + to_wide(b);
      break;
    case Operator::kSubtract:
      result = to_wide(a) - to_wide(b);
      break;
    default:
      fits = !__builtin_mul_overflow(to_wide(a), to_wide(b), &result);
  }
  return fits ? narrow(op, result, both_unsigned, arena) : overflow(op, arena);
}

Value join_text(const Value& a, const Value& b, Arena& arena) {
  const size_t size = size_t{a.size} + b.size;
  if (size > kMaxString) return Value::error("the joined text would be longer than 64 MiB");
  char* const to = arena.allocate(size == 0 ? 1 : size);
  if (a.size > 0) std::memcpy(to, a.data, a.size);
  if (b.size > 0) std::memcpy(to + a.size, b.data, b.size);
  const std::string_view text(to, size);
  return a.kind == Kind::kBytes ? Value::of_bytes(text) : Value::of_string(text);
}

Value join_lists(const Value& a, const Value& b, Arena& arena) {
  const Value left = decode_container(a, arena);
  const Value right = decode_container(b, arena);
  if (left.is_error()) return left;
  if (right.is_error()) return right;
  const size_t size = size_t{left.list->size} + right.list->size;
  Value* const items = arena.make_array<Value>(size);
  std::copy_n(left.list->items, left.list->size, items);
  std::copy_n(right.list->items, right.list->size, items + left.list->size);
  auto* const list = arena.make_array<ListValue>(1);
  *list = {items, static_cast<uint32_t>(size)};
  return Value::of_list(list);
}

bool is_text(const Value& value) { return value.kind == Kind::kString && value.is_text; }

/// + and - of a timestamp or duration and something else. Plain CEL: text and numbers are no times.
Value time_arithmetic(Operator op, const Value& a, const Value& b, Arena& arena) {
  const auto checked = [&](const auto& result) {
    if (result) return to_value(*result);
    return make_error(arena, {"the result of '", spelling(op), "' is out of the range of times"});
  };
  const bool adds = op == Operator::kAdd;
  if ((!adds && op != Operator::kSubtract) || !a.is_time() || !b.is_time()) {
    return no_overload(op, a, b, arena);
  }
  if (a.kind == Kind::kDuration && b.kind == Kind::kDuration) {
    const Duration span = duration_of(a);
    return checked(adds ? add(span, duration_of(b)) : subtract(span, duration_of(b)));
  }
  if (a.kind == Kind::kTimestamp && b.kind == Kind::kDuration) {
    const Timestamp time = timestamp_of(a);
    return checked(adds ? add(time, duration_of(b)) : subtract(time, duration_of(b)));
  }
  if (adds && a.kind == Kind::kDuration) return checked(add(timestamp_of(b), duration_of(a)));
  if (!adds && a.kind == Kind::kTimestamp) {
    return checked(subtract(timestamp_of(a), timestamp_of(b)));
  }
  return no_overload(op, a, b, arena);
}

/// The type of that.
std::optional<StaticType> time_arithmetic_type(Operator op, Kind a, Kind b) {
  const bool b_is_time = b == Kind::kTimestamp || b == Kind::kDuration;
  if (!b_is_time) return std::nullopt;
  if (op == Operator::kAdd && (a == Kind::kDuration || b == Kind::kDuration)) {
    return StaticType{a == b ? Kind::kDuration : Kind::kTimestamp};
  }
  if (op == Operator::kSubtract && (a == b || a == Kind::kTimestamp)) {
    return StaticType{a == b ? Kind::kDuration : Kind::kTimestamp};
  }
  return std::nullopt;
}

}  // namespace

Value number_of_text(const Value& value, Arena& arena) {
  if (!is_text(value)) return value;
  const Value number = read_number(value.text());
  if (!number.is_error()) return number;
  return make_error(arena, {"cannot read '", beginning(value.text(), 60), "' as a number"});
}

Value arithmetic(Operator op, const Value& a, const Value& b, bool promotes, Arena& arena) {
  if (a.kind == b.kind) {
    if (a.kind == Kind::kDouble && op != Operator::kRemainder) {
      return double_arithmetic(op, a.real, b.real);
    }
    if (a.kind == Kind::kInt && !promotes)
      return integer_arithmetic(op, a.integer, b.integer, arena);
    if (a.kind == Kind::kUint && !promotes) {
      return integer_arithmetic(op, a.unsigned_integer, b.unsigned_integer, arena);
    }
    if (op == Operator::kAdd) {
      if (a.kind == Kind::kString) {
        if (is_text(a) && is_text(b)) {
          return Value::error(
              "+ of two text fields could mean numbers or text: write double(a) + "
              "double(b), or string(a) + string(b)");
        }
        return join_text(a, b, arena);
      }
      if (a.kind == Kind::kBytes) return join_text(a, b, arena);
      if (a.kind == Kind::kList) return join_lists(a, b, arena);
    }
  }
  if (a.is_time() || b.is_time()) return time_arithmetic(op, a, b, arena);
  if (!promotes) return no_overload(op, a, b, arena);
  if (a.is_number() && b.is_number()) return promoted_arithmetic(op, a, b, arena);
  const bool numbers = (a.is_number() || is_text(a)) && (b.is_number() || is_text(b));
  if (!numbers) return no_overload(op, a, b, arena);
  const Value left = number_of_text(a, arena);
  const Value right = number_of_text(b, arena);
  if (left.is_error()) return left;
  if (right.is_error()) return right;
  return promoted_arithmetic(op, left, right, arena);
}

Value negate(const Value& a, bool promotes, Arena& arena) {
  const Value number = promotes ? number_of_text(a, arena) : a;
  if (number.kind == Kind::kInt) {
    return integer_arithmetic(Operator::kSubtract, int64_t{0}, number.integer, arena);
  }
  if (number.kind == Kind::kDouble) return Value::of_double(-number.real);
  if (number.kind == Kind::kUint && promotes) {
    return narrow(Operator::kNegate, -to_wide(number), false, arena);
  }
  if (number.is_error()) return number;
  return make_error(arena, {"cannot negate ", with_article(number)});
}

std::optional<StaticType> arithmetic_type(Operator op, StaticType a, StaticType b) {
  if (a.is_dyn() || b.is_dyn()) return StaticType{};
  if (a.kind == Kind::kTimestamp || a.kind == Kind::kDuration) {
    return time_arithmetic_type(op, a.kind, b.kind);
  }
  if (a.kind != b.kind) return std::nullopt;
  const bool whole = a.kind == Kind::kInt || a.kind == Kind::kUint;
  if (whole || (a.kind == Kind::kDouble && op != Operator::kRemainder)) return StaticType{a.kind};
  if (op != Operator::kAdd) return std::nullopt;
  if (a.kind == Kind::kString || a.kind == Kind::kBytes) return StaticType{a.kind};
  if (a.kind != Kind::kList) return std::nullopt;
  return StaticType{Kind::kList, a.element == b.element ? a.element : Kind::kMissing};
}

bool is_number_type(StaticType type) {
  return type.kind == Kind::kInt || type.kind == Kind::kUint || type.kind == Kind::kDouble;
}

bool have_order(StaticType a, StaticType b) {
  if (a.is_dyn() || b.is_dyn() || (is_number_type(a) && is_number_type(b))) return true;
  return a.kind == b.kind &&
         (a.kind == Kind::kString || a.kind == Kind::kBytes || a.kind == Kind::kBool ||
          a.kind == Kind::kIp || a.kind == Kind::kTimestamp || a.kind == Kind::kDuration);
}

}  // namespace weir::expr
