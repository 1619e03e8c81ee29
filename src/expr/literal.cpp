#include "expr/literal.h"

#include <charconv>
#include <cmath>

#include "base/arena.h"
#include "event/json_value.h"
#include "expr/function.h"

namespace weir::expr {

namespace {

template <typename T>
void append_number(T number, std::string& out) {
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

void append_double(double number, std::string& out) {
  if (std::isnan(number)) {
    out += "double(\"NaN\")";
  } else if (std::isinf(number)) {
    out += number < 0 ? "double(\"-Infinity\")" : "double(\"Infinity\")";
  } else {
    const size_t start = out.size();
    append_shortest(number, out);
    if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
  }
}

void append_hex(std::string_view escape, unsigned char byte, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += escape;
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

/// The escape of a control character in `text`; false if `c` needs none there.
bool append_control(char c, bool is_bytes, std::string& out) {
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '\n':
      out += "\\n";
      return true;
    case '\r':
      out += "\\r";
      return true;
    case '\t':
      out += "\\t";
      return true;
    default:
      if (byte >= 0x20 && byte != 0x7f && !(is_bytes && byte >= 0x80)) return false;
      append_hex(is_bytes ? "\\x" : "\\u00", byte, out);
      return true;
  }
}

void append_quoted(std::string_view text, bool is_bytes, std::string& out) {
  out += is_bytes ? "b\"" : "\"";
  for (const char c : text) {
    if (append_control(c, is_bytes, out)) continue;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

/// A value that a function makes of the text that JSON has for it.
void append_made(std::string_view function, const Value& value, std::string& out) {
  out += function;
  out += '(';
  write_json(value, out);
  out += ')';
}

void append_members(const Value& container, std::string& out) {
  Arena arena;
  const Value opened = decode_container(container, arena);
  if (opened.kind == Kind::kList) {
    out += '[';
    for (uint32_t i = 0; i < opened.list->size; ++i) {
      if (i > 0) out += ", ";
      append_literal(opened.list->items[i], out);
    }
    out += ']';
  } else if (opened.kind == Kind::kMap) {
    out += '{';
    for (uint32_t i = 0; i < opened.map->size; ++i) {
      if (i > 0) out += ", ";
      append_literal(opened.map->keys[i], out);
      out += ": ";
      append_literal(opened.map->values[i], out);
    }
    out += '}';
  } else {
    append_literal(opened, out);
  }
}

}  // namespace

void append_literal(const Value& value, std::string& out) {
  switch (value.kind) {
    case Kind::kNull:
      out += "null";
      return;
    case Kind::kBool:
      out += value.boolean ? "true" : "false";
      return;
    case Kind::kInt:
      append_number(value.integer, out);
      return;
    case Kind::kUint:
      append_number(value.unsigned_integer, out);
      out += 'u';
      return;
    case Kind::kDouble:
      append_double(value.real, out);
      return;
    case Kind::kString:
      append_quoted(value.text(), false, out);
      return;
    case Kind::kBytes:
      append_quoted(value.text(), true, out);
      return;
    case Kind::kList:
    case Kind::kMap:
      append_members(value, out);
      return;
    case Kind::kType:
      out += value.text();
      return;
    case Kind::kIp:
      append_made("ip", value, out);
      return;
    case Kind::kCidr:
      append_made("cidr", value, out);
      return;
    case Kind::kTimestamp:
      append_made("timestamp", value, out);
      return;
    case Kind::kDuration:
      append_made("duration", value, out);
      return;
    case Kind::kOptional:
      if (value.inner == nullptr) {
        out += "optional.none()";
        return;
      }
      out += "optional.of(";
      append_literal(*value.inner, out);
      out += ')';
      return;
    case Kind::kMissing:
      out += "missing";
      return;
    case Kind::kError:
      out += "error";
      return;
  }
}

std::string typed_line(const Value& value) {
  std::string line;
  if (value.kind == Kind::kError) {
    line = "error: ";
    for (const char c : value.text()) {
      if (!append_control(c, false, line)) line += c;
    }
    return line;
  }
  if (!value.is_missing()) line = std::string(type_name(value)) + ": ";
  append_literal(value, line);
  return line;
}

}  // namespace weir::expr
