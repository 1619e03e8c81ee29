#include "expr/comparisons.h"

#include <optional>
#include <string>
#include <utility>

#include "event/json_value.h"
#include "expr/literal.h"

namespace weir::expr {

namespace {

/// The number or boolean that a constant is, or that its text reads as. It owns nothing.
std::optional<Value> plain_value(const Node& node) {
  switch (node.kind) {
    case NodeKind::kBool:
      return Value::of(node.boolean);
    case NodeKind::kInt:
      return Value::of_int(node.integer);
    case NodeKind::kUint:
      return Value::of_uint(node.unsigned_integer);
    case NodeKind::kDouble:
      return Value::of_double(node.real);
    case NodeKind::kString: {
      if (node.text == "true" || node.text == "false") return Value::of(node.text == "true");
      Value number = read_number(node.text);
      if (number.is_error()) return std::nullopt;
      number.data = nullptr;  // its spelling is the tree's
      number.size = 0;
      return number;
    }
    default:
      return std::nullopt;
  }
}

/// The value as it stands in events: an unsigned one has no u behind it there.
std::string plain_text(const Value& value) {
  if (value.kind == Kind::kUint) return std::to_string(value.unsigned_integer);
  std::string text;
  append_literal(value, text);
  return text;
}

/// The constant with, or without, quotes around it, the other way round than it is written.
std::string as_other_type(const Node& constant) {
  const std::optional<Value> value = plain_value(constant);
  if (!value) return to_text(constant);
  const std::string plain = plain_text(*value);
  return constant.kind == NodeKind::kString ? plain : '"' + plain + '"';
}

/// Adds a comparison of `field`; `remedy` is how to write what it is compared with.
void add(const Node& field, const Node& constant, Operator op, const std::string& remedy,
         std::vector<Comparison>& found) {
  std::optional<Path> path = path_of(field);
  const std::optional<Value> value = plain_value(constant);
  if (!path || path->root != Path::Root::kEvent || path->is_whole() || !value) return;
  const bool as_text = constant.kind == NodeKind::kString;
  const bool is_number = value->is_number();
  std::string plain = plain_text(*value);
  const std::string type = !as_text ? "a text" : is_number ? "a number" : "true or false";
  const std::string with =
      as_text ? "the text \"" + constant.text + '"' : (is_number ? "the number " : "") + plain;
  const std::string name = to_text(field);
  std::string mismatch = name + " is " + type + " in the events, and " + with +
                         " never equals it: write " + name + " " + std::string(spelling(op)) + " " +
                         remedy;
  found.push_back({std::move(*path), {*value, std::move(plain), as_text, std::move(mismatch)}});
}

void add_all(const Node& node, std::vector<Comparison>& found) {
  if (node.kind != NodeKind::kOperator) return;
  switch (node.op) {
    case Operator::kAnd:
    case Operator::kOr:
    case Operator::kNot:
      for (const NodePtr& child : node.children) add_all(*child, found);
      return;
    case Operator::kEqual:
    case Operator::kNotEqual:
      for (const bool swapped : {false, true}) {
        const Node& constant = *node.children[swapped ? 0 : 1];
        add(*node.children[swapped ? 1 : 0], constant, node.op, as_other_type(constant), found);
      }
      return;
    case Operator::kIn: {
      const Node& list = *node.children[1];
      if (list.kind != NodeKind::kList) return;
      std::string remedy;
      for (const NodePtr& member : list.children) {
        remedy += (remedy.empty() ? "[" : ", ") + as_other_type(*member);
      }
      for (const NodePtr& member : list.children) {
        add(*node.children[0], *member, node.op, remedy + "]", found);
      }
      return;
    }
    default:
      return;
  }
}

}  // namespace

std::vector<Comparison> comparisons(const Node& node) {
  std::vector<Comparison> found;
  add_all(node, found);
  return found;
}

}  // namespace weir::expr
