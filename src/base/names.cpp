#include "base/names.h"

#include <unordered_set>

namespace weir {

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

Result<void> check_names(std::string_view option, std::span<const std::string> names) {
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : names) {
    if (name.empty()) return usage_error(std::string(option) + " has an empty name in it");
    if (!seen.insert(name).second) {
      return usage_error(std::string(option) + " names '" + name + "' twice");
    }
  }
  return {};
}

}  // namespace weir
