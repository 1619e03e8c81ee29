// What help tells of the functions of expressions. All of it comes from their own tables.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// A list of help that is no word of the command line: `weir help functions`.
struct HelpTopic {
  std::string_view name;
  std::string (*text)();
};
std::span<const HelpTopic> help_topics();
/// The topic of that name, or null.
const HelpTopic* find_topic(std::string_view name);

/// The help of all functions, macros and aggregate functions of that name, with its namespace or
/// without; empty if there is none.
std::string function_text(std::string_view name);

/// The names of all topics and functions.
std::vector<std::string_view> topics_and_functions();

}  // namespace weir
