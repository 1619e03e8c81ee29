// Runs compiled expressions.
#include <array>
#include <string>
#include <unordered_set>

#include "event/json_value.h"
#include "event/key.h"
#include "event/record.h"
#include "expr/arithmetic.h"
#include "expr/code.h"
#include "expr/compare.h"
#include "expr/macro.h"
#include "expr/pattern.h"

namespace weir::expr {

namespace {

/// Arguments that are gathered on the stack; a call with more takes them from the arena.
constexpr size_t kFewArguments = 4;

/// What an operation answers when an operand is an error or missing: errors before missing fields,
/// and the first of two errors.
Value failure(const Value& a, const Value& b) {
  if (a.kind == Kind::kError) return a;
  if (b.kind == Kind::kError) return b;
  return Value::missing();
}

Value no_truth(std::string_view where, const Value& value, Arena& arena) {
  return make_error(arena, {where, " needs true or false, and this is ", with_article(value)});
}

/// && and ||: `decisive` is the operand that decides whatever the others are, errors included.
Value run_logic(const Code& code, Machine& machine, bool decisive) {
  Value storage;
  Value doubt = Value::of(!decisive);
  for (const Code* const child : code.children) {
    const Value& value = operand(*child, machine, storage);
    if (value.kind == Kind::kBool) {
      if (value.boolean == decisive) return Value::of(decisive);
      continue;
    }
    const Value problem =
        value.is_error() ? value : no_truth(spelling(code.op), value, machine.frame.arena);
    doubt = doubt.is_error() ? failure(doubt, problem) : problem;
  }
  return doubt;
}

bool holds(Operator op, int order) {
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

Value run_order(const Code& code, Machine& machine) {
  Value left_storage;
  Value right_storage;
  const Value& a = operand(*code.children[0], machine, left_storage);
  const Value& b = operand(*code.children[1], machine, right_storage);
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) {
    return Value::of(holds(code.op, a.integer < b.integer ? -1 : a.integer > b.integer ? 1 : 0));
  }
  if (a.is_error() || b.is_error()) return failure(a, b);
  if (const std::optional<int> order = compare(a, b)) return Value::of(holds(code.op, *order));
  Arena& arena = machine.frame.arena;
  const Value left = b.is_number() ? number_of_text(a, arena) : a;
  const Value right = a.is_number() ? number_of_text(b, arena) : b;
  if (left.is_error()) return left;
  if (right.is_error()) return right;
  // Two numbers without an order: one is a NaN.
  if (left.is_number() && right.is_number()) return Value::of(false);
  return make_error(arena, {"cannot compare ", with_article(a), " with ", with_article(b), " by ",
                            spelling(code.op)});
}

Value run_equal(const Code& code, Machine& machine) {
  Value left_storage;
  Value right_storage;
  const Value& a = operand(*code.children[0], machine, left_storage);
  const Value& b = operand(*code.children[1], machine, right_storage);
  const bool wanted = code.step == Step::kEqual;
  if (a.kind == Kind::kString && b.kind == Kind::kString) {
    return Value::of((a.text() == b.text()) == wanted);
  }
  if (a.is_error() || b.is_error()) return failure(a, b);
  return Value::of(equal(a, b, machine.frame.arena) == wanted);
}

Value run_in(const Code& code, Machine& machine) {
  Value left_storage;
  Value right_storage;
  const Value& item = operand(*code.children[0], machine, left_storage);
  const Value& container = operand(*code.children[1], machine, right_storage);
  if (item.is_error() || container.is_error()) return failure(item, container);
  const Value opened = open(container, machine);
  if (opened.is_error()) return opened;
  if (opened.kind == Kind::kList) {
    return Value::of(contains(*opened.list, item, machine.frame.arena));
  }
  if (opened.kind == Kind::kMap) return Value::of(find_key(*opened.map, item) != nullptr);
  return make_error(machine.frame.arena,
                    {"in needs a list or a map behind it, and this is ", with_article(container)});
}

/// The member of a list, or missing behind its end.
Value list_member(const ListValue& list, const Value& position, Arena& arena) {
  const Value number = number_of_text(position, arena);
  if (number.is_error()) return number;
  if (!number.is_number()) {
    return make_error(arena,
                      {"a position in a list is an int, and this is ", with_article(number)});
  }
  const std::optional<int> sign = compare(number, Value::of_int(0));
  if (!sign || *sign < 0) return Value::error("a position in a list counts from 0");
  const std::optional<int> end = compare(number, Value::of_int(list.size));
  if (*end >= 0) return Value::missing();
  const auto at = number.kind == Kind::kDouble ? static_cast<uint64_t>(number.real) : number.bits;
  if (number.kind == Kind::kDouble && static_cast<double>(at) != number.real) {
    return Value::error("a position in a list is a whole number");
  }
  return list.items[at];
}

Value run_index(const Code& code, Machine& machine) {
  Value left_storage;
  Value right_storage;
  const Value& container = operand(*code.children[0], machine, left_storage);
  const Value& key = operand(*code.children[1], machine, right_storage);
  if (container.is_error() || key.is_error()) return failure(container, key);
  const Value opened = open(container, machine);
  if (opened.is_error()) return opened;
  if (opened.kind == Kind::kList) return list_member(*opened.list, key, machine.frame.arena);
  if (opened.kind == Kind::kMap) {
    const Value* const found = find_key(*opened.map, key);
    return found == nullptr ? Value::missing() : *found;
  }
  return make_error(machine.frame.arena, {"cannot look inside ", with_article(container)});
}

Value run_select(const Code& code, Machine& machine) {
  Value storage;
  const Value& container = operand(*code.children[0], machine, storage);
  if (container.is_error()) return container;
  if (machine.dialect == Dialect::kEvents) {
    if (container.kind == Kind::kMap && open(container, machine).is_error()) {
      return open(container, machine);
    }
    return read_inside(container, *code.path, 0, machine.frame.arena);
  }
  if (container.kind != Kind::kMap) {
    return make_error(machine.frame.arena, {with_article(container), " has no members"});
  }
  const Value opened = open(container, machine);
  if (opened.is_error()) return opened;
  const Value* const found = find_key(*opened.map, Value::of_string(code.path->names[0].text));
  return found == nullptr ? Value::missing() : *found;
}

/// has(): a missing member is an answer. A missing event field on the way is one too, over events.
Value run_has(const Code& code, Machine& machine) {
  const Value found =
      code.step == Step::kHasIndex ? run_index(code, machine) : run_select(code, machine);
  if (found.kind == Kind::kError) return found;
  return Value::of(!found.is_missing());
}

Value run_list(const Code& code, Machine& machine) {
  Value* const items = machine.frame.arena.make_array<Value>(code.children.size());
  Value problem;
  bool failed = false;
  for (size_t i = 0; i < code.children.size(); ++i) {
    items[i] = run(*code.children[i], machine);
    if (!items[i].is_error()) continue;
    problem = failed ? failure(problem, items[i]) : items[i];
    failed = true;
  }
  if (failed) return problem;
  auto* const list = machine.frame.arena.make_array<ListValue>(1);
  *list = {items, static_cast<uint32_t>(code.children.size())};
  return Value::of_list(list);
}

bool may_be_key(const Value& value) {
  return value.kind == Kind::kBool || value.kind == Kind::kInt || value.kind == Kind::kUint ||
         value.kind == Kind::kString;
}

Value run_map(const Code& code, Machine& machine) {
  Arena& arena = machine.frame.arena;
  const size_t size = code.children.size() / 2;
  Value* const keys = arena.make_array<Value>(size);
  Value* const values = arena.make_array<Value>(size);
  std::unordered_set<std::string> seen;
  Value problem;
  bool failed = false;
  const auto fail = [&](const Value& error) {
    problem = failed ? failure(problem, error) : error;
    failed = true;
  };
  for (size_t i = 0; i < size; ++i) {
    keys[i] = run(*code.children[2 * i], machine);
    values[i] = run(*code.children[2 * i + 1], machine);
    if (values[i].is_error()) fail(values[i]);
    if (keys[i].is_error()) {
      fail(keys[i]);
    } else if (!may_be_key(keys[i])) {
      fail(make_error(arena, {"a key of a map is a bool, int, uint or string, and this is ",
                              with_article(keys[i])}));
    } else {
      std::string bytes;
      append_key(keys[i], bytes);
      if (!seen.insert(std::move(bytes)).second)
        fail(Value::error("two keys of the map are equal"));
    }
  }
  if (failed) return problem;
  auto* const map = arena.make_array<MapValue>(1);
  *map = {keys, values, static_cast<uint32_t>(size)};
  return Value::of_map(map);
}

Value run_call(const Code& code, Machine& machine) {
  std::array<Value, kFewArguments> few;
  const size_t count = code.children.size();
  Value* const arguments =
      count <= kFewArguments ? few.data() : machine.frame.arena.make_array<Value>(count);
  Value problem;
  bool failed = false;
  for (size_t i = 0; i < count; ++i) {
    arguments[i] = run(*code.children[i], machine);
    if (!arguments[i].is_error()) continue;
    problem = failed ? failure(problem, arguments[i]) : arguments[i];
    failed = true;
  }
  if (failed) return problem;
  return code.function->run({{arguments, count}, machine.frame.arena, code.function->name});
}

Value run_matches(const Code& code, Machine& machine) {
  Value storage;
  const Value& text = operand(*code.children[0], machine, storage);
  if (text.is_error()) return text;
  if (text.kind != Kind::kString) {
    return make_error(machine.frame.arena,
                      {"matches needs strings, and this is ", with_article(text)});
  }
  return Value::of(search(*code.pattern, text.text()));
}

Value run_not(const Code& code, Machine& machine) {
  Value storage;
  const Value& value = operand(*code.children[0], machine, storage);
  if (value.kind == Kind::kBool) return Value::of(!value.boolean);
  return value.is_error() ? value : no_truth("!", value, machine.frame.arena);
}

Value run_negate(const Code& code, Machine& machine) {
  Value storage;
  const Value& value = operand(*code.children[0], machine, storage);
  return value.is_error() ? value : negate(value, code.promotes, machine.frame.arena);
}

Value run_conditional(const Code& code, Machine& machine) {
  Value storage;
  const Value& condition = operand(*code.children[0], machine, storage);
  if (condition.kind != Kind::kBool) {
    return condition.is_error()
               ? condition
               : no_truth("the condition in front of ?", condition, machine.frame.arena);
  }
  return run(*code.children[condition.boolean ? 1 : 2], machine);
}

Value open_once(const Value& value, Machine& machine) {
  if (!value.is_raw() || machine.loops == nullptr) {
    return decode_container(value, machine.frame.arena);
  }
  Loops& loops = *machine.loops;
  for (const Loops::Opened& known : loops.opened) {
    if (known.text == value.data) return known.value;
  }
  Loops::Opened& place = loops.opened[loops.next++ % loops.opened.size()];
  place = {value.data, decode_container(value, machine.frame.arena)};
  return place.value;
}

Value run_arithmetic(const Code& code, Machine& machine) {
  Value left_storage;
  Value right_storage;
  const Value& a = operand(*code.children[0], machine, left_storage);
  const Value& b = operand(*code.children[1], machine, right_storage);
  if (a.is_error() || b.is_error()) return failure(a, b);
  return arithmetic(code.op, a, b, code.promotes, machine.frame.arena);
}

}  // namespace

Value open(const Value& value, Machine& machine) {
  const Value opened = open_once(value, machine);
  if (opened.kind == Kind::kList) machine.budget -= opened.list->size;
  if (opened.kind == Kind::kMap) machine.budget -= opened.map->size;
  return machine.budget >= 0 ? opened : out_of_budget();
}

Value out_of_budget() {
  return Value::error("the expression takes too long: its loops do too much");
}

Value run(const Code& code, Machine& machine) {
  switch (code.step) {
    case Step::kConstant:
      return code.constant;
    case Step::kField:
      return column(code, machine);
    case Step::kFieldOrType: {
      const Value& value = column(code, machine);
      return value.is_missing() ? code.constant : value;
    }
    case Step::kLocal:
      return machine.loops->variables[static_cast<size_t>(code.slot)];
    case Step::kHasField: {
      const Value& value = column(code, machine);
      return value.kind == Kind::kError ? value : Value::of(!value.is_missing());
    }
    case Step::kSelect:
      return run_select(code, machine);
    case Step::kHasSelect:
    case Step::kHasIndex:
      return run_has(code, machine);
    case Step::kIndex:
      return run_index(code, machine);
    case Step::kAnd:
      return run_logic(code, machine, false);
    case Step::kOr:
      return run_logic(code, machine, true);
    case Step::kNot:
      return run_not(code, machine);
    case Step::kNegate:
      return run_negate(code, machine);
    case Step::kConditional:
      return run_conditional(code, machine);
    case Step::kArithmetic:
      return run_arithmetic(code, machine);
    case Step::kOrder:
      return run_order(code, machine);
    case Step::kEqual:
    case Step::kNotEqual:
      return run_equal(code, machine);
    case Step::kIn:
      return run_in(code, machine);
    case Step::kList:
      return run_list(code, machine);
    case Step::kMap:
      return run_map(code, machine);
    case Step::kCall:
      return run_call(code, machine);
    case Step::kMatches:
      return run_matches(code, machine);
    case Step::kAll:
    case Step::kExists:
    case Step::kExistsOne:
    case Step::kFilter:
    case Step::kTransform:
      return run_macro(code, machine);
  }
  return Value::error("an unknown step");
}

Value evaluate(const Code& code, const Frame& frame, int locals, Dialect dialect) {
  if (locals == 0) [[likely]] {
    Machine machine{frame, nullptr, dialect};
    return run(code, machine);
  }
  Loops loops;
  Machine machine{frame, &loops, dialect};
  return run(code, machine);
}

}  // namespace weir::expr
