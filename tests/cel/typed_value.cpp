#include "cel/typed_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "base/base64.h"
#include "event/json_value.h"
#include "expr/compare.h"
#include "expr/expr.h"
#include "expr/function.h"

namespace weir::test {

namespace {

std::unexpected<Error> wrong(std::string_view what) {
  return usage_error("no typed value: " + std::string(what));
}

template <typename T>
bool read_integer(std::string_view text, T& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

Result<Value> make_double(const Value& content) {
  if (content.kind == Kind::kString) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (content.text() == "NaN") return Value::of_double(std::nan(""));
    if (content.text() == "Infinity") return Value::of_double(kInfinity);
    if (content.text() == "-Infinity") return Value::of_double(-kInfinity);
    return wrong("no double");
  }
  if (!content.is_number()) return wrong("no double");
  // Without its spelling, and whatever type of number JSON made of it.
  double number = 0;
  const std::string_view text = content.text();
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) {
    return wrong("no double");
  }
  return Value::of_double(number);
}

Result<Value> make_list(const ListValue& members, Arena& arena) {
  Value* const items = arena.make_array<Value>(members.size);
  for (uint32_t i = 0; i < members.size; ++i) {
    auto item = make_value(members.items[i], arena);
    if (!item) return item;
    items[i] = *item;
  }
  auto* const list = arena.make_array<ListValue>(1);
  *list = {items, members.size};
  return Value::of_list(list);
}

Result<Value> make_map(const ListValue& pairs, Arena& arena) {
  Value* const keys = arena.make_array<Value>(pairs.size);
  Value* const values = arena.make_array<Value>(pairs.size);
  for (uint32_t i = 0; i < pairs.size; ++i) {
    const Value& pair = pairs.items[i];
    if (pair.kind != Kind::kList || pair.list->size != 2) return wrong("no pair");
    auto key = make_value(pair.list->items[0], arena);
    auto value = make_value(pair.list->items[1], arena);
    if (!key) return key;
    if (!value) return value;
    keys[i] = *key;
    values[i] = *value;
  }
  auto* const map = arena.make_array<MapValue>(1);
  *map = {keys, values, pairs.size};
  return Value::of_map(map);
}

Result<Value> make_number(std::string_view type, std::string_view text) {
  int64_t integer = 0;
  uint64_t magnitude = 0;
  if (type == "int" && read_integer(text, integer)) return Value::of_int(integer);
  if (type == "uint" && read_integer(text, magnitude)) return Value::of_uint(magnitude);
  return wrong("no " + std::string(type));
}

/// A type's value: the two with long names are asked for by their short ones, too.
Value make_type(std::string_view name) {
  if (name == "timestamp") return Value::of_type("google.protobuf.Timestamp");
  if (name == "duration") return Value::of_type("google.protobuf.Duration");
  return Value::of_type(name);
}

bool same_maps(const MapValue& a, const MapValue& b, Arena& arena) {
  if (a.size != b.size) return false;
  for (uint32_t i = 0; i < a.size; ++i) {
    bool found = false;
    for (uint32_t j = 0; j < b.size && !found; ++j) {
      found = same(a.keys[i], b.keys[j], arena) && same(a.values[i], b.values[j], arena);
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

const Value* member(const Value& map, std::string_view name) {
  if (map.kind != Kind::kMap) return nullptr;
  return expr::find_key(*map.map, Value::of_string(name));
}

Value open_all(const Value& json, Arena& arena) {
  const Value opened = decode_container(json, arena);
  const auto open_members = [&](const Value* from, uint32_t size) {
    Value* const to = arena.make_array<Value>(size);
    for (uint32_t i = 0; i < size; ++i) to[i] = open_all(from[i], arena);
    return to;
  };
  if (opened.kind == Kind::kList) {
    auto* const list = arena.make_array<ListValue>(1);
    *list = {open_members(opened.list->items, opened.list->size), opened.list->size};
    return Value::of_list(list);
  }
  if (opened.kind == Kind::kMap) {
    auto* const map = arena.make_array<MapValue>(1);
    *map = {opened.map->keys, open_members(opened.map->values, opened.map->size), opened.map->size};
    return Value::of_map(map);
  }
  return opened;
}

Result<Value> make_value(const Value& typed, Arena& arena) {
  const Value* const named = member(typed, "t");
  if (named == nullptr || named->kind != Kind::kString) return wrong("there is no type");
  const std::string_view type = named->text();
  if (type == "null") return Value::null();
  const Value* const found = member(typed, "v");
  if (found == nullptr) return wrong("there is no content");
  const Value& content = *found;
  if (type == "double") return make_double(content);
  if (type == "bool" && content.kind == Kind::kBool) return content;
  if (type == "list" && content.kind == Kind::kList) return make_list(*content.list, arena);
  if (type == "map" && content.kind == Kind::kList) return make_map(*content.list, arena);
  if (content.kind != Kind::kString) return wrong("the content does not fit the type");
  const std::string_view text = content.text();
  if (type == "string") return Value::of_string(text.empty() ? "" : arena.copy(text));
  if (type == "type") return make_type(arena.copy(text));
  if (type == "bytes") {
    const auto bytes = decode_base64(text);
    if (!bytes) return wrong("no base64");
    return Value::of_bytes(bytes->empty() ? "" : arena.copy(*bytes));
  }
  if (type == "timestamp" || type == "duration") {
    const std::string source = std::string(type) + "('" + std::string(text) + "')";
    const Value value = evaluate_constant(source, arena);
    if (value.is_error()) return wrong(source + ": " + std::string(value.text()));
    return value;
  }
  return make_number(type, text);
}

Value evaluate_constant(const std::string& source, Arena& arena) {
  const auto node = expr::parse(source, expr::Dialect::kStandard);
  if (!node) return Value::error(arena.copy(node.error().message));
  PathTable paths;
  auto program = expr::Program::compile(**node, source, paths, expr::Dialect::kStandard);
  if (!program) return Value::error(arena.copy(program.error().message));
  const std::vector<std::vector<Value>> columns(static_cast<size_t>(paths.size()),
                                                std::vector<Value>(1));
  Value value = program->eval({columns, 0, arena});
  // What the program holds ends with it.
  if (value.data != nullptr) value.data = arena.copy(value.text()).data();
  return value;
}

bool same(const Value& a, const Value& b, Arena& arena) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::kDouble:
      return a.real == b.real || (std::isnan(a.real) && std::isnan(b.real));
    case Kind::kList: {
      const Value left = decode_container(a, arena);
      const Value right = decode_container(b, arena);
      return std::equal(left.list->items, left.list->items + left.list->size, right.list->items,
                        right.list->items + right.list->size,
                        [&](const Value& x, const Value& y) { return same(x, y, arena); });
    }
    case Kind::kMap:
      return same_maps(*decode_container(a, arena).map, *decode_container(b, arena).map, arena);
    default:
      return expr::equal(a, b, arena);
  }
}

std::string describe(const Value& value, Arena& arena) {
  if (value.is_missing()) return "error: nothing there";
  if (value.kind == Kind::kError) return "error: " + std::string(value.text());
  std::string text(expr::type_name(value));
  text += ' ';
  const Value opened = decode_container(value, arena);
  if (opened.kind == Kind::kList) {
    text += '[';
    for (uint32_t i = 0; i < opened.list->size; ++i) {
      text += (i > 0 ? ", " : "") + describe(opened.list->items[i], arena);
    }
    return text + "]";
  }
  if (opened.kind == Kind::kMap) {
    text += '{';
    for (uint32_t i = 0; i < opened.map->size; ++i) {
      text += (i > 0 ? ", " : "") + describe(opened.map->keys[i], arena) + ": " +
              describe(opened.map->values[i], arena);
    }
    return text + "}";
  }
  std::string content;
  const std::string problem = write_json(opened, content);
  return text + (problem.empty() ? content : problem);
}

}  // namespace weir::test
