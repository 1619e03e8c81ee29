// Functions on lists and maps.
#include "event/json_value.h"
#include "expr/function.h"
#include "expr/text.h"

namespace weir::expr {

namespace {

Value size(const Call& call) {
  const Value& value = call[0];
  switch (value.kind) {
    case Kind::kString:
      return Value::of_int(static_cast<int64_t>(count_code_points(value.text())));
    case Kind::kBytes:
      return Value::of_int(value.size);
    case Kind::kList:
    case Kind::kMap:
      break;
    default:
      return call.wrong_type(0, "a string, bytes, a list or a map");
  }
  const Value opened = decode_container(value, call.arena);
  if (opened.is_error()) return opened;
  return Value::of_int(value.kind == Kind::kList ? opened.list->size : opened.map->size);
}

constexpr Function kRows[] = {
    {"size", Function::kBoth, 1, 1, size, kIntType, "size(x) or x.size()",
     "characters of a text, bytes, or members"},
};

}  // namespace

std::span<const Function> collection_functions() { return kRows; }

}  // namespace weir::expr
