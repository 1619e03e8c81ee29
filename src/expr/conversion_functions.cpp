// int() uint() double() string() bytes() bool() type(): CEL's conversions. (dyn() changes no value;
// the compiler takes it out.)
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "base/utf8.h"
#include "event/ip.h"
#include "event/json_value.h"
#include "event/time.h"
#include "expr/arithmetic.h"
#include "expr/function.h"

namespace weir::expr {

namespace {

Value out_of_range(const Call& call) {
  return call.fail({"this ", type_name(call[0]), " is out of the range of ", call.name});
}

Value unreadable(const Call& call) {
  return call.fail({"cannot read '", beginning(call[0].text(), 60), "' as ", call.name});
}

Value no_conversion(const Call& call) {
  return call.fail({"there is no ", call.name, " of ", with_article(call[0])});
}

/// All of `text` as a number, with a sign of either kind allowed in front.
template <typename T>
bool read_all(std::string_view text, T& number) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end && !text.empty();
}

Value to_int(const Call& call) {
  const Value value = number_of_text(call[0], call.arena);
  switch (value.kind) {
    case Kind::kInt:
      return Value::of_int(value.integer);
    case Kind::kUint:
      if (value.unsigned_integer > INT64_MAX) return out_of_range(call);
      return Value::of_int(static_cast<int64_t>(value.unsigned_integer));
    case Kind::kDouble:
      // Both ends are left out, as the doubles nearest to them stand for numbers beyond them as
      // well.
      if (!(value.real > -0x1p63 && value.real < 0x1p63)) return out_of_range(call);
      return Value::of_int(static_cast<int64_t>(value.real));
    case Kind::kString: {
      int64_t number = 0;
      return read_all(value.text(), number) ? Value::of_int(number) : unreadable(call);
    }
    case Kind::kTimestamp:
      return Value::of_int(value.integer);
    case Kind::kError:
      return value;
    default:
      return no_conversion(call);
  }
}

Value to_uint(const Call& call) {
  const Value value = number_of_text(call[0], call.arena);
  switch (value.kind) {
    case Kind::kInt:
      if (value.integer < 0) return out_of_range(call);
      return Value::of_uint(static_cast<uint64_t>(value.integer));
    case Kind::kUint:
      return Value::of_uint(value.unsigned_integer);
    case Kind::kDouble:
      if (!(value.real >= 0 && value.real < 0x1p64)) return out_of_range(call);
      return Value::of_uint(static_cast<uint64_t>(value.real));
    case Kind::kString: {
      uint64_t number = 0;
      return read_all(value.text(), number) ? Value::of_uint(number) : unreadable(call);
    }
    case Kind::kError:
      return value;
    default:
      return no_conversion(call);
  }
}

Value to_double(const Call& call) {
  const Value value = number_of_text(call[0], call.arena);
  switch (value.kind) {
    case Kind::kInt:
      return Value::of_double(static_cast<double>(value.integer));
    case Kind::kUint:
      return Value::of_double(static_cast<double>(value.unsigned_integer));
    case Kind::kDouble:
      return Value::of_double(value.real);
    case Kind::kString: {
      const std::string_view text = value.text();
      // from_chars also reads "nan(...)", which is nobody's number.
      double number = 0;
      const bool read = text.find('(') == std::string_view::npos && read_all(text, number);
      return read ? Value::of_double(number) : unreadable(call);
    }
    case Kind::kError:
      return value;
    default:
      return no_conversion(call);
  }
}

std::string double_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  std::string text;
  append_shortest(number, text);
  return text;
}

Value to_string(const Call& call) {
  const Value& value = call[0];
  switch (value.kind) {
    case Kind::kBool:
      return Value::of_string(value.boolean ? "true" : "false");
    case Kind::kInt:
      return make_string(call.arena, std::to_string(value.integer));
    case Kind::kUint:
      return make_string(call.arena, std::to_string(value.unsigned_integer));
    case Kind::kDouble:
      return make_string(call.arena, double_text(value.real));
    case Kind::kString:
      return Value::of_string(value.text());
    case Kind::kBytes:
      if (!is_utf8(value.text())) return call.fail({"these bytes are no well-formed UTF-8"});
      return Value::of_string(value.text());
    case Kind::kIp:
    case Kind::kCidr: {
      char text[kLongestAddress];
      return make_string(call.arena, {text, put_address(value, text)});
    }
    case Kind::kTimestamp: {
      char text[kTimestampSize];
      const char* const end = write_timestamp(timestamp_of(value), text);
      return make_string(call.arena, {text, static_cast<size_t>(end - text)});
    }
    case Kind::kDuration: {
      std::string text;
      append_duration(duration_of(value), text);
      return make_string(call.arena, text);
    }
    default:
      return no_conversion(call);
  }
}

Value to_bytes(const Call& call) {
  if (call[0].kind != Kind::kString && call[0].kind != Kind::kBytes) return no_conversion(call);
  return Value::of_bytes(call[0].text());
}

Value to_bool(const Call& call) {
  if (call[0].kind == Kind::kBool) return Value::of(call[0].boolean);
  if (call[0].kind != Kind::kString) return no_conversion(call);
  const std::string_view text = call[0].text();
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "1"}) {
    if (text == yes) return Value::of(true);
  }
  for (const std::string_view no : {"false", "False", "FALSE", "f", "0"}) {
    if (text == no) return Value::of(false);
  }
  return unreadable(call);
}

Value type_of(const Call& call) { return Value::of_type(type_name(call[0])); }

constexpr Function kRows[] = {
    {"int", Function::kGlobal, 1, 1, to_int, kIntType, "int(x)",
     "a number, text or timestamp as an integer"},
    {"uint", Function::kGlobal, 1, 1, to_uint, kUintType, "uint(x)",
     "a number or text as an integer without a sign"},
    {"double", Function::kGlobal, 1, 1, to_double, kDoubleType, "double(x)",
     "a number or text as a double"},
    {"string", Function::kGlobal, 1, 1, to_string, kStringType, "string(x)",
     "the text of a number, bool, time, address or bytes"},
    {"bytes", Function::kGlobal, 1, 1, to_bytes, kBytesType, "bytes(x)", "the bytes of a text"},
    {"bool", Function::kGlobal, 1, 1, to_bool, kBoolType, "bool(x)",
     "what true, false, t, f, 1 and 0 mean as a text"},
    {"type", Function::kGlobal, 1, 1, type_of, kTypeType, "type(x)", "the type of a value"},
};

}  // namespace

std::span<const Function> conversion_functions() { return kRows; }

}  // namespace weir::expr
