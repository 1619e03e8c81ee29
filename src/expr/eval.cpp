// Runs compiled expressions.
#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>

#include "base/utf8.h"
#include "event/json_value.h"
#include "event/key.h"
#include "event/record.h"
#include "expr/arithmetic.h"
#include "expr/code.h"
#include "expr/compare.h"
#include "expr/macro.h"
#include "expr/pattern.h"
#include "expr/weight.h"

namespace weir::expr {

namespace {

/// Arguments that are gathered on the stack; a call with more takes them from the arena.
constexpr size_t kFewArguments = 4;

/// How much work on text or members counts as much as a step of a loop.
constexpr uint64_t kBytesInStep = 64;

/// What an operation answers when an operand is an error or missing: errors before missing fields,
/// and the first of two errors.
Value failure(const Value& a, const Value& b) {
  if (a.kind == Kind::kError) return a;
  if (b.kind == Kind::kError) return b;
  return Value::missing();
}

/// True for what takes time to go through or memory to make.
bool may_be_large(const Value& value) {
  switch (value.kind) {
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap:
    case Kind::kOptional:
      return true;
    default:
      return false;
  }
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

/// How a text is read as what it is compared with, if it can be; else empty.
std::string_view reading_hint(const Value& text, const Value& other) {
  if (text.kind != Kind::kString) return {};
  if (other.kind == Kind::kTimestamp) return ": timestamp(...) reads a text as a time";
  const bool reads = other.is_number() && !read_number(text.text()).is_error();
  return reads ? ": double(...) reads a text as a number" : std::string_view();
}

Value run_order(const Code& code, Machine& machine) {
  Value left_storage;
  Value right_storage;
  const Value& a = operand(*code.children[0], machine, left_storage);
  const Value& b = operand(*code.children[1], machine, right_storage);
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) {
    return Value::of(holds(code.op, order(a.integer, b.integer)));
  }
  if (a.is_error() || b.is_error()) return failure(a, b);
  const bool texts = a.kind == b.kind && (a.kind == Kind::kString || a.kind == Kind::kBytes);
  if (texts && !spend_on(std::min(a.size, b.size), machine)) return exhausted(machine);
  if (const std::optional<int> order = compare(a, b)) return Value::of(holds(code.op, *order));
  Arena& arena = machine.frame.arena;
  const Value left = b.is_number() ? number_of_text(a, arena) : a;
  const Value right = a.is_number() ? number_of_text(b, arena) : b;
  if (left.is_error()) return left;
  if (right.is_error()) return right;
  // Two numbers without an order: one is a NaN.
  if (left.is_number() && right.is_number()) return Value::of(false);
  return make_error(arena, {"cannot compare ", with_article(a), " with ", with_article(b), " by ",
                            spelling(code.op), reading_hint(a, b), reading_hint(b, a)});
}

Value run_equal(const Code& code, Machine& machine) {
  Value left_storage;
  Value right_storage;
  const Value& a = operand(*code.children[0], machine, left_storage);
  const Value& b = operand(*code.children[1], machine, right_storage);
  const bool wanted = code.step == Step::kEqual;
  if (a.kind == Kind::kString && b.kind == Kind::kString) {
    const bool long_texts = a.size == b.size && a.size > kBytesInStep;
    if (long_texts && !spend_on(a.size, machine)) return exhausted(machine);
    return Value::of((a.text() == b.text()) == wanted);
  }
  if (a.is_error() || b.is_error()) return failure(a, b);
  if (a.kind == b.kind && may_be_large(a)) {
    if (!spend_on(std::min(weight_of(a), weight_of(b)), machine)) return exhausted(machine);
  }
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
    if (may_be_large(item) && !spend_on(weight_of(opened), machine)) return exhausted(machine);
    return Value::of(contains(*opened.list, item, machine.frame.arena));
  }
  if (opened.kind == Kind::kMap) {
    if (may_be_large(item) && !spend_on(item.size, machine)) return exhausted(machine);
    return Value::of(find_key(*opened.map, item) != nullptr);
  }
  return make_error(machine.frame.arena,
                    {"in needs a list or a map behind it, and this is ", with_article(container)});
}

/// The member of a list, or missing where there is none.
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

/// What is inside of `container` under `key`: missing where there is nothing. Of an optional it is
/// what is inside of its value.
Value look_inside(const Value& container, const Value& key, Machine& machine) {
  if (container.is_error() || key.is_error()) return failure(container, key);
  if (container.kind == Kind::kOptional) {
    return container.inner == nullptr ? Value::missing()
                                      : look_inside(*container.inner, key, machine);
  }
  const Value opened = open(container, machine);
  if (opened.is_error()) return opened;
  if (opened.kind == Kind::kList) return list_member(*opened.list, key, machine.frame.arena);
  if (opened.kind == Kind::kMap) {
    if (key.kind == Kind::kString && key.size > kBytesInStep &&
        !spend_on(std::min<uint64_t>(weight_of(opened), uint64_t{key.size} * opened.map->size),
                  machine)) {
      return exhausted(machine);
    }
    const Value* const found = find_key(*opened.map, key);
    return found == nullptr ? Value::missing() : *found;
  }
  return make_error(machine.frame.arena, {"cannot look inside ", with_article(container)});
}

/// What is inside of `container` under the step's names. Over events nothing has members but maps,
/// and asking others is no error; the names may be a flat key.
Value select_inside(const Code& code, const Value& container, Machine& machine) {
  if (container.is_error()) return container;
  if (container.kind == Kind::kOptional) {
    return container.inner == nullptr ? Value::missing()
                                      : select_inside(code, *container.inner, machine);
  }
  if (machine.dialect == Dialect::kEvents) {
    if (container.kind == Kind::kMap) {
      const Value opened = open(container, machine);
      if (opened.is_error()) return opened;
    }
    return read_inside(container, *code.path, 0, machine.frame.arena);
  }
  if (container.kind != Kind::kMap) {
    return make_error(machine.frame.arena, {with_article(container), " has no members"});
  }
  return look_inside(container, Value::of_string(code.path->names[0].text), machine);
}

/// An optional of the value: none where it is missing.
Value optional_of(const Value& value, Machine& machine) {
  if (value.is_missing()) return Value::of_optional(nullptr);
  return value.is_error() ? value : make_optional(value, machine.frame.arena);
}

/// In the standard a member that is not there is an error.
Value no_member(const Value& key, Arena& arena) {
  if (key.kind == Kind::kString) {
    return make_error(arena, {"there is no key '", beginning(key.text(), 60), "'"});
  }
  return Value::error("there is nothing at this index");
}

/// A member, an index, and the other ways to ask for one.
Value run_inside(const Code& code, Machine& machine) {
  Value container_storage;
  Value key_storage;
  const Value& container = operand(*code.children[0], machine, container_storage);
  const bool by_name = code.children.size() == 1;
  const Value key = by_name ? Value::of_string(code.path->names[0].text)
                            : operand(*code.children[1], machine, key_storage);
  const Value found =
      by_name ? select_inside(code, container, machine) : look_inside(container, key, machine);
  switch (code.step) {
    case Step::kHasSelect:
    case Step::kHasIndex:
      return found.kind == Kind::kError ? found : Value::of(!found.is_missing());
    case Step::kMaybeSelect:
    case Step::kMaybeIndex:
      return optional_of(found, machine);
    default:
      break;
  }
  // A member of an optional is one, too.
  if (container.kind == Kind::kOptional) return optional_of(found, machine);
  const bool is_error = found.is_missing() && machine.dialect == Dialect::kStandard;
  return is_error ? no_member(key, machine.frame.arena) : found;
}

/// The value of a member behind a `?`, which must be an optional: missing for none.
Value entry_of(const Value& entry, Machine& machine) {
  if (entry.is_error()) return entry;
  if (entry.kind != Kind::kOptional) {
    return make_error(machine.frame.arena,
                      {"behind a ? stands an optional, and this is ", with_article(entry)});
  }
  return entry.inner == nullptr ? Value::missing() : *entry.inner;
}

Value run_list(const Code& code, Machine& machine) {
  Arena& arena = machine.frame.arena;
  Value* const items = arena.make_array<Value>(code.children.size());
  uint32_t size = 0;
  Value problem;
  bool failed = false;
  for (size_t i = 0; i < code.children.size(); ++i) {
    Value item = run(*code.children[i], machine);
    if (!item.is_error() && !code.optional_entries.empty() && code.optional_entries[i]) {
      item = entry_of(item, machine);
      if (item.is_missing()) continue;
    }
    items[size++] = item;
    if (!item.is_error()) continue;
    problem = failed ? failure(problem, item) : item;
    failed = true;
  }
  if (failed) return problem;
  return within_memory(make_list(arena, items, size), machine);
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
  uint32_t kept = 0;
  for (size_t i = 0; i < size; ++i) {
    const Value key = run(*code.children[2 * i], machine);
    Value value = run(*code.children[2 * i + 1], machine);
    if (!value.is_error() && !code.optional_entries.empty() && code.optional_entries[i]) {
      value = entry_of(value, machine);
      if (value.is_missing() && !key.is_error() && may_be_key(key)) continue;
    }
    if (value.is_error()) fail(value);
    if (key.is_error()) {
      fail(key);
    } else if (!may_be_key(key)) {
      fail(make_error(arena, {"a key of a map is a bool, int, uint or string, and this is ",
                              with_article(key)}));
    } else if (!spend_on(weight_of(key), machine)) {
      fail(exhausted(machine));
    } else {
      std::string bytes;
      append_key(key, bytes);
      if (!seen.insert(std::move(bytes)).second)
        fail(Value::error("two keys of the map are equal"));
    }
    keys[kept] = key;
    values[kept++] = value;
  }
  if (failed) return problem;
  return within_memory(make_map(arena, keys, values, kept), machine);
}

/// Calls a function whose arguments are all there.
Value call(const Code& code, std::span<const Value> arguments, Machine& machine) {
  Arena& arena = machine.frame.arena;
  const uint64_t before = arena.handed_out();
  for (const Value& argument : arguments) {
    if (may_be_large(argument) && !spend_on(weight_of(argument), machine))
      return exhausted(machine);
  }
  const Value made = code.function->run({.arguments = arguments,
                                         .arena = arena,
                                         .name = code.function->name,
                                         .pattern = code.pattern ? &code.pattern->mine() : nullptr,
                                         .promotes = code.promotes,
                                         .steps = &machine.budget,
                                         .pattern_memory = machine.limits.pattern});
  if (machine.budget < 0) return exhausted(machine);
  if (arena.handed_out() == before) return made;
  return within_memory(with_weight(made, arena), machine);
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
  return call(code, {arguments, count}, machine);
}

/// `or` and `orValue` of an optional.
Value run_or_else(const Code& code, Machine& machine) {
  std::array<Value, 2> arguments;
  arguments[0] = run(*code.children[0], machine);
  if (arguments[0].is_error()) return arguments[0];
  if (arguments[0].kind == Kind::kOptional && arguments[0].inner != nullptr) {
    return code.function->name == "or" ? arguments[0] : *arguments[0].inner;
  }
  arguments[1] = run(*code.children[1], machine);
  if (arguments[1].is_error()) return arguments[1];
  return call(code, arguments, machine);
}

Value run_matches(const Code& code, Machine& machine) {
  Value storage;
  const Value& text = operand(*code.children[0], machine, storage);
  if (text.is_error()) return text;
  if (text.kind != Kind::kString) {
    return make_error(machine.frame.arena,
                      {"matches needs strings, and this is ", with_article(text)});
  }
  const re2::RE2& pattern = code.pattern->mine();
  if (!spend_on(search_cost(pattern, text.text()), machine)) return exhausted(machine);
  return Value::of(search(pattern, text.text()));
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
  const Value made = arithmetic(code.op, a, b, code.promotes, machine.frame.arena);
  return may_be_large(made) ? within_memory(with_weight(made, machine.frame.arena), machine) : made;
}

Value run_qualified(const Code& code, Machine& machine) {
  for (size_t i = 0; i < code.children.size(); i += 2) {
    if (!column(*code.children[i], machine).is_missing())
      return run(*code.children[i + 1], machine);
  }
  return code.constant;
}

}  // namespace

Value open(const Value& value, Machine& machine) {
  const Value opened = open_once(value, machine);
  if (opened.kind == Kind::kList) machine.budget -= opened.list->size;
  if (opened.kind == Kind::kMap) machine.budget -= opened.map->size;
  return machine.budget >= 0 ? opened : exhausted(machine);
}

bool spend_on(uint64_t bytes, Machine& machine) {
  machine.budget -= static_cast<int64_t>(bytes / kBytesInStep);
  return machine.budget >= 0;
}

Value exhausted(const Machine& machine) {
  return Value::error(
      machine.budget < 0 ? "the expression takes too long: its loops do too much (--max-steps)"
                         : "the expression makes too much: its result is too large (--max-result)");
}

Value within_memory(const Value& made, Machine& machine) {
  const bool fits = has_memory(machine) && weight_of(made) <= machine.limits.memory;
  return fits ? made : exhausted(machine);
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
      return machine.variables[code.slot];
    case Step::kQualified:
      return run_qualified(code, machine);
    case Step::kMaybeField:
      return optional_of(column(code, machine), machine);
    case Step::kHasField: {
      const Value& value = column(code, machine);
      return value.kind == Kind::kError ? value : Value::of(!value.is_missing());
    }
    case Step::kSelect:
    case Step::kHasSelect:
    case Step::kMaybeSelect:
    case Step::kIndex:
    case Step::kHasIndex:
    case Step::kMaybeIndex:
      return run_inside(code, machine);
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
    case Step::kOrElse:
      return run_or_else(code, machine);
    case Step::kMatches:
      return run_matches(code, machine);
    case Step::kAll:
    case Step::kExists:
    case Step::kExistsOne:
    case Step::kFilter:
    case Step::kTransform:
    case Step::kSortBy:
    case Step::kTransformMap:
    case Step::kTransformEntries:
    case Step::kBind:
    case Step::kOptMap:
    case Step::kOptFlat:
      return run_macro(code, machine);
  }
  return Value::error("an unknown step");
}

Value evaluate(const Compilation& program, const Code& code, const Frame& frame) {
  // A field alone, and one that is compared with a whole number, are most of what is evaluated for
  // each event: they need no machine.
  if (code.step == Step::kField) return frame.columns[static_cast<size_t>(code.slot)][frame.row];
  if (code.step == Step::kOrder) {
    const Code& left = *code.children[0];
    const Code& right = *code.children[1];
    if (left.step == Step::kField && right.step == Step::kConstant) {
      const Value& field = frame.columns[static_cast<size_t>(left.slot)][frame.row];
      if (field.kind == Kind::kInt && right.constant.kind == Kind::kInt) {
        return Value::of(holds(code.op, order(field.integer, right.constant.integer)));
      }
    }
  }
  const Limits& limits = program.limits;
  Machine machine{.frame = frame,
                  .loops = nullptr,
                  .variables = nullptr,
                  .dialect = program.dialect,
                  .budget = limits.steps,
                  .memory_end = frame.arena.handed_out() + limits.memory,
                  .limits = limits};
  if (program.locals == 0) [[likely]]
    return run(code, machine);
  Loops loops;
  // Room for as many variables as there may be; those that there are come into being.
  alignas(Value) std::array<std::byte, sizeof(Value) * kMaxLocals> room;
  auto* const variables = reinterpret_cast<Value*>(room.data());
  std::uninitialized_default_construct_n(variables, program.locals);
  machine.loops = &loops;
  machine.variables = variables;
  return run(code, machine);
}

}  // namespace weir::expr
