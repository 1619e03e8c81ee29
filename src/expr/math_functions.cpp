// Functions of CEL's "math" extension.
#include <cmath>
#include <limits>

#include "expr/arguments.h"
#include "expr/arithmetic.h"
#include "expr/compare.h"

namespace weir::expr {

namespace {

/// The arguments, or the members of the only one if that is a list.
Value numbers_of(const Call& call, std::span<const Value>& numbers) {
  numbers = call.arguments;
  if (call.size() > 1 || call[0].kind != Kind::kList) return Value::null();
  const Value list = list_argument(call, 0);
  if (list.is_error()) return list;
  numbers = members_of(list);
  return numbers.empty() ? call.fail({call.name, " needs a number, and the list is empty"})
                         : Value::null();
}

/// One of the numbers that numbers_of gave.
Value read_number_of(const Call& call, const Value& value) {
  const Value number = number_of_text(value, call.arena);
  if (number.is_error() || number.is_number()) return number;
  return call.fail({call.name, " needs numbers, and this is ", with_article(value)});
}

/// The first of the numbers that no other is greater (kSign 1) or less (kSign -1) than.
template <int kSign>
Value extreme(const Call& call) {
  std::span<const Value> numbers;
  if (const Value problem = numbers_of(call, numbers); problem.is_error()) return problem;
  Value best = read_number_of(call, numbers[0]);
  for (size_t i = 1; i < numbers.size() && !best.is_error(); ++i) {
    const Value other = read_number_of(call, numbers[i]);
    if (other.is_error()) return other;
    const std::optional<int> order = compare(other, best);
    if (!order) return call.fail({call.name, " has no answer where one number is a NaN"});
    if (*order * kSign > 0) best = other;
  }
  return best;
}

/// The argument as a double. Of an event an int will do as well, which writes 3 for 3.0.
Value real_argument(const Call& call) {
  const Value value = number_of_text(call[0], call.arena);
  if (value.is_error()) return value;
  if (value.kind == Kind::kDouble) return Value::of_double(value.real);
  if (!call.promotes || !value.is_number()) return call.wrong_type(0, "a double");
  return Value::of_double(value.kind == Kind::kInt ? static_cast<double>(value.integer)
                                                   : static_cast<double>(value.unsigned_integer));
}

template <auto kChange>
Value change(const Call& call) {
  const Value value = real_argument(call);
  return value.is_error() ? value : Value::of_double(kChange(value.real));
}
constexpr auto ceil = change<[](double x) { return std::ceil(x); }>;
constexpr auto floor = change<[](double x) { return std::floor(x); }>;
constexpr auto round = change<[](double x) { return std::round(x); }>;
constexpr auto trunc = change<[](double x) { return std::trunc(x); }>;

template <auto kTest>
Value test(const Call& call) {
  const Value value = real_argument(call);
  return value.is_error() ? value : Value::of(kTest(value.real));
}
constexpr auto is_nan = test<[](double x) { return std::isnan(x); }>;
constexpr auto is_inf = test<[](double x) { return std::isinf(x); }>;
constexpr auto is_finite = test<[](double x) { return std::isfinite(x); }>;

Value square_root(const Call& call) {
  const Value value = number_argument(call, 0);
  if (value.kind == Kind::kInt) return Value::of_double(std::sqrt(value.integer));
  if (value.kind == Kind::kUint) return Value::of_double(std::sqrt(value.unsigned_integer));
  return value.is_error() ? value : Value::of_double(std::sqrt(value.real));
}

Value absolute(const Call& call) {
  const Value value = number_argument(call, 0);
  if (value.kind == Kind::kDouble) return Value::of_double(std::fabs(value.real));
  if (value.kind != Kind::kInt || value.integer >= 0) return value;
  if (value.integer == std::numeric_limits<int64_t>::min()) {
    return call.fail({call.name, " overflows: there is no int so great"});
  }
  return Value::of_int(-value.integer);
}

Value sign(const Call& call) {
  const Value value = number_argument(call, 0);
  if (value.kind == Kind::kInt) return Value::of_int((value.integer > 0) - (value.integer < 0));
  if (value.kind == Kind::kUint) return Value::of_uint(value.unsigned_integer > 0 ? 1 : 0);
  if (value.is_error() || std::isnan(value.real)) return value;
  return Value::of_double((value.real > 0) - (value.real < 0));
}

/// Combines the bits of ints only or of uints only.
template <auto kCombine>
Value combine_bits(const Call& call) {
  std::span<const Value> numbers;
  if (const Value problem = numbers_of(call, numbers); problem.is_error()) return problem;
  uint64_t bits = 0;
  Kind kind = Kind::kMissing;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const Value number = number_of_text(numbers[i], call.arena);
    if (number.is_error()) return number;
    if (number.kind != Kind::kInt && number.kind != Kind::kUint) {
      return call.fail({call.name, " needs ints or uints, and this is ", with_article(number)});
    }
    if (i > 0 && number.kind != kind) {
      return call.fail({call.name, " needs ints only, or uints only"});
    }
    kind = number.kind;
    bits = i == 0 ? number.bits : kCombine(bits, number.bits);
  }
  return kind == Kind::kInt ? Value::of_int(static_cast<int64_t>(bits)) : Value::of_uint(bits);
}
constexpr auto bit_and = combine_bits<[](uint64_t a, uint64_t b) { return a & b; }>;
constexpr auto bit_or = combine_bits<[](uint64_t a, uint64_t b) { return a | b; }>;
constexpr auto bit_xor = combine_bits<[](uint64_t a, uint64_t b) { return a ^ b; }>;

/// The bits of argument 0 changed, and its type kept.
template <typename F>
Value change_bits(const Call& call, F&& change_of) {
  const Value value = number_of_text(call[0], call.arena);
  if (value.is_error()) return value;
  if (value.kind == Kind::kInt) return Value::of_int(static_cast<int64_t>(change_of(value.bits)));
  if (value.kind == Kind::kUint) return Value::of_uint(change_of(value.bits));
  return call.wrong_type(0, "an int or uint");
}

Value bit_not(const Call& call) {
  return change_bits(call, [](uint64_t bits) { return ~bits; });
}

/// Shifts fill up with 0, to the right too, and 64 places or more leave nothing.
template <bool kLeft>
Value shift(const Call& call) {
  int64_t places = 0;
  if (!read_int(call, 1, places)) return call.wrong_type(1, "an int as number of places");
  if (places < 0) return call.fail({call.name, " cannot shift by less than 0 places"});
  return change_bits(call, [&](uint64_t bits) {
    if (places >= 64) return uint64_t{0};
    return kLeft ? bits << places : bits >> places;
  });
}

constexpr auto kGlobal = Function::kGlobal;
constexpr Function kRows[] = {
    {"math.greatest", kGlobal, 1, kManyArguments, extreme<1>, kAnyType,
     "math.greatest(x, y ...) or math.greatest(list)", "the greatest of numbers"},
    {"math.least", kGlobal, 1, kManyArguments, extreme<-1>, kAnyType,
     "math.least(x, y ...) or math.least(list)", "the least of numbers"},
    {"math.ceil", kGlobal, 1, 1, ceil, kDoubleType, "math.ceil(x)",
     "the least whole number that is not below it"},
    {"math.floor", kGlobal, 1, 1, floor, kDoubleType, "math.floor(x)",
     "the greatest whole number that is not above it"},
    {"math.round", kGlobal, 1, 1, round, kDoubleType, "math.round(x)",
     "the nearest whole number, halves away from 0"},
    {"math.trunc", kGlobal, 1, 1, trunc, kDoubleType, "math.trunc(x)",
     "the number without its decimals"},
    {"math.abs", kGlobal, 1, 1, absolute, kAnyType, "math.abs(x)", "the number without its sign"},
    {"math.sign", kGlobal, 1, 1, sign, kAnyType, "math.sign(x)", "-1, 0 or 1"},
    {"math.sqrt", kGlobal, 1, 1, square_root, kDoubleType, "math.sqrt(x)", "the square root"},
    {"math.isNaN", kGlobal, 1, 1, is_nan, kBoolType, "math.isNaN(x)", "whether it is no number"},
    {"math.isInf", kGlobal, 1, 1, is_inf, kBoolType, "math.isInf(x)", "whether it is infinite"},
    {"math.isFinite", kGlobal, 1, 1, is_finite, kBoolType, "math.isFinite(x)",
     "whether it is neither infinite nor NaN"},
    {"math.bitAnd", kGlobal, 1, kManyArguments, bit_and, kAnyType, "math.bitAnd(x, y)",
     "the bits that are set in all"},
    {"math.bitOr", kGlobal, 1, kManyArguments, bit_or, kAnyType, "math.bitOr(x, y)",
     "the bits that are set in any"},
    {"math.bitXor", kGlobal, 1, kManyArguments, bit_xor, kAnyType, "math.bitXor(x, y)",
     "the bits that are set in one of two"},
    {"math.bitNot", kGlobal, 1, 1, bit_not, kAnyType, "math.bitNot(x)", "all bits turned round"},
    {"math.bitShiftLeft", kGlobal, 2, 2, shift<true>, kAnyType, "math.bitShiftLeft(x, places)",
     "the bits moved to the left"},
    {"math.bitShiftRight", kGlobal, 2, 2, shift<false>, kAnyType, "math.bitShiftRight(x, places)",
     "the bits moved to the right, zeros in front"},
};

}  // namespace

std::span<const Function> math_functions() { return kRows; }

}  // namespace weir::expr
