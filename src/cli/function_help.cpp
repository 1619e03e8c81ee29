#include "cli/function_help.h"

#include <algorithm>

#include "cli/help.h"
#include "expr/function.h"
#include "stage/aggregate_functions.h"

namespace weir {

namespace {

constexpr std::string_view kOr = " or ";

/// Each way to call the function, where they do not fit in a line together.
void add_usage(std::string_view usage, std::string_view help, std::string& text) {
  constexpr size_t kFits = 78;
  size_t at = usage.size() > kFits ? usage.find(kOr) : std::string_view::npos;
  for (; at != std::string_view::npos; at = usage.find(kOr)) {
    text += "  " + std::string(usage.substr(0, at)) + "\n";
    usage.remove_prefix(at + kOr.size());
  }
  add_entry(usage, help, text);
}

std::string function_list() {
  std::string text = "Functions of expressions; 'weir help NAME' explains one.\n";
  for (const expr::Family& family : expr::families()) {
    text += "\n" + std::string(family.title) + ":\n";
    for (const expr::Function& function : family.functions) {
      add_usage(function.usage, function.help, text);
    }
  }
  text += "\nmacros, which take a part of the expression as it is written:\n";
  for (const expr::Macro& macro : expr::macros()) add_usage(macro.usage, macro.help, text);
  text +=
      "\n'weir help aggregations' lists the functions over many events. Examples of all: man "
      "weir-cel\n";
  return text;
}

std::string aggregation_list() {
  std::string text =
      "Functions over the events of a group, as in aggregate 'worst = max(secs)':\n\n";
  for (const AggregateFunction& function : aggregate_functions()) {
    add_usage(function.usage, function.help, text);
  }
  text +=
      "\nEvents in which the value is missing or null are skipped. More, and examples: man "
      "weir-aggregate\n";
  return text;
}

constexpr HelpTopic kTopics[] = {
    {"functions", function_list},
    {"aggregations", aggregation_list},
};

/// Is `name` how one asks for the function `known`: by its name, or by that without its namespace?
bool is_called(std::string_view known, std::string_view name) {
  return known == name || (known.size() > name.size() && known.ends_with(name) &&
                           known[known.size() - name.size() - 1] == '.');
}

void add_function(std::string_view name, std::string_view usage, std::string_view help,
                  std::string_view end, std::string& text) {
  if (!text.empty()) text += "\n";
  text += std::string(name) + ": " + std::string(help) + "\n\nusage: ";
  for (size_t at = usage.find(kOr); at != std::string_view::npos; at = usage.find(kOr)) {
    text += std::string(usage.substr(0, at)) + "\n       ";
    usage.remove_prefix(at + kOr.size());
  }
  text += std::string(usage) + "\n\n" + std::string(end) + "\n";
}

}  // namespace

std::span<const HelpTopic> help_topics() { return kTopics; }

const HelpTopic* find_topic(std::string_view name) {
  const auto found = std::ranges::find(kTopics, name, &HelpTopic::name);
  return found == std::end(kTopics) ? nullptr : found;
}

std::string function_text(std::string_view name) {
  std::string text;
  for (const expr::Family& family : expr::families()) {
    for (const expr::Function& function : family.functions) {
      if (!is_called(function.name, name)) continue;
      std::string end = "Examples: man weir-cel";
      if (!function.result.is_dyn()) {
        end = "Gives " + std::string(expr::with_article(function.result)) + ". " + end;
      }
      add_function(function.name, function.usage, function.help, end, text);
    }
  }
  for (const expr::Macro& macro : expr::macros()) {
    if (!is_called(macro.name, name)) continue;
    add_function(macro.name, macro.usage, macro.help, "Examples: man weir-cel", text);
  }
  for (const AggregateFunction& function : aggregate_functions()) {
    if (function.name != name) continue;
    add_function(function.name, function.usage, function.help,
                 "In aggregate only. Examples: man weir-aggregate", text);
  }
  return text;
}

std::vector<std::string_view> topics_and_functions() {
  std::vector<std::string_view> names;
  for (const HelpTopic& topic : kTopics) names.push_back(topic.name);
  const auto& functions = expr::function_names();
  names.insert(names.end(), functions.begin(), functions.end());
  const auto aggregations = aggregate_function_names();
  names.insert(names.end(), aggregations.begin(), aggregations.end());
  return names;
}

}  // namespace weir
