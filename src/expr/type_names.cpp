#include "expr/type_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "expr/function.h"

namespace weir::expr {

namespace {

/// Words that name a type where the event has no such field, and the type's full name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kTypeNames = {{
    {kTimestampName, kTimestampName},
    {kDurationName, kDurationName},
    {"int", "int"},
    {"uint", "uint"},
    {"double", "double"},
    {"bool", "bool"},
    {"string", "string"},
    {"bytes", "bytes"},
    {"list", "list"},
    {"map", "map"},
    {"null_type", "null_type"},
    {"optional_type", "optional_type"},
    {"net.IP", "net.IP"},
    {"net.CIDR", "net.CIDR"},
    {"type", "type"},
}};

/// The same over events only.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kShortTypeNames = {{
    {"timestamp", kTimestampName},
    {"duration", kDurationName},
}};

}  // namespace

std::string_view type_called(std::string_view name, Dialect dialect) {
  const auto find = [&](const auto& types) {
    const auto found = std::ranges::find(types, name, [](const auto& type) { return type.first; });
    return found == types.end() ? std::string_view() : found->second;
  };
  const std::string_view type = find(kTypeNames);
  return type.empty() && dialect == Dialect::kEvents ? find(kShortTypeNames) : type;
}

}  // namespace weir::expr
