#include "expr/macro.h"

#include <algorithm>
#include <string>
#include <vector>

#include "expr/function.h"

namespace weir::expr {

namespace {

std::string_view macro_name(Step step) {
  switch (step) {
    case Step::kAll:
      return "all";
    case Step::kExists:
      return "exists";
    case Step::kExistsOne:
      return "exists_one";
    case Step::kFilter:
      return "filter";
    default:
      return "map";
  }
}

/// What a macro runs over.
struct Range {
  const Value* items = nullptr;
  uint32_t size = 0;
};

Value no_truth(const Code& code, const Value& value, Machine& machine) {
  return make_error(machine.frame.arena,
                    {"the condition of ", macro_name(code.step),
                     " needs true or false, and this is ", with_article(value)});
}

/// all and exists: the body that is `decisive` for one member decides, whatever the others are.
Value run_quantifier(const Code& code, Range range, Machine& machine, bool decisive) {
  Value storage;
  Value doubt = Value::of(!decisive);
  for (uint32_t i = 0; i < range.size; ++i) {
    if (--machine.budget < 0) return out_of_budget();
    machine.loops->variables[static_cast<size_t>(code.slot)] = range.items[i];
    const Value& value = operand(*code.children[1], machine, storage);
    if (value.kind == Kind::kBool) {
      if (value.boolean == decisive) return Value::of(decisive);
    } else if (doubt.kind != Kind::kError) {
      const Value problem = value.is_error() ? value : no_truth(code, value, machine);
      if (doubt.kind == Kind::kBool || problem.kind == Kind::kError) doubt = problem;
    }
  }
  return doubt;
}

Value run_exists_one(const Code& code, Range range, Machine& machine) {
  Value storage;
  uint32_t found = 0;
  for (uint32_t i = 0; i < range.size; ++i) {
    if (--machine.budget < 0) return out_of_budget();
    machine.loops->variables[static_cast<size_t>(code.slot)] = range.items[i];
    const Value& value = operand(*code.children[1], machine, storage);
    if (value.is_error()) return value;
    if (value.kind != Kind::kBool) return no_truth(code, value, machine);
    found += value.boolean ? 1 : 0;
  }
  return Value::of(found == 1);
}

/// filter and map: members for which the condition, if there is one, is true; changed, if there is
/// something to make of them.
Value run_gather(const Code& code, Range range, Machine& machine, const Code* condition,
                 const Code* change) {
  Value storage;
  std::vector<Value> gathered;
  for (uint32_t i = 0; i < range.size; ++i) {
    if (--machine.budget < 0) return out_of_budget();
    machine.loops->variables[static_cast<size_t>(code.slot)] = range.items[i];
    if (condition != nullptr) {
      const Value& value = operand(*condition, machine, storage);
      if (value.is_error()) return value;
      if (value.kind != Kind::kBool) return no_truth(code, value, machine);
      if (!value.boolean) continue;
    }
    gathered.push_back(change == nullptr ? range.items[i] : run(*change, machine));
    if (gathered.back().is_error()) return gathered.back();
  }
  Value* const items = machine.frame.arena.make_array<Value>(gathered.size());
  std::ranges::copy(gathered, items);
  auto* const list = machine.frame.arena.make_array<ListValue>(1);
  *list = {items, static_cast<uint32_t>(gathered.size())};
  return Value::of_list(list);
}

}  // namespace

Value run_macro(const Code& code, Machine& machine) {
  const Value over = run(*code.children[0], machine);
  if (over.is_error()) return over;
  const Value opened = open(over, machine);
  Range range;
  if (opened.kind == Kind::kList) {
    range = {opened.list->items, opened.list->size};
  } else if (opened.kind == Kind::kMap) {
    range = {opened.map->keys, opened.map->size};
  } else if (opened.is_error()) {
    return opened;
  } else {
    return make_error(
        machine.frame.arena,
        {macro_name(code.step), " needs a list or a map, and this is ", with_article(over)});
  }
  switch (code.step) {
    case Step::kAll:
      return run_quantifier(code, range, machine, false);
    case Step::kExists:
      return run_quantifier(code, range, machine, true);
    case Step::kExistsOne:
      return run_exists_one(code, range, machine);
    case Step::kFilter:
      return run_gather(code, range, machine, code.children[1], nullptr);
    default: {
      const bool picks = code.children.size() > 2;
      return run_gather(code, range, machine, picks ? code.children[1] : nullptr,
                        code.children.back());
    }
  }
}

}  // namespace weir::expr
