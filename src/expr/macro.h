// The running of one expression on one row, and the macros that loop.
#pragma once

#include <array>

#include "expr/code.h"

namespace weir::expr {

/// Members that the loops of one evaluation may look at, all together.
inline constexpr int64_t kLoopBudget = 20'000'000;

/// What an evaluation with macros keeps: their variables, and the last lists and maps that it
/// opened, so that a loop does not open the same text again and again.
struct Loops {
  struct Opened {
    const char* text = nullptr;
    Value value;
  };
  std::array<Value, kMaxLocals> variables;
  std::array<Opened, 4> opened;
  size_t next = 0;
};

/// What one evaluation needs beside the code.
struct Machine {
  const Frame& frame;
  Loops* loops;  ///< null in an expression without macros
  Dialect dialect;
  int64_t budget = kLoopBudget;
};

/// Runs a step and those below it.
Value run(const Code& code, Machine& machine);

/// The value in the column that a step reads.
inline const Value& column(const Code& code, const Machine& machine) {
  return machine.frame.columns[static_cast<size_t>(code.slot)][machine.frame.row];
}

/// Runs a step without copying its value where that stands somewhere already; `storage` holds it
/// otherwise.
inline const Value& operand(const Code& code, Machine& machine, Value& storage) {
  switch (code.step) {
    case Step::kConstant:
      return code.constant;
    case Step::kField:
      return column(code, machine);
    case Step::kLocal:
      return machine.loops->variables[static_cast<size_t>(code.slot)];
    default:
      storage = run(code, machine);
      return storage;
  }
}

/// A list or map, opened; other values as they are. Takes its size off the budget.
Value open(const Value& value, Machine& machine);
Value out_of_budget();

/// Runs all, exists, exists_one, map and filter (language definition, "Macros"). Over a map they go
/// through its keys. all and exists absorb errors like && and ||; the others fail with the first.
Value run_macro(const Code& code, Machine& machine);

}  // namespace weir::expr
