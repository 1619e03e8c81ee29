// Finding functions, and what all families of them share.
#include <algorithm>
#include <cstring>

#include "expr/function.h"

namespace weir::expr {

namespace {

constexpr Macro kMacros[] = {
    {"has", "has(a.field)", "whether the field, member or index is there"},
    {"all", "list.all(x, a condition on x)", "whether all members meet the condition"},
    {"exists", "list.exists(x, a condition on x)", "whether any member meets the condition"},
    {"exists_one", "list.exists_one(x, a condition on x)", "whether exactly one member does"},
    {"existsOne", "list.existsOne(x, a condition on x)", "the same as exists_one"},
    {"filter", "list.filter(x, a condition on x)", "the members that meet the condition"},
    {"map", "list.map(x, what to make of x) or list.map(x, condition, what to make of x)",
     "what is made of each member"},
    {"sortBy", "list.sortBy(x, what to sort x by)", "the members in the order of their keys"},
    {"transformList",
     "container.transformList(key, value, what to make of it) or "
     "container.transformList(key, value, condition, what to make of it)",
     "a list of what is made of each member"},
    {"transformMap",
     "container.transformMap(key, value, what to make of it) or "
     "container.transformMap(key, value, condition, what to make of it)",
     "a map of the same keys"},
    {"transformMapEntry",
     "container.transformMapEntry(key, value, {key: value}) or "
     "container.transformMapEntry(key, value, condition, {key: value})",
     "a map of the entries that are made"},
    {"optMap", "optional.optMap(x, what to make of x)", "an optional of what is made of its value"},
    {"optFlatMap", "optional.optFlatMap(x, what to make of x)",
     "the optional that is made of its value"},
    {"cel.bind", "cel.bind(x, value, what to make of x)", "gives a value a name"},
    {"dyn", "dyn(x)", "x, of a type that is not known beforehand"},
};

const std::vector<Function>& all_functions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> rows;
    for (const Family& family : families()) {
      rows.insert(rows.end(), family.functions.begin(), family.functions.end());
    }
    return rows;
  }();
  return all;
}

}  // namespace

std::span<const Family> families() {
  static const Family all[] = {
      {"types and conversions", conversion_functions()},
      {"sizes", collection_functions()},
      {"optionals", optional_functions()},
      {"strings", string_functions()},
      {"texts made of values", format_functions()},
      {"numbers", math_functions()},
      {"lists", list_functions()},
      {"lists as sets", set_functions()},
      {"regular expressions", regex_functions()},
      {"base 64", encoder_functions()},
      {"addresses", network_functions()},
      {"times", time_functions()},
  };
  return all;
}

std::span<const Macro> macros() { return kMacros; }

const Function* find_function(std::string_view name, bool has_receiver, size_t arguments) {
  const uint8_t style = has_receiver ? Function::kMethod : Function::kGlobal;
  for (const Function& function : all_functions()) {
    if (function.name == name && (function.style & style) != 0 && arguments >= function.least &&
        arguments <= function.most) {
      return &function;
    }
  }
  return nullptr;
}

std::string usage_of(std::string_view name) {
  std::string usage;
  for (const Function& function : all_functions()) {
    if (function.name != name) continue;
    if (!usage.empty()) usage += " or ";
    usage += function.usage;
  }
  return usage;
}

const std::vector<std::string_view>& function_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Macro& macro : kMacros) all.push_back(macro.name);
    for (const Function& function : all_functions()) {
      if (std::ranges::find(all, function.name) == all.end()) all.push_back(function.name);
    }
    return all;
  }();
  return names;
}

std::string_view type_name(const Value& value) {
  switch (value.kind) {
    case Kind::kNull:
      return "null_type";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kType:
      return "type";
    case Kind::kIp:
      return "net.IP";
    case Kind::kCidr:
      return "net.CIDR";
    case Kind::kOptional:
      return "optional_type";
    case Kind::kTimestamp:
      return kTimestampName;
    case Kind::kDuration:
      return kDurationName;
    case Kind::kMissing:
    case Kind::kError:
      break;
  }
  return "error";
}

std::string_view with_article(StaticType type) {
  Value value;
  value.kind = type.kind;
  return with_article(value);
}

std::string_view with_article(const Value& value) {
  switch (value.kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "a bool";
    case Kind::kInt:
      return "an int";
    case Kind::kUint:
      return "a uint";
    case Kind::kDouble:
      return "a double";
    case Kind::kString:
      return "a string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
    case Kind::kType:
      return "a type";
    case Kind::kIp:
      return "an IP address";
    case Kind::kCidr:
      return "an address range";
    case Kind::kOptional:
      return "an optional";
    case Kind::kTimestamp:
      return "a timestamp";
    case Kind::kDuration:
      return "a duration";
    case Kind::kMissing:
    case Kind::kError:
      break;
  }
  return "nothing";
}

Value make_error(Arena& arena, std::initializer_list<std::string_view> parts) {
  size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  char* const text = arena.allocate(size);
  char* to = text;
  for (const std::string_view part : parts) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  return Value::error({text, size});
}

Value make_string(Arena& arena, std::string_view text) {
  if (text.size() > kMaxString) return Value::error("the text would be longer than 64 MiB");
  const std::string_view kept = arena.copy(text);
  return Value::of_string(kept.empty() ? std::string_view("") : kept);
}

Value Call::fail(std::initializer_list<std::string_view> parts) const {
  return make_error(arena, parts);
}

Value Call::wrong_type(size_t i, std::string_view wanted) const {
  return fail({name, " needs ", wanted, ", and this is ", with_article(arguments[i])});
}

}  // namespace weir::expr
