#include "expr/macro.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "event/key.h"
#include "expr/function.h"
#include "expr/sort.h"
#include "expr/weight.h"

namespace weir::expr {

namespace {

std::string_view macro_name(const Code& code) {
  switch (code.step) {
    case Step::kAll:
      return "all";
    case Step::kExists:
      return "exists";
    case Step::kExistsOne:
      return "exists_one";
    case Step::kFilter:
      return "filter";
    case Step::kSortBy:
      return "sortBy";
    case Step::kTransformMap:
      return "transformMap";
    case Step::kTransformEntries:
      return "transformMapEntry";
    case Step::kOptMap:
      return "optMap";
    case Step::kOptFlat:
      return "optFlatMap";
    default:
      return code.variables == 1 ? "map" : "transformList";
  }
}

/// What a macro runs over: a list, or a map with its keys as members.
struct Range {
  const Value* items = nullptr;
  const Value* values = nullptr;  ///< of a map
  uint32_t size = 0;

  /// The key of a map's member, the position of a list's.
  Value key(uint32_t i) const { return values != nullptr ? items[i] : Value::of_int(i); }
};

/// Gives the variables the values of member `i`; false if there are no steps or memory left.
bool enter(const Code& code, const Range& range, uint32_t i, Machine& machine) {
  Value* const variables = machine.variables + code.slot;
  if (code.variables == 1) {
    variables[0] = range.items[i];
  } else {
    variables[0] = range.key(i);
    variables[1] = range.values != nullptr ? range.values[i] : range.items[i];
  }
  return --machine.budget >= 0 && has_memory(machine);
}

Value no_truth(const Code& code, const Value& value, Machine& machine) {
  return make_error(machine.frame.arena,
                    {"the condition of ", macro_name(code), " needs true or false, and this is ",
                     with_article(value)});
}

/// all and exists: the body that is `decisive` for one member decides, whatever the others are.
Value run_quantifier(const Code& code, const Range& range, Machine& machine, bool decisive) {
  Value storage;
  Value doubt = Value::of(!decisive);
  for (uint32_t i = 0; i < range.size; ++i) {
    if (!enter(code, range, i, machine)) return exhausted(machine);
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

Value run_exists_one(const Code& code, const Range& range, Machine& machine) {
  Value storage;
  uint32_t found = 0;
  for (uint32_t i = 0; i < range.size; ++i) {
    if (!enter(code, range, i, machine)) return exhausted(machine);
    const Value& value = operand(*code.children[1], machine, storage);
    if (value.is_error()) return value;
    if (value.kind != Kind::kBool) return no_truth(code, value, machine);
    found += value.boolean ? 1 : 0;
  }
  return Value::of(found == 1);
}

/// Runs over the members for which `condition`, if there is one, is true: `f(i)` answers what is
/// wrong, or null.
template <typename F>
Value for_each_picked(const Code& code, const Range& range, Machine& machine, const Code* condition,
                      F&& f) {
  Value storage;
  for (uint32_t i = 0; i < range.size; ++i) {
    if (!enter(code, range, i, machine)) return exhausted(machine);
    if (condition != nullptr) {
      const Value& value = operand(*condition, machine, storage);
      if (value.is_error()) return value;
      if (value.kind != Kind::kBool) return no_truth(code, value, machine);
      if (!value.boolean) continue;
    }
    const Value problem = f(i);
    if (problem.is_error()) return problem;
  }
  return Value::null();
}

const Value* keep(const std::vector<Value>& values, Arena& arena) {
  Value* const kept = arena.make_array<Value>(values.size());
  std::ranges::copy(values, kept);
  return kept;
}

/// filter, map and transformList: members for which the condition, if there is one, is true;
/// changed, if there is something to make of them.
Value run_gather(const Code& code, const Range& range, Machine& machine, const Code* condition,
                 const Code* change) {
  std::vector<Value> gathered;
  const Value problem = for_each_picked(code, range, machine, condition, [&](uint32_t i) {
    gathered.push_back(change == nullptr ? range.items[i] : run(*change, machine));
    return gathered.back();
  });
  if (problem.is_error()) return problem;
  Arena& arena = machine.frame.arena;
  return within_memory(
      make_list(arena, keep(gathered, arena), static_cast<uint32_t>(gathered.size())), machine);
}

Value run_sort_by(const Code& code, const Range& range, Machine& machine) {
  std::vector<Value> keys;
  const Value problem = for_each_picked(code, range, machine, nullptr, [&](uint32_t) {
    keys.push_back(run(*code.children[1], machine));
    return keys.back();
  });
  if (problem.is_error()) return problem;
  const Call call{{}, machine.frame.arena, "sortBy", nullptr, code.promotes, &machine.budget};
  return within_memory(sort_by_keys(call, {range.items, range.size}, keys), machine);
}

/// A map in the making.
struct Members {
  std::vector<Value> keys;
  std::vector<Value> values;
  std::unordered_set<std::string> seen;

  /// What is wrong, or null.
  Value add(const Value& key, const Value& value, Machine& machine) {
    if (!spend_on(weight_of(key), machine)) return exhausted(machine);
    std::string bytes;
    append_key(key, bytes);
    if (!seen.insert(std::move(bytes)).second) return Value::error("two keys of the map are equal");
    keys.push_back(key);
    values.push_back(value);
    return Value::null();
  }
};

Value run_transform_map(const Code& code, const Range& range, Machine& machine,
                        const Code* condition) {
  const bool entries = code.step == Step::kTransformEntries;
  Members members;
  const Value problem = for_each_picked(code, range, machine, condition, [&](uint32_t i) {
    const Value made = run(*code.children.back(), machine);
    if (made.is_error()) return made;
    if (!entries) return members.add(range.key(i), made, machine);
    if (made.kind != Kind::kMap) {
      return make_error(
          machine.frame.arena,
          {"transformMapEntry needs a map of new members, and this is ", with_article(made)});
    }
    const Value opened = open(made, machine);
    if (opened.is_error()) return opened;
    for (uint32_t j = 0; j < opened.map->size; ++j) {
      const Value wrong = members.add(opened.map->keys[j], opened.map->values[j], machine);
      if (wrong.is_error()) return wrong;
    }
    return Value::null();
  });
  if (problem.is_error()) return problem;
  Arena& arena = machine.frame.arena;
  return within_memory(make_map(arena, keep(members.keys, arena), keep(members.values, arena),
                                static_cast<uint32_t>(members.keys.size())),
                       machine);
}

Value run_optional(const Code& code, Machine& machine) {
  const Value optional = run(*code.children[0], machine);
  if (optional.is_error()) return optional;
  if (optional.kind != Kind::kOptional) {
    return make_error(machine.frame.arena, {macro_name(code), " needs an optional, and this is ",
                                            with_article(optional)});
  }
  if (optional.inner == nullptr) return optional;
  machine.variables[code.slot] = *optional.inner;
  const Value made = run(*code.children[1], machine);
  if (made.is_error()) return made;
  if (code.step == Step::kOptMap) return make_optional(made, machine.frame.arena);
  if (made.kind == Kind::kOptional) return made;
  return make_error(machine.frame.arena,
                    {"optFlatMap needs an optional to be made, and this is ", with_article(made)});
}

Value run_loop(const Code& code, Machine& machine) {
  const Value over = run(*code.children[0], machine);
  if (over.is_error()) return over;
  const Value opened = open(over, machine);
  Range range;
  if (opened.kind == Kind::kList) {
    range = {opened.list->items, nullptr, opened.list->size};
  } else if (opened.kind == Kind::kMap) {
    range = {opened.map->keys, opened.map->values, opened.map->size};
  } else if (opened.is_error()) {
    return opened;
  } else {
    return make_error(
        machine.frame.arena,
        {macro_name(code), " needs a list or a map, and this is ", with_article(over)});
  }
  if (code.step == Step::kSortBy) {
    if (opened.kind == Kind::kList) return run_sort_by(code, range, machine);
    return make_error(machine.frame.arena, {"sortBy needs a list, and this is a map"});
  }
  const bool picks = code.children.size() > 2;
  const Code* const condition = picks ? code.children[1] : nullptr;
  switch (code.step) {
    case Step::kAll:
      return run_quantifier(code, range, machine, false);
    case Step::kExists:
      return run_quantifier(code, range, machine, true);
    case Step::kExistsOne:
      return run_exists_one(code, range, machine);
    case Step::kFilter:
      return run_gather(code, range, machine, code.children[1], nullptr);
    case Step::kTransform:
      return run_gather(code, range, machine, condition, code.children.back());
    default:
      return run_transform_map(code, range, machine, condition);
  }
}

}  // namespace

Value run_macro(const Code& code, Machine& machine) {
  switch (code.step) {
    case Step::kBind:
      machine.variables[code.slot] = run(*code.children[0], machine);
      return run(*code.children[1], machine);
    case Step::kOptMap:
    case Step::kOptFlat:
      return run_optional(code, machine);
    default:
      return run_loop(code, machine);
  }
}

}  // namespace weir::expr
