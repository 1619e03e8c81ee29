// The tree of an expression as it was written, before any name is looked up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/path.h"

namespace weir::expr {

/// A piece of the source: bytes [begin, end).
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool operator==(const Span&) const = default;
};

enum class NodeKind : uint8_t {
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,       ///< `text` is the content
  kBytes,        ///< `text` is the content
  kName,         ///< an identifier; `text` is the name
  kSelect,       ///< children[0] `.` text
  kIndex,        ///< children[0] `[` children[1] `]`
  kCall,         ///< text(children...), or children[0].text(others...) if `has_receiver`
  kList,         ///< the members
  kMap,          ///< key, value, key, value ...
  kOperator,     ///< `op`, with one, two or (&& and ||: a whole chain) more operands
  kConditional,  ///< children[0] `?` children[1] `:` children[2]
};

enum class Operator : uint8_t {
  kNone,
  kOr,
  kAnd,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kIn,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kNot,
  kNegate,
};

/// How the operator is written: "&&", "in", "-".
std::string_view spelling(Operator op);

struct Node;
using NodePtr = std::unique_ptr<Node>;

/// The deepest tree that the parser makes: whatever walks a tree may recurse.
inline constexpr int kMaxNodeDepth = 250;

/// One node. Which members count is told by `kind`; the others keep their defaults.
struct Node {
  NodeKind kind = NodeKind::kNull;
  Operator op = Operator::kNone;
  bool has_receiver = false;
  bool boolean = false;
  uint16_t depth = 1;  ///< nodes on the longest way down, this one included
  Span span;           ///< the whole of it, parentheses around it not included
  Span mark;           ///< the operator, or the name of a call or member: where errors point
  int64_t integer = 0;
  uint64_t unsigned_integer = 0;
  double real = 0;
  std::string text;
  std::vector<NodePtr> children;
};

/// The expression in one line, with all parentheses that are needed and no others: parsing it gives
/// an equal tree, and different trees have different texts.
std::string to_text(const Node& node);

/// True for a call that is a macro with a variable of its own, `xs.all(x, x > 1)`: children[0] is
/// what it runs over, children[1] names the variable, and the variable is known in the children
/// after it.
bool is_comprehension(const Node& node);

/// The path that the node names if it is a chain of fixed names on the event or on `meta`: `a.b`,
/// `this['a.b'].c`, `meta.line`, `this`.
std::optional<Path> path_of(const Node& node);

/// A field that an expression reads, and where it says so.
struct FieldUse {
  Path path;
  Span span;
};

/// The fields that `node` reads, in the order they are written (one may come twice): the longest
/// chains of fixed names. Variables of macros are no fields.
std::vector<FieldUse> fields(const Node& node);

/// A call that was taken out of an expression.
struct AggregateCall {
  std::string function;
  std::vector<NodePtr> arguments;
  Span span;
  std::string
      placeholder;  ///< the name that stands in its place; read as Path::single(placeholder)
};

/// Replaces each outermost call of a function in `names` (without a receiver) by a name that no
/// person can write, and gives the calls in the order they are written. Equal calls get equal
/// names, whatever expression they come from, so their results can share a slot. The body of a
/// macro is left alone: its variable would have no meaning outside.
std::vector<AggregateCall> take_calls(NodePtr& root, std::span<const std::string_view> names);

/// True if `node` is or contains a call (without a receiver) of a function in `names`.
bool has_calls(const Node& node, std::span<const std::string_view> names);

}  // namespace weir::expr
