// How functions of the language are written and found.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/value.h"

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

  std::string_view name;
  Style style = kGlobal;
  uint8_t least = 1;  ///< arguments, the receiver counted
  uint8_t most = 1;
  Value (*run)(const Call& call) = nullptr;
  StaticType result;
  std::string_view usage;  ///< "text.startsWith(prefix)"
};

std::span<const Function> string_functions();
std::span<const Function> conversion_functions();
std::span<const Function> collection_functions();

/// The function that a call means, or null.
const Function* find_function(std::string_view name, bool has_receiver, size_t arguments);
/// How the functions of this name are called: "size(x) or x.size()"; empty if there is none.
std::string usage_of(std::string_view name);
/// All names, each once.
const std::vector<std::string_view>& function_names();

/// The name of the value's type in CEL: "int", "null_type", "list".
std::string_view type_name(const Value& value);
/// The type as a person reads it in a message: "an int", "null", "a string".
std::string_view with_article(const Value& value);

/// An error whose reason is put together in the arena.
Value make_error(Arena& arena, std::initializer_list<std::string_view> parts);
/// A string or bytes value of `text`, copied into the arena; an error if it is too long.
Value make_string(Arena& arena, std::string_view text);

/// The longest string that an expression makes, in bytes.
inline constexpr size_t kMaxString = size_t{64} << 20;

}  // namespace weir::expr
