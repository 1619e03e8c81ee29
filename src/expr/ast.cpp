#include "expr/ast.h"

#include <algorithm>
#include <array>

namespace weir::expr {

namespace {

/// A macro that runs over its receiver: how many variables and how many arguments behind them.
struct Comprehension {
  std::string_view name;
  size_t variables;
  size_t least;
  size_t most;
};

// With as many arguments, `xs.map(x, c, e)` goes before the others.
constexpr std::array<Comprehension, 16> kComprehensions = {{
    {"map", 1, 1, 2},
    {"all", 1, 1, 1},
    {"exists", 1, 1, 1},
    {"exists_one", 1, 1, 1},
    {"existsOne", 1, 1, 1},
    {"filter", 1, 1, 1},
    {"sortBy", 1, 1, 1},
    {"optMap", 1, 1, 1},
    {"optFlatMap", 1, 1, 1},
    {"all", 2, 1, 1},
    {"exists", 2, 1, 1},
    {"exists_one", 2, 1, 1},
    {"existsOne", 2, 1, 1},
    {"transformList", 2, 1, 2},
    {"transformMap", 2, 1, 2},
    {"transformMapEntry", 2, 1, 2},
}};

/// Calls `f(node)` for every node that stands where the event's fields are visible under their
/// names; `bound` are the variables of macros around it. `f` answers false to leave the children
/// out.
template <typename F>
void walk(const Node& node, std::vector<std::string_view>& bound, F&& f) {
  if (!f(node, bound)) return;
  const std::optional<Binding> binding = binding_of(node);
  if (!binding) {
    for (const NodePtr& child : node.children) walk(*child, bound, f);
    return;
  }
  walk(*node.children[binding->outside], bound, f);
  for (size_t i = 0; i < binding->variables; ++i) {
    bound.push_back(node.children[binding->variable + i]->text);
  }
  for (size_t i = binding->body; i < node.children.size(); ++i) walk(*node.children[i], bound, f);
  bound.resize(bound.size() - binding->variables);
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
    if (const std::optional<Binding> binding = binding_of(*node)) {
      return take(node->children[binding->outside], names, calls);
    }
    for (NodePtr& child : node->children) take(child, names, calls);
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
  name->optional_entry = node->optional_entry;
  name->text = call.placeholder;
  node = std::move(name);
  calls.push_back(std::move(call));
}

/// The path of a member by its fixed name, however it is asked for.
std::optional<Path> member_path(const Node& node) {
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

std::optional<Binding> binding_of(const Node& node) {
  if (node.kind != NodeKind::kCall) return std::nullopt;
  const size_t count = node.children.size();
  if (!node.has_receiver) {
    const bool bind = node.text == "cel.bind" && count == 3;
    return bind ? std::optional(Binding{1, 0, 1, 2}) : std::nullopt;
  }
  for (const Comprehension& macro : kComprehensions) {
    const size_t before = 1 + macro.variables;
    if (node.text == macro.name && count >= before + macro.least && count <= before + macro.most) {
      return Binding{0, 1, macro.variables, before};
    }
  }
  return std::nullopt;
}

std::string qualified_name(const Node& call) {
  if (call.kind != NodeKind::kCall || !call.has_receiver) return {};
  std::string name = call.text;
  const Node* at = call.children[0].get();
  for (; at->kind == NodeKind::kSelect && !at->optional; at = at->children[0].get())
    name = at->text + "." + name;
  return at->kind == NodeKind::kName ? at->text + "." + name : std::string();
}

size_t plain_names(const Node& node) {
  size_t names = 1;
  const Node* at = &node;
  for (; at->kind == NodeKind::kSelect; at = at->children[0].get(), ++names) {
    if (at->optional) return 0;
  }
  return at->kind == NodeKind::kName ? names : 0;
}

std::string dotted(const Node& node) {
  if (node.kind == NodeKind::kName) return node.text;
  return dotted(*node.children[0]) + "." + node.text;
}

std::optional<Path> path_of(const Node& node) {
  if (node.kind == NodeKind::kName) {
    if (node.text == "this") return Path{};
    if (node.text == "meta") return Path{Path::Root::kMeta, {}};
    return Path::single(node.text);
  }
  return node.optional ? std::nullopt : member_path(node);
}

std::optional<Path> optional_path_of(const Node& node) {
  return node.optional ? member_path(node) : std::nullopt;
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
    std::optional<Path> path = at.optional ? optional_path_of(at) : path_of(at);
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
