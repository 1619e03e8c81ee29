// The compiled form of an expression: what compile.cpp makes and eval.cpp runs.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "event/path.h"
#include "event/value.h"
#include "expr/ast.h"
#include "expr/expr.h"
#include "expr/function.h"
#include "expr/pattern.h"

namespace weir::expr {

enum class Step : uint8_t {
  kConstant,
  kField,        ///< the column `slot`
  kFieldOrType,  ///< the column `slot`, or `constant` where the event has no such field
  kLocal,        ///< variable `slot` of a macro
  kQualified,    ///< a dotted name: of each two children, the second for the first that is there;
                 ///< else `constant`
  kHasField,     ///< is there something in column `slot`?
  kMaybeField,   ///< the column `slot` as an optional
  kSelect,       ///< children[0] . path
  kHasSelect,    ///< is there something at children[0] . path?
  kMaybeSelect,  ///< children[0] .? path
  kIndex,        ///< children[0] [ children[1] ]
  kHasIndex,
  kMaybeIndex,  ///< children[0] [? children[1] ]
  kAnd,
  kOr,
  kNot,
  kNegate,
  kConditional,
  kArithmetic,  ///< children[0] op children[1]
  kOrder,       ///< < <= > >=
  kEqual,
  kNotEqual,
  kIn,
  kList,
  kMap,
  kCall,    ///< function(children...)
  kOrElse,  ///< function(children...) for an optional's `or` and `orValue`: the second child is run
            ///< only if the first is none
  kMatches,  ///< children[0] is searched for `pattern`
  kAll,  ///< the macros: over children[0], variables from `slot` on, children[1] for each member
  kExists,
  kExistsOne,
  kFilter,
  kTransform,  ///< map: the last child makes the members; of three, children[1] picks them
  kSortBy,     ///< children[1] gives the keys
  kTransformMap,
  kTransformEntries,
  kBind,     ///< variable `slot` is children[0] in children[1]
  kOptMap,   ///< the same where children[0] is an optional with a value; the result is an optional
  kOptFlat,  ///< the same, and children[1] makes the optional
};

/// One step of a compiled expression.
struct Code {
  Step step = Step::kConstant;
  Operator op = Operator::kNone;
  /// An operand or argument comes from the event, so numbers of different types may meet (see
  /// arithmetic.h).
  bool promotes = false;
  /// kField: it is a field of the event, and not the event itself or `meta`.
  bool is_event_field = false;
  uint8_t variables = 1;  ///< of a macro
  int slot = -1;
  Value constant;
  std::vector<const Code*> children;
  /// kList, kMap: which members are optionals; empty: none.
  std::vector<bool> optional_entries;
  const Function* function = nullptr;
  std::unique_ptr<Path> path;
  std::unique_ptr<SharedPattern> pattern;
};

/// A whole compiled expression. Codes point at each other; the constants' text is in `arena`.
struct Compilation {
  std::deque<Code> codes;
  const Code* root = nullptr;
  Arena arena;
  std::vector<int> slots;
  int locals = 0;  ///< variables that are there at the same time
  Dialect dialect = Dialect::kEvents;
  Limits limits;
};

/// Macros with variables that may be around one place, and the variables that they may have.
inline constexpr int kMaxScopes = 16;
inline constexpr int kMaxLocals = 2 * kMaxScopes;

/// How two whole numbers stand to each other: below 0, 0, above 0.
inline int order(int64_t a, int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

/// Does < <= > or >= hold between values that stand so to each other?
inline bool holds(Operator op, int order) {
  switch (op) {
    case Operator::kLess:
      return order < 0;
    case Operator::kLessEqual:
      return order <= 0;
    case Operator::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

/// Compiles `node` (see Program::compile).
Result<std::unique_ptr<Compilation>> compile_node(const Node& node, std::string_view source,
                                                  PathTable& paths, Dialect dialect,
                                                  const Limits& limits, Folding folding);

/// Evaluates a step of `program`, all of it or a part that has no variables.
Value evaluate(const Compilation& program, const Code& code, const Frame& frame);

}  // namespace weir::expr
