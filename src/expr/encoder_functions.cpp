// Functions of CEL's "encoders" extension.
#include "base/base64.h"
#include "expr/function.h"

namespace weir::expr {

namespace {

Value encode(const Call& call) {
  if (call[0].kind == Kind::kString) {
    return call.fail({call.name, " needs bytes, and this is a string: write bytes(text)"});
  }
  if (call[0].kind != Kind::kBytes) return call.wrong_type(0, "bytes");
  std::string text;
  append_base64(call[0].text(), text);
  return make_string(call.arena, text);
}

Value decode(const Call& call) {
  if (call[0].kind != Kind::kString) return call.wrong_type(0, "a string");
  const auto bytes = decode_base64(call[0].text());
  if (!bytes) return call.fail({"this text is no base64"});
  return Value::of_bytes(make_string(call.arena, *bytes).text());
}

constexpr Function kRows[] = {
    {"base64.encode", Function::kGlobal, 1, 1, encode, kStringType, "base64.encode(bytes)",
     "the base 64 text of bytes"},
    {"base64.decode", Function::kGlobal, 1, 1, decode, kBytesType, "base64.decode(text)",
     "the bytes of a base 64 text"},
};

}  // namespace

std::span<const Function> encoder_functions() { return kRows; }

}  // namespace weir::expr
