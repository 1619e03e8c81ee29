#include "event/keep.h"

#include "event/json_value.h"

namespace weir {

namespace {

/// The string's token in the checked text that it was read from, quotes included.
std::string_view token_of(const char* quote) {
  const char* close = quote + 1;
  while (*close != '"') close += *close == '\\' ? 2 : 1;
  return {quote, static_cast<size_t>(close + 1 - quote)};
}

}  // namespace

void KeptValue::keep(const Value& value) {
  value_ = value;
  storage_.clear();
  if (value.kind == Kind::kList || value.kind == Kind::kMap || value.kind == Kind::kOptional) {
    const std::string problem = write_json(value, storage_);
    value_.bits = 0;
    if (!problem.empty()) {
      value_ = Value::error({});
      storage_ = problem;
    }
  } else {
    if (value.data != nullptr) storage_.assign(value.data, value.size);
  }
  content_ = static_cast<uint32_t>(storage_.size());
  if (value.kind == Kind::kString && value.quote != nullptr) storage_ += token_of(value.quote);
}

Value KeptValue::get() const {
  Value value = value_;
  const bool has_text = value_.data != nullptr || content_ > 0;
  value.data = has_text ? storage_.data() : nullptr;
  if (!value.is_time()) value.size = content_;
  if (value.kind == Kind::kString && value_.quote != nullptr)
    value.quote = storage_.data() + content_;
  return value;
}

Value copy_value(const Value& value, Arena& arena) {
  Value copy = value;
  if (value.kind == Kind::kList || value.kind == Kind::kMap || value.kind == Kind::kOptional) {
    std::string json;
    const std::string problem = write_json(value, json);
    if (!problem.empty()) return Value::error(arena.copy(problem));
    return Value::raw(value.kind, arena.copy(json));
  }
  if (value.kind == Kind::kString && value.quote != nullptr) {
    copy.quote = arena.copy(token_of(value.quote)).data();
    if (value.data == value.quote + 1) {  // its content is spelled as it is
      copy.data = copy.quote + 1;
      return copy;
    }
  }
  if (value.data != nullptr) copy.data = arena.copy(value.text()).data();
  return copy;
}

}  // namespace weir
