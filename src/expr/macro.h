// The running of one expression on one row, and the macros that have variables.
#pragma once

#include <array>

#include "expr/code.h"

namespace weir::expr {

/// What an evaluation with macros keeps: their variables, and the last lists and maps that it
/// opened, so that a loop does not open the same text again and again.
struct Loops {
  struct Opened {
    const char* text = nullptr;
    Value value;
  };
  std::array<Opened, 4> opened;
  size_t next = 0;
};

/// What one evaluation needs beside the code.
struct Machine {
  const Frame& frame;
  Loops* loops;      ///< null in an expression without macros
  Value* variables;  ///< of the macros
  Dialect dialect;
  int64_t budget;       ///< steps that are left
  uint64_t memory_end;  ///< what the arena may have handed out at the end
  const Limits& limits;
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
      return machine.variables[code.slot];
    default:
      storage = run(code, machine);
      return storage;
  }
}

/// A list or map, opened; other values as they are. Takes its size off the budget.
Value open(const Value& value, Machine& machine);

/// Takes steps off the budget for work on something of that many bytes; false if none are left.
bool spend_on(uint64_t bytes, Machine& machine);
/// False if the evaluation has made more than it may.
inline bool has_memory(const Machine& machine) {
  return machine.frame.arena.handed_out() <= machine.memory_end;
}
/// The error of an evaluation that has no steps or no memory left.
Value exhausted(const Machine& machine);
/// `made`, or an error if it, or all that this evaluation has made, is too large.
Value within_memory(const Value& made, Machine& machine);

/// Runs a macro with variables (language definition, "Macros"; two-variable comprehensions,
/// bindings and optionals as their extensions have them). Over a map they go through its keys, or
/// keys and values; over a list through its members, or positions and members. all and exists
/// absorb errors like && and ||; the others fail with the first.
Value run_macro(const Code& code, Machine& machine);

}  // namespace weir::expr
