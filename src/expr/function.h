// How functions of the language are written and found.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/value.h"
#include "expr/limits.h"

namespace re2 {
class RE2;
}

namespace weir::expr {

/// What is known of a value's type before there is a value. kMissing stands for "any" (CEL's dyn).
struct StaticType {
  Kind kind = Kind::kMissing;
  Kind element = Kind::kMissing;  ///< of a list's members

  bool is_dyn() const { return kind == Kind::kMissing; }
};

/// The arguments of a call, the receiver first. None is missing or an error.
struct Call {
  std::span<const Value> arguments;
  Arena& arena;
  std::string_view name;
  /// The compiled pattern if that argument is constant, or null (see Function::pattern).
  const re2::RE2* pattern = nullptr;
  /// An argument comes from the event, where 3.0 may be written 3 (see arithmetic.h).
  bool promotes = false;
  int64_t* steps = nullptr;                   ///< what the evaluation may still do; null: anything
  int64_t pattern_memory = Limits{}.pattern;  ///< what a pattern may take that is compiled now

  /// Takes `count` steps off what is left, for work beyond what the sizes of the arguments tell.
  void spend(uint64_t count) const {
    if (steps != nullptr) *steps -= static_cast<int64_t>(std::min<uint64_t>(count, INT64_MAX / 2));
  }

  const Value& operator[](size_t i) const { return arguments[i]; }
  size_t size() const { return arguments.size(); }
  /// An error with a reason made of these parts.
  Value fail(std::initializer_list<std::string_view> parts) const;
  /// The error of an argument that has the wrong type: "NAME needs WANTED, and this is an int".
  Value wrong_type(size_t i, std::string_view wanted) const;
};

/// A function. Functions of one name differ in style or number of arguments. One constant row of a
/// family's table (string_functions.cpp ...) makes a function; functions.cpp lists the tables.
struct Function {
  enum Style : uint8_t { kGlobal = 1, kMethod = 2, kBoth = 3 };

  std::string_view name;  ///< with its namespace, if it has one: "math.greatest"
  Style style = kGlobal;
  uint8_t least = 1;  ///< arguments, the receiver counted
  uint8_t most = 1;
  Value (*run)(const Call& call) = nullptr;
  StaticType result;
  std::string_view usage;  ///< "text.startsWith(prefix)"
  std::string_view help;   ///< what it gives, for lists: some words without a full stop
  uint8_t pattern = 0;     ///< which argument is a pattern, or 0; a constant one is compiled once
  /// Why no call can work where argument `i` is always `constant`; empty if one may. Null: whatever
  /// is wrong shows in the run.
  std::string (*check)(size_t i, const Value& constant) = nullptr;
};

// What functions give.
inline constexpr StaticType kAnyType;
inline constexpr StaticType kBoolType = {Kind::kBool};
inline constexpr StaticType kBytesType = {Kind::kBytes};
inline constexpr StaticType kCidrType = {Kind::kCidr};
inline constexpr StaticType kDoubleType = {Kind::kDouble};
inline constexpr StaticType kDurationType = {Kind::kDuration};
inline constexpr StaticType kIntType = {Kind::kInt};
inline constexpr StaticType kIntsType = {Kind::kList, Kind::kInt};
inline constexpr StaticType kIpType = {Kind::kIp};
inline constexpr StaticType kListType = {Kind::kList};
inline constexpr StaticType kOptionalType = {Kind::kOptional};
inline constexpr StaticType kStringType = {Kind::kString};
inline constexpr StaticType kStringsType = {Kind::kList, Kind::kString};
inline constexpr StaticType kTimestampType = {Kind::kTimestamp};
inline constexpr StaticType kTypeType = {Kind::kType};
inline constexpr StaticType kUintType = {Kind::kUint};

std::span<const Function> string_functions();
std::span<const Function> format_functions();
std::span<const Function> conversion_functions();
std::span<const Function> collection_functions();
std::span<const Function> list_functions();
std::span<const Function> set_functions();
std::span<const Function> math_functions();
std::span<const Function> encoder_functions();
std::span<const Function> regex_functions();
std::span<const Function> network_functions();
std::span<const Function> optional_functions();
std::span<const Function> time_functions();

/// The functions of one family, under the words that lists have over them.
struct Family {
  std::string_view title;
  std::span<const Function> functions;
};
/// All families, in the order of weir-cel(7).
std::span<const Family> families();

/// What looks like a function, but takes a part of the expression as it is written.
struct Macro {
  std::string_view name;
  std::string_view usage;
  std::string_view help;  ///< as Function::help
};
std::span<const Macro> macros();

/// The function that a call means, or null.
const Function* find_function(std::string_view name, bool has_receiver, size_t arguments);
/// How the functions of this name are called: "size(x) or x.size()"; empty if there is none. Macros
/// are no functions.
std::string usage_of(std::string_view name);
/// All names, each once.
const std::vector<std::string_view>& function_names();

/// The name of the value's type in CEL: "int", "null_type", "list".
std::string_view type_name(const Value& value);
/// The type as a person reads it in a message: "an int", "null", "a string".
std::string_view with_article(const Value& value);
std::string_view with_article(StaticType type);

/// The full names of the types of times.
inline constexpr std::string_view kTimestampName = "google.protobuf.Timestamp";
inline constexpr std::string_view kDurationName = "google.protobuf.Duration";

/// An error whose reason is put together in the arena.
Value make_error(Arena& arena, std::initializer_list<std::string_view> parts);
/// A string or bytes value of `text`, copied into the arena; an error if it is too long.
Value make_string(Arena& arena, std::string_view text);

/// As Function::most: any number of arguments.
inline constexpr uint8_t kManyArguments = 255;

/// The longest string that an expression makes, in bytes.
inline constexpr size_t kMaxString = size_t{64} << 20;

}  // namespace weir::expr
