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

/// Which language it is. The evaluator is one; the dialects differ where a function's or operator's
/// description says so, and nowhere else.
enum class Dialect : uint8_t {
  kStandard,  ///< CEL to the letter: names are variables, each a slot Path::single(name)
  kEvents,    ///< over events: names are fields, numbers from events promote, text reads as numbers
};

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
  kSelect,       ///< children[0] `.` text; `.?` if `optional`
  kIndex,        ///< children[0] `[` children[1] `]`; `[?` if `optional`
  kCall,         ///< text(children...), or children[0].text(others...) if `has_receiver`; the name
                 ///< of a function may have a namespace in front, "math.greatest"
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

/// One node. Which members count is told by `kind`; the others keep their defaults.
struct Node {
  NodeKind kind = NodeKind::kNull;
  Operator op = Operator::kNone;
  bool has_receiver = false;
  bool boolean = false;
  bool optional = false;        ///< a member that is asked for with `?`, so that it may be missing
  bool optional_entry = false;  ///< a member of a list, or value of a map, behind a `?`
  bool root = false;            ///< a name with a dot in front: no variable of a macro
  uint16_t depth = 1;           ///< nodes on the longest way down, this one included
  Span span;                    ///< the whole of it, parentheses around it not included
  Span mark;  ///< the operator, or the name of a call or member: where errors point
  int64_t integer = 0;
  uint64_t unsigned_integer = 0;
  double real = 0;
  std::string text;
  std::vector<NodePtr> children;
};

/// The expression in one line, with all parentheses that are needed and no others: parsing it gives
/// an equal tree, and different trees have different texts.
std::string to_text(const Node& node);

/// What a macro with variables of its own binds, `xs.all(x, x > 1)`. The variables are known in the
/// children from `body` on.
struct Binding {
  size_t outside = 0;    ///< the child that the variables get their values from
  size_t variable = 0;   ///< the child that names the first variable
  size_t variables = 0;  ///< how many there are: 1, or 2 next to each other
  size_t body = 0;       ///< the first child in which they are known; all after it are bodies, too
};

/// The binding of a call that is a macro with variables: all, exists, exists_one, existsOne, map,
/// filter with one or two, transformList, transformMap, transformMapEntry with two, optMap,
/// optFlatMap and cel.bind with one (language definition, "Macros", and the extensions that
/// cel-go's documentation describes). Nothing for other nodes, and for calls of these names with
/// other numbers of arguments. Its variables may still be no names.
std::optional<Binding> binding_of(const Node& node);

/// The name of the method that is called with the plain names before it: "math.greatest" for
/// `math.greatest(1)`. Empty if it is called on something else.
std::string qualified_name(const Node& call);

/// How many names `node` is a chain of, `a.b.c`, or 0 if it is something else.
size_t plain_names(const Node& node);
/// Such a chain as it is written.
std::string dotted(const Node& node);

/// The path that the node names if it is a chain of fixed names on the event or on `meta`: `a.b`,
/// `this['a.b'].c`, `meta.line`, `this`.
std::optional<Path> path_of(const Node& node);

/// The path behind an optional member of such a chain: that of a.b for `a.?b` and `a[?'b']`.
std::optional<Path> optional_path_of(const Node& node);

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
