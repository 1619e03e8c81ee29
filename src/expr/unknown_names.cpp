#include "expr/unknown_names.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "base/foreign_words.h"
#include "base/nearest.h"
#include "event/fill.h"
#include "expr/function.h"

namespace weir::expr {

namespace {

constexpr std::array<std::string_view, 7> kAggregateNames = {"count", "sum",   "mean", "min",
                                                             "max",   "first", "last"};

/// How to call a method of the field that a namespace hides, if there is one of that name.
std::string field_remedy(const Node& node, bool over_events) {
  const size_t dot = node.text.rfind('.');
  if (dot == std::string::npos || !over_events) return {};
  const std::string name = node.text.substr(dot + 1);
  if (find_function(name, true, node.children.size() + 1) == nullptr) return {};
  return " (of a field: this." + node.text + "(...))";
}

/// The names of functions with a namespace in front.
std::vector<std::string_view> namespaced_names() {
  std::vector<std::string_view> found;
  std::ranges::copy_if(function_names(), std::back_inserter(found),
                       [](std::string_view name) { return name.contains('.'); });
  return found;
}

std::string macro_usage(std::string_view name) {
  return std::string(std::ranges::find(macros(), name, &Macro::name)->usage);
}

}  // namespace

std::string about_unknown_function(const Node& node, bool over_events) {
  const bool aggregate = std::ranges::find(kAggregateNames, node.text) != kAggregateNames.end();
  const std::string usage = usage_of(node.text);
  if (aggregate && (!node.has_receiver || usage.empty())) {
    return node.text +
           " is a function over many events: it stands in aggregate "
           "only, and not inside another function or macro";
  }
  if (!usage.empty()) return "expected " + usage + field_remedy(node, over_events);
  const auto& names = function_names();
  if (!node.has_receiver && (node.text == "not" || node.text == "NOT")) {
    return "not is written !";
  }
  if (std::ranges::find(names, node.text) != names.end()) {
    const bool asks = node.text == "exists" && !node.has_receiver && node.children.size() == 1;
    return "expected " + (asks ? "has(a.field), or " : std::string()) + macro_usage(node.text);
  }
  // `mth.greatest(x)` is a misspelt math.greatest rather than a method of the field mth.
  std::string name = qualified_name(node);
  std::string_view meant = name.empty() ? "" : nearest(name, namespaced_names());
  if (meant.empty()) name = node.text;
  std::string message = "there is no function '" + name + "'";
  const std::string_view foreign = meant.empty() ? function_for(name) : "";
  if (meant.empty() && foreign.empty()) meant = nearest(name, names);
  if (!foreign.empty()) message += ": did you mean " + std::string(foreign) + "?";
  if (!meant.empty()) {
    const std::string known = usage_of(meant);
    message += ": did you mean " + (known.empty() ? macro_usage(meant) : known) + "?";
  } else if (foreign.empty()) {
    const std::string_view over_many = nearest(node.text, kAggregateNames);
    if (!over_many.empty()) {
      message += ": did you mean " + std::string(over_many) + "?";
    } else if (over_events) {
      message += "; weir-cel(7) has them all";
    }
  }
  return message;
}

std::string about_unknown_meta(const Path& path) {
  constexpr std::string_view kRemedy = " (a field called meta is written this.meta)";
  std::string way = "meta";
  std::span<const std::string_view> known = meta_names();
  for (const Path::Name& name : path.names) {
    if (known.empty()) return way + " has no members" + std::string(kRemedy);
    if (std::ranges::find(known, name.text) == known.end()) {
      std::string message = way + " has no '" + name.text + "'";
      const std::string_view meant = nearest(name.text, known);
      if (!meant.empty()) {
        message += ": did you mean " + way + "." + std::string(meant) + "?";
      } else {
        message += ", but";
        for (const std::string_view word : known) message += " " + std::string(word);
      }
      return message + std::string(kRemedy);
    }
    way += "." + name.text;
    known =
        &name == path.names.data() ? meta_names(name.text) : std::span<const std::string_view>();
  }
  return {};
}

const char* about_no_condition(const Node& logic, const Node& operand) {
  if (logic.op != Operator::kOr || operand.kind == NodeKind::kOperator) return "";
  return logic.children[0]->op == Operator::kEqual
             ? "; one of several values is a in [b, c]"
             : "; a value for a missing field is has(a) ? a : other";
}

}  // namespace weir::expr
