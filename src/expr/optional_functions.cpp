// Optionals: values that may be none, and what is asked of them (cel-go's documentation of its
// optional extension).
#include "event/json_value.h"
#include "expr/function.h"
#include "expr/weight.h"

namespace weir::expr {

namespace {

Value of(const Call& call) { return make_optional(call[0], call.arena); }

Value none(const Call&) { return Value::of_optional(nullptr); }

/// True for null, false, zeros (1970 for timestamps, as in protobuf), and texts, lists and maps
/// without content.
bool is_zero(const Value& value, Arena& arena) {
  switch (value.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return !value.boolean;
    case Kind::kInt:
      return value.integer == 0;
    case Kind::kUint:
      return value.unsigned_integer == 0;
    case Kind::kDouble:
      return value.real == 0;
    case Kind::kString:
    case Kind::kBytes:
      return value.size == 0;
    case Kind::kTimestamp:
    case Kind::kDuration:
      return value.integer == 0 && value.size == 0;
    case Kind::kList: {
      const Value opened = decode_container(value, arena);
      return opened.kind == Kind::kList && opened.list->size == 0;
    }
    case Kind::kMap: {
      const Value opened = decode_container(value, arena);
      return opened.kind == Kind::kMap && opened.map->size == 0;
    }
    default:
      return false;
  }
}

Value of_non_zero(const Call& call) {
  return is_zero(call[0], call.arena) ? Value::of_optional(nullptr) : of(call);
}

Value has_value(const Call& call) {
  if (call[0].kind != Kind::kOptional) return call.wrong_type(0, "an optional");
  return Value::of(call[0].inner != nullptr);
}

Value value(const Call& call) {
  if (call[0].kind != Kind::kOptional) return call.wrong_type(0, "an optional");
  if (call[0].inner == nullptr) return Value::error("the optional has no value");
  return *call[0].inner;
}

Value or_other(const Call& call) {
  if (call[0].kind != Kind::kOptional) return call.wrong_type(0, "an optional");
  if (call[0].inner != nullptr) return call[0];
  if (call[1].kind != Kind::kOptional) return call.wrong_type(1, "an optional");
  return call[1];
}

Value or_value(const Call& call) {
  if (call[0].kind != Kind::kOptional) return call.wrong_type(0, "an optional");
  return call[0].inner != nullptr ? *call[0].inner : call[1];
}

Value unwrap(const Call& call) {
  if (call[0].kind != Kind::kList) return call.wrong_type(0, "a list of optionals");
  const Value list = decode_container(call[0], call.arena);
  if (list.is_error()) return list;
  Value* const items = call.arena.make_array<Value>(list.list->size);
  uint32_t size = 0;
  for (uint32_t i = 0; i < list.list->size; ++i) {
    const Value& item = list.list->items[i];
    if (item.kind != Kind::kOptional) {
      return call.fail(
          {call.name, " needs a list of optionals, and one member is ", with_article(item)});
    }
    if (item.inner != nullptr) items[size++] = *item.inner;
  }
  return make_list(call.arena, items, size);
}

/// The first or the last member of a list, if there is one.
template <bool kFirst>
Value end_of(const Call& call) {
  if (call[0].kind != Kind::kList) return call.wrong_type(0, "a list");
  const Value list = decode_container(call[0], call.arena);
  if (list.is_error()) return list;
  const uint32_t size = list.list->size;
  if (size == 0) return Value::of_optional(nullptr);
  return make_optional(list.list->items[kFirst ? 0 : size - 1], call.arena);
}

constexpr Function kRows[] = {
    {"optional.of", Function::kGlobal, 1, 1, of, kOptionalType, "optional.of(x)",
     "an optional that has this value"},
    {"optional.none", Function::kGlobal, 0, 0, none, kOptionalType, "optional.none()",
     "an optional that has none"},
    {"optional.ofNonZeroValue", Function::kGlobal, 1, 1, of_non_zero, kOptionalType,
     "optional.ofNonZeroValue(x)", "none of null, false, 0 and what is empty"},
    {"optional.unwrap", Function::kGlobal, 1, 1, unwrap, kListType, "optional.unwrap(list)",
     "the values of those optionals that have one"},
    {"unwrapOpt", Function::kMethod, 1, 1, unwrap, kListType, "list.unwrapOpt()",
     "the same as optional.unwrap(list)"},
    {"hasValue", Function::kMethod, 1, 1, has_value, kBoolType, "optional.hasValue()",
     "whether it has a value"},
    {"value", Function::kMethod, 1, 1, value, kAnyType, "optional.value()",
     "its value; an error where there is none"},
    {"or", Function::kMethod, 2, 2, or_other, kOptionalType, "optional.or(other)",
     "the other optional where this one has no value"},
    {"orValue", Function::kMethod, 2, 2, or_value, kAnyType, "optional.orValue(otherwise)",
     "its value, or another where there is none"},
    {"first", Function::kMethod, 1, 1, end_of<true>, kOptionalType, "list.first()",
     "an optional of the first member"},
    {"last", Function::kMethod, 1, 1, end_of<false>, kOptionalType, "list.last()",
     "an optional of the last member"},
};

}  // namespace

std::span<const Function> optional_functions() { return kRows; }

}  // namespace weir::expr
