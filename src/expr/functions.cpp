// Finding functions, and what all families of them share.
#include <algorithm>
#include <cstring>

#include "expr/function.h"

namespace weir::expr {

namespace {

const std::vector<Function>& all_functions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> rows;
    for (const auto family : {
             string_functions(),
             format_functions(),
             conversion_functions(),
             collection_functions(),
             list_functions(),
             set_functions(),
             math_functions(),
             encoder_functions(),
             regex_functions(),
             network_functions(),
             optional_functions(),
             time_functions(),
         }) {
      rows.insert(rows.end(), family.begin(), family.end());
    }
    return rows;
  }();
  return all;
}

}  // namespace

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
    std::vector<std::string_view> all = {
        "has",       "dyn",        "all",           "exists",       "exists_one",
        "existsOne", "sortBy",     "map",           "filter",       "cel.bind",
        "optMap",    "optFlatMap", "transformList", "transformMap", "transformMapEntry"};
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
