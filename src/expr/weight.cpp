#include "expr/weight.h"

#include <algorithm>
#include <span>

namespace weir::expr {

namespace {

uint32_t sum_of(std::span<const Value> values) {
  uint64_t sum = 0;
  for (const Value& value : values) {
    sum += weight_of(value);
    if (sum >= UINT32_MAX) return UINT32_MAX;
  }
  return static_cast<uint32_t>(sum);
}

uint32_t add(uint32_t a, uint32_t b) { return a > UINT32_MAX - b ? UINT32_MAX : a + b; }

uint32_t list_weight(const ListValue& list) {
  if (list.weight != 0) return list.weight;
  return add(sum_of({list.items, list.size}), sizeof(Value));
}

uint32_t map_weight(const MapValue& map) {
  if (map.weight != 0) return map.weight;
  return add(add(sum_of({map.keys, map.size}), sum_of({map.values, map.size})), sizeof(Value));
}

}  // namespace

uint32_t weight_of(const Value& value) {
  switch (value.kind) {
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
      return add(value.size, sizeof(Value));
    case Kind::kList:
      // What was read from an event is as large as its text.
      return value.data != nullptr ? add(value.size, sizeof(Value)) : list_weight(*value.list);
    case Kind::kMap:
      return value.data != nullptr ? add(value.size, sizeof(Value)) : map_weight(*value.map);
    case Kind::kOptional:
      return value.inner == nullptr ? sizeof(Value) : add(weight_of(*value.inner), sizeof(Value));
    default:
      return sizeof(Value);
  }
}

Value make_list(Arena& arena, const Value* items, uint32_t size) {
  auto* const list = arena.make_array<ListValue>(1);
  *list = {items, size};
  list->weight = list_weight(*list);
  return Value::of_list(list);
}

Value make_map(Arena& arena, const Value* keys, const Value* values, uint32_t size) {
  auto* const map = arena.make_array<MapValue>(1);
  *map = {keys, values, size};
  map->weight = map_weight(*map);
  return Value::of_map(map);
}

Value make_optional(const Value& value, Arena& arena) {
  Value* const inner = arena.make_array<Value>(1);
  *inner = value;
  return Value::of_optional(inner);
}

Value with_weight(const Value& value, Arena& arena) {
  if (value.data != nullptr || value.is_raw()) return value;
  if (value.kind == Kind::kList && value.list->weight == 0) {
    return make_list(arena, value.list->items, value.list->size);
  }
  if (value.kind == Kind::kMap && value.map->weight == 0) {
    return make_map(arena, value.map->keys, value.map->values, value.map->size);
  }
  return value;
}

}  // namespace weir::expr
