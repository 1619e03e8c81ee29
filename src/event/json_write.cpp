// Values as JSON text.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_set>

#include "base/base64.h"
#include "event/ip.h"
#include "event/json_bytes.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "event/time.h"

namespace weir {

namespace {

constexpr std::string_view kTooDeep = "lists and maps are nested more than 1024 deep";
static_assert(kMaxDepth == 1024);

template <typename T>
void append_number(T number, std::string& out) {
  char text[32];
  const auto written = std::to_chars(text, text + sizeof text, number);
  out.append(text, written.ptr);
}

void append_double(double number, std::string& out) {
  const size_t start = out.size();
  append_shortest(number, out);
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
}

/// Copies a string as it was spelled in the event.
void append_spelling(const Value& string, std::string& out) {
  const char* close = string.quote + 1;
  if (string.data == close) {
    close += string.size;
  } else {
    while (*close != '"') close += *close == '\\' ? 2 : 1;
  }
  out.append(string.quote, close + 1);
}

std::string write(const Value& value, std::string& out, int depth);

std::string write_list(const ListValue& list, std::string& out, int depth) {
  out += '[';
  for (uint32_t i = 0; i < list.size; ++i) {
    if (i > 0) out += ',';
    std::string problem = write(list.items[i], out, depth + 1);
    if (!problem.empty()) return problem;
  }
  out += ']';
  return {};
}

/// The name that a map's key has in JSON; empty answer and no name if it can have none.
bool append_key_name(const Value& key, std::string& name) {
  switch (key.kind) {
    case Kind::kString:
      name += key.text();
      return true;
    case Kind::kBool:
      name += key.boolean ? "true" : "false";
      return true;
    case Kind::kInt:
      append_number(key.integer, name);
      return true;
    case Kind::kUint:
      append_number(key.unsigned_integer, name);
      return true;
    default:
      return false;
  }
}

std::string write_map(const MapValue& map, std::string& out, int depth) {
  // Keys of one type differ, so their names do. Only keys of several types can clash.
  bool mixed = false;
  for (uint32_t i = 1; i < map.size; ++i) mixed = mixed || map.keys[i].kind != map.keys[0].kind;
  std::unordered_set<std::string> names;
  std::string name;
  out += '{';
  for (uint32_t i = 0; i < map.size; ++i) {
    name.clear();
    if (!append_key_name(map.keys[i], name)) return "a map with such a key has no JSON form";
    if (mixed && !names.insert(name).second)
      return "two keys of a map are both written \"" + name + "\"";
    if (i > 0) out += ',';
    if (map.keys[i].kind == Kind::kString && map.keys[i].quote != nullptr) {
      append_spelling(map.keys[i], out);
    } else {
      write_json_string(name, out);
    }
    out += ':';
    std::string problem = write(map.values[i], out, depth + 1);
    if (!problem.empty()) return problem;
  }
  out += '}';
  return {};
}

/// Why a value that stands `inside` so many lists and objects is nested too deep, or empty.
std::string check_nesting(std::string_view json, int inside) {
  // Most texts are too short to be so deep, and need no look.
  const bool may_be = json.size() / 2 + static_cast<size_t>(inside) > kMaxDepth;
  return may_be && nesting(json) + inside > kMaxDepth ? std::string(kTooDeep) : std::string();
}

std::string write(const Value& value, std::string& out, int depth) {
  const bool has_spelling = value.data != nullptr && value.kind != Kind::kString &&
                            value.kind != Kind::kBytes && value.kind != Kind::kType &&
                            value.kind != Kind::kIp && value.kind != Kind::kCidr &&
                            !value.is_error();
  if (has_spelling) {
    out += value.text();
    return value.kind == Kind::kList || value.kind == Kind::kMap
               ? check_nesting(value.text(), depth - 1)
               : std::string();
  }
  if (depth > kMaxDepth) return std::string(kTooDeep);
  switch (value.kind) {
    case Kind::kNull:
      out += "null";
      return {};
    case Kind::kBool:
      out += value.boolean ? "true" : "false";
      return {};
    case Kind::kInt:
      append_number(value.integer, out);
      return {};
    case Kind::kUint:
      append_number(value.unsigned_integer, out);
      return {};
    case Kind::kDouble:
      if (!std::isfinite(value.real)) {
        return std::isnan(value.real) ? "JSON has no NaN" : "JSON has no infinity";
      }
      append_double(value.real, out);
      return {};
    case Kind::kString:
      if (value.quote != nullptr) {
        append_spelling(value, out);
      } else {
        write_json_string(value.text(), out);
      }
      return {};
    case Kind::kBytes:
      out += '"';
      append_base64(value.text(), out);
      out += '"';
      return {};
    case Kind::kType:
      write_json_string(value.text(), out);
      return {};
    case Kind::kIp:
    case Kind::kCidr: {
      char text[kLongestAddress];
      out += '"';
      out.append(text, put_address(value, text));
      out += '"';
      return {};
    }
    case Kind::kTimestamp:
      out += '"';
      append_timestamp(timestamp_of(value), out);
      out += '"';
      return {};
    case Kind::kDuration:
      out += '"';
      append_duration(duration_of(value), out);
      out += '"';
      return {};
    case Kind::kList:
      if (value.list == nullptr) break;
      return write_list(*value.list, out, depth);
    case Kind::kMap:
      if (value.map == nullptr) break;
      return write_map(*value.map, out, depth);
    case Kind::kOptional:
      return "an optional has no JSON form: add .orValue(...)";
    case Kind::kMissing:
      return "a field is missing";
    case Kind::kError:
      return std::string(value.text());
  }
  return "a list or object without content";
}

}  // namespace

std::string write_json(const Value& value, std::string& out, int inside) {
  return write(value, out, inside + 1);
}

int nesting(std::string_view json) {
  const char* p = json.data();
  const char* const end = p + json.size();
  int depth = 0;
  int deepest = 0;
  while ((p = find_quote_or_bracket(p, end)) < end) {
    if (*p == '"') p = find_closing_quote(p + 1, end);
    if (*p == '{' || *p == '[') deepest = std::max(deepest, ++depth);
    if (*p == '}' || *p == ']') --depth;
    ++p;
  }
  return deepest;
}

Value as_written(const Value& value, Arena& arena) {
  if (!value.is_time() && value.kind != Kind::kBytes && value.kind != Kind::kType) return value;
  std::string json;
  const std::string problem = write_json(value, json);
  if (!problem.empty()) return Value::error(arena.copy(problem));
  return read_json_value(arena.copy(json), arena);
}

void append_shortest(double number, std::string& out) {
  const double magnitude = std::fabs(number);
  const bool fraction = magnitude == 0 || (magnitude >= 1e-5 && magnitude < 1e21);
  char text[40];
  const auto written =
      std::to_chars(text, text + sizeof text, number,
                    fraction ? std::chars_format::fixed : std::chars_format::scientific);
  out.append(text, written.ptr);
}

void write_json_string(std::string_view text, std::string& out) {
  out += '"';
  const char* p = text.data();
  const char* const end = p + text.size();
  uint32_t high = 0;
  while (p < end) {
    const char* const stop = skip_plain_string(p, end, high);
    out.append(p, stop);
    p = stop;
    if (p == end) break;
    const char c = *p++;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        constexpr char kHex[] = "0123456789abcdef";
        out += "\\u00";
        out += kHex[static_cast<unsigned char>(c) >> 4];
        out += kHex[static_cast<unsigned char>(c) & 15];
      }
    }
  }
  out += '"';
}

}  // namespace weir
