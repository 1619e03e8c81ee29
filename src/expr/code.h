// The compiled form of an expression: what compile.cpp makes and eval.cpp runs.
#pragma once

#include <re2/re2.h>

#include <deque>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "event/path.h"
#include "event/value.h"
#include "expr/ast.h"
#include "expr/expr.h"
#include "expr/function.h"

namespace weir::expr {

enum class Step : uint8_t {
  kConstant,
  kField,        ///< the column `slot`
  kFieldOrType,  ///< the column `slot`, or `constant` where the event has no such field
  kLocal,        ///< variable `slot` of a macro
  kHasField,     ///< is there something in column `slot`?
  kSelect,       ///< children[0] . path
  kHasSelect,    ///< is there something at children[0] . path?
  kIndex,        ///< children[0] [ children[1] ]
  kHasIndex,
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
  kCall,     ///< function(children...)
  kMatches,  ///< children[0] is searched for `pattern`
  kAll,      ///< the macros: over children[0], variable `slot`, children[1] for each member
  kExists,
  kExistsOne,
  kFilter,
  kTransform,  ///< map: the last child makes the members; of three, children[1] picks them
};

/// One step of a compiled expression.
struct Code {
  Step step = Step::kConstant;
  Operator op = Operator::kNone;
  /// An operand comes from the event, so numbers of different types may meet (see arithmetic.h).
  bool promotes = false;
  /// kField: it is a field of the event, and not the event itself or `meta`.
  bool is_event_field = false;
  int slot = -1;
  Value constant;
  std::vector<const Code*> children;
  const Function* function = nullptr;
  std::unique_ptr<Path> path;
  std::unique_ptr<re2::RE2> pattern;
};

/// A whole compiled expression. Codes point at each other; the constants' text is in `arena`.
struct Compilation {
  std::deque<Code> codes;
  const Code* root = nullptr;
  Arena arena;
  std::vector<int> slots;
  int locals = 0;  ///< variables that are there at the same time
  Dialect dialect = Dialect::kEvents;
};

/// Variables of macros that may be visible at one place.
inline constexpr int kMaxLocals = 16;

/// Compiles `node` (see Program::compile).
Result<std::unique_ptr<Compilation>> compile_node(const Node& node, std::string_view source,
                                                  PathTable& paths, Dialect dialect);

/// Evaluates `code`, which needs `locals` variables.
Value evaluate(const Code& code, const Frame& frame, int locals, Dialect dialect);

}  // namespace weir::expr
