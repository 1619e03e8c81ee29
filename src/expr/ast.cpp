#include "expr/ast.h"

#include <algorithm>
#include <array>

namespace weir::expr {

namespace {

constexpr std::array<std::string_view, 6> kComprehensions = {"all",       "exists", "exists_one",
                                                             "existsOne", "map",    "filter"};

/// Calls `f(node)` for every node that stands where the event's fields are visible under their
/// names; `bound` are the variables of macros around it. `f` answers false to leave the children
/// out.
template <typename F>
void walk(const Node& node, std::vector<std::string_view>& bound, F&& f) {
  if (!f(node, bound)) return;
  if (!is_comprehension(node)) {
    for (const NodePtr& child : node.children) walk(*child, bound, f);
    return;
  }
  walk(*node.children[0], bound, f);
  bound.push_back(node.children[1]->text);
  for (size_t i = 2; i < node.children.size(); ++i) walk(*node.children[i], bound, f);
  bound.pop_back();
}

/// The identifier at the root of a chain of members and indices.
const Node& root_of(const Node& node) {
  const Node* at = &node;
  while (at->kind == NodeKind::kSelect || at->kind == NodeKind::kIndex) at = at->children[0].get();
  return *at;
}

bool is_call_of(const Node& node, std::span<const std::string_view> names) {
  return node.kind == NodeKind::kCall && !node.has_receiver &&
         std::ranges::find(names, node.text) != names.end();
}

void take(NodePtr& node, std::span<const std::string_view> names,
          std::vector<AggregateCall>& calls) {
  if (!is_call_of(*node, names)) {
    const size_t visible = is_comprehension(*node) ? 1 : node->children.size();
    for (size_t i = 0; i < visible; ++i) take(node->children[i], names, calls);
    return;
  }
  AggregateCall call;
  call.function = node->text;
  call.span = node->span;
  call.placeholder = "@" + to_text(*node);
  call.arguments = std::move(node->children);
  auto name = std::make_unique<Node>();
  name->kind = NodeKind::kName;
  name->span = node->span;
  name->mark = node->mark;
  name->text = call.placeholder;
  node = std::move(name);
  calls.push_back(std::move(call));
}

}  // namespace

std::string_view spelling(Operator op) {
  switch (op) {
    case Operator::kNone:
      return "";
    case Operator::kOr:
      return "||";
    case Operator::kAnd:
      return "&&";
    case Operator::kLess:
      return "<";
    case Operator::kLessEqual:
      return "<=";
    case Operator::kGreater:
      return ">";
    case Operator::kGreaterEqual:
      return ">=";
    case Operator::kEqual:
      return "==";
    case Operator::kNotEqual:
      return "!=";
    case Operator::kIn:
      return "in";
    case Operator::kAdd:
      return "+";
    case Operator::kSubtract:
    case Operator::kNegate:
      return "-";
    case Operator::kMultiply:
      return "*";
    case Operator::kDivide:
      return "/";
    case Operator::kRemainder:
      return "%";
    case Operator::kNot:
      return "!";
  }
  return "";
}

bool is_comprehension(const Node& node) {
  if (node.kind != NodeKind::kCall || !node.has_receiver) return false;
  if (std::ranges::find(kComprehensions, node.text) == kComprehensions.end()) return false;
  const size_t count = node.children.size();
  return (count == 3 || (count == 4 && node.text == "map")) &&
         node.children[1]->kind == NodeKind::kName;
}

std::optional<Path> path_of(const Node& node) {
  if (node.kind == NodeKind::kName) {
    if (node.text == "this") return Path{};
    if (node.text == "meta") return Path{Path::Root::kMeta, {}};
    return Path::single(node.text);
  }
  const bool index = node.kind == NodeKind::kIndex && node.children[1]->kind == NodeKind::kString;
  if (node.kind != NodeKind::kSelect && !index) return std::nullopt;
  std::optional<Path> path = path_of(*node.children[0]);
  if (!path) return std::nullopt;
  // A flat key "a.b" is written a.b: only names with a dot between them, and nothing else, can be
  // one.
  const bool behind_dot =
      node.children[0]->kind == NodeKind::kSelect || node.children[0]->kind == NodeKind::kName;
  const bool joins =
      !index && behind_dot && !path->names.empty() && path->root == Path::Root::kEvent;
  path->names.push_back({index ? node.children[1]->text : node.text, joins});
  return path;
}

std::vector<FieldUse> fields(const Node& node) {
  std::vector<FieldUse> found;
  std::vector<std::string_view> bound;
  walk(node, bound, [&](const Node& at, const std::vector<std::string_view>& variables) {
    const bool chain =
        at.kind == NodeKind::kName || at.kind == NodeKind::kSelect || at.kind == NodeKind::kIndex;
    if (!chain) return true;
    const Node& root = root_of(at);
    if (root.kind == NodeKind::kName &&
        std::ranges::find(variables, root.text) != variables.end()) {
      return at.kind == NodeKind::kIndex;
    }
    std::optional<Path> path = path_of(at);
    if (!path) return true;
    found.push_back({std::move(*path), at.span});
    return false;
  });
  return found;
}

std::vector<AggregateCall> take_calls(NodePtr& root, std::span<const std::string_view> names) {
  std::vector<AggregateCall> calls;
  take(root, names, calls);
  return calls;
}

bool has_calls(const Node& node, std::span<const std::string_view> names) {
  return is_call_of(node, names) || std::ranges::any_of(node.children, [&](const NodePtr& child) {
           return has_calls(*child, names);
         });
}

}  // namespace weir::expr
