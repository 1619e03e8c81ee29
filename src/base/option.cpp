#include "base/option.h"

#include <algorithm>

namespace weir {
namespace {

/// A word as one would write it in a shell.
std::string quoted(const std::string& word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=,@%+").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string as_written(std::string_view name, const Arguments& arguments) {
  std::string text(name);
  for (const auto& [option, values] : arguments.values) {
    if (values.empty()) text += " " + option;
    for (const std::string& value : values) text += " " + option + " " + quoted(value);
  }
  for (const std::string& word : arguments.positionals) text += " " + quoted(word);
  return text;
}

}  // namespace weir
