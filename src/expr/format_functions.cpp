// text.format(list), of CEL's "strings" extension.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "event/json_value.h"
#include "expr/arguments.h"
#include "expr/arithmetic.h"

namespace weir::expr {

namespace {

/// Digits behind the point unless the text asks for others, and the most it can ask for.
constexpr int kDefaultPrecision = 6;
constexpr int kMostPrecision = 1000;
/// The longest number is a double in %f: 309 digits, the point and the precision.
constexpr size_t kLongestNumber = 400 + kMostPrecision;

/// A place in the text: %.2f
struct Place {
  char verb = 0;
  int precision = kDefaultPrecision;
};

/// What went wrong, empty if nothing did.
using Problem = std::string;

bool append_special(double number, std::string& out) {
  if (std::isfinite(number)) return false;
  out += std::isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity";
  return true;
}

template <typename... Format>
void append_number(std::string& out, auto number, Format... format) {
  char text[kLongestNumber];
  out.append(text, std::to_chars(text, text + sizeof text, number, format...).ptr);
}

/// All digits of a double, as few as tell it from others, and never an exponent.
void append_plain(double number, std::string& out) {
  if (!append_special(number, out)) append_number(out, number, std::chars_format::fixed);
}

Problem append_text(const Value& value, Arena& arena, std::string& out);

Problem append_list(const ListValue& list, Arena& arena, std::string& out) {
  out += '[';
  for (uint32_t i = 0; i < list.size; ++i) {
    if (i > 0) out += ", ";
    Problem problem = append_text(list.items[i], arena, out);
    if (!problem.empty()) return problem;
  }
  out += ']';
  return {};
}

/// The members in the order of their keys' texts, so that equal maps give equal texts.
Problem append_map(const MapValue& map, Arena& arena, std::string& out) {
  std::vector<std::pair<std::string, const Value*>> members(map.size);
  for (uint32_t i = 0; i < map.size; ++i) {
    Problem problem = append_text(map.keys[i], arena, members[i].first);
    if (!problem.empty()) return problem;
    members[i].second = map.values + i;
  }
  std::ranges::stable_sort(members, {}, &std::pair<std::string, const Value*>::first);
  out += '{';
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ", ";
    out += members[i].first;
    out += ": ";
    Problem problem = append_text(*members[i].second, arena, out);
    if (!problem.empty()) return problem;
  }
  out += '}';
  return {};
}

/// %s: any value, the members of lists and maps included.
Problem append_text(const Value& value, Arena& arena, std::string& out) {
  if (out.size() > kMaxString) return "the text would be longer than 64 MiB";
  switch (value.kind) {
    case Kind::kString:
    case Kind::kType:
      out += value.text();
      return {};
    case Kind::kBytes:
      out += well_formed_utf8(value.text());
      return {};
    case Kind::kInt:
      append_number(out, value.integer);
      return {};
    case Kind::kUint:
      append_number(out, value.unsigned_integer);
      return {};
    case Kind::kDouble:
      append_plain(value.real, out);
      return {};
    case Kind::kList:
    case Kind::kMap: {
      const Value opened = decode_container(value, arena);
      if (opened.is_error()) return std::string(opened.text());
      return value.kind == Kind::kList ? append_list(*opened.list, arena, out)
                                       : append_map(*opened.map, arena, out);
    }
    default:
      break;
  }
  // Times and addresses are written as in an event, but for the quotes.
  std::string json;
  if (value.kind == Kind::kOptional || !write_json(value, json).empty()) {
    return "%s cannot write " + std::string(with_article(value));
  }
  const bool quoted = json.starts_with('"');
  out += std::string_view(json).substr(quoted ? 1 : 0, json.size() - (quoted ? 2 : 0));
  return {};
}

Problem wrong(Place place, std::string_view wanted, const Value& value) {
  return std::string("%") + place.verb + " needs " + std::string(wanted) + ", and this is " +
         std::string(with_article(value));
}

/// %d
Problem append_decimal(Place place, const Value& value, std::string& out) {
  if (value.kind == Kind::kInt) {
    append_number(out, value.integer);
  } else if (value.kind == Kind::kUint) {
    append_number(out, value.unsigned_integer);
  } else if (value.kind == Kind::kDouble) {
    append_plain(value.real, out);
  } else {
    return wrong(place, "a number", value);
  }
  return {};
}

/// %f and %e
Problem append_real(Place place, const Value& value, std::string& out) {
  double number = value.real;
  if (value.kind == Kind::kInt) number = static_cast<double>(value.integer);
  if (value.kind == Kind::kUint) number = static_cast<double>(value.unsigned_integer);
  if (!value.is_number()) return wrong(place, "a number", value);
  if (append_special(number, out)) return {};
  append_number(out, number,
                place.verb == 'f' ? std::chars_format::fixed : std::chars_format::scientific,
                place.precision);
  return {};
}

/// %b, %o and the numbers of %x
Problem append_digits(Place place, const Value& value, int base, std::string& out) {
  if (value.kind == Kind::kInt) {
    append_number(out, value.integer, base);
  } else if (value.kind == Kind::kUint) {
    append_number(out, value.unsigned_integer, base);
  } else if (value.kind == Kind::kBool && base == 2) {
    out += value.boolean ? '1' : '0';
  } else {
    return wrong(place,
                 base == 2   ? "an int, uint or bool"
                 : base == 8 ? "an int or uint"
                             : "an int, uint, string or bytes",
                 value);
  }
  return {};
}

/// %x and %X: a number, or byte by byte
Problem append_hex(Place place, const Value& value, std::string& out) {
  const size_t start = out.size();
  if (value.kind == Kind::kString || value.kind == Kind::kBytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    for (const char c : value.text()) {
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
    }
  } else if (Problem problem = append_digits(place, value, 16, out); !problem.empty()) {
    return problem;
  }
  if (place.verb == 'x') return {};
  std::transform(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
                 out.begin() + static_cast<std::ptrdiff_t>(start),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  return {};
}

Problem append_value(Place place, const Value& value, Arena& arena, std::string& out) {
  // A text field is a number where the place wants one, and %x tells its bytes.
  const Value number = number_of_text(value, arena);
  const Value& read = number.is_error() ? value : number;
  switch (place.verb) {
    case 's':
      return append_text(value, arena, out);
    case 'd':
      return append_decimal(place, read, out);
    case 'b':
      return append_digits(place, read, 2, out);
    case 'o':
      return append_digits(place, read, 8, out);
    case 'x':
    case 'X':
      return append_hex(place, value, out);
    default:
      return append_real(place, read, out);
  }
}

/// Reads the place that starts at text[at], behind the %, and moves behind it.
Problem read_place(std::string_view text, size_t& at, Place& place) {
  if (at < text.size() && text[at] == '.') {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + at + 1, end, place.precision);
    if (read.ec != std::errc{} || place.precision < 0 || place.precision > kMostPrecision) {
      return "behind %. stands a precision from 0 to 1000";
    }
    at = static_cast<size_t>(read.ptr - text.data());
  }
  if (at == text.size()) return "the text ends behind a %: a percent sign is written %%";
  constexpr std::string_view kVerbs = "sdfebxXo";
  place.verb = text[at++];
  if (kVerbs.find(place.verb) != std::string_view::npos) return {};
  std::string sign(1, place.verb);
  while (at < text.size() && (text[at] & 0xc0) == 0x80) sign += text[at++];
  return "there is no %" + sign + ", but %s %d %f %e %b %x %X %o and %%";
}

Value format(const Call& call) {
  if (call[0].kind != Kind::kString) return call.wrong_type(0, "a string");
  if (call[1].kind != Kind::kList) return call.wrong_type(1, "a list of values");
  const Value list = decode_container(call[1], call.arena);
  if (list.is_error()) return list;
  const std::string_view text = call[0].text();
  std::string out;
  Problem problem;
  uint32_t used = 0;
  for (size_t at = 0; at < text.size() && problem.empty();) {
    const size_t percent = std::min(text.find('%', at), text.size());
    out += text.substr(at, percent - at);
    at = percent + 1;
    if (percent == text.size()) break;
    if (at < text.size() && text[at] == '%') {
      out += '%';
      ++at;
      continue;
    }
    Place place;
    problem = read_place(text, at, place);
    if (!problem.empty()) break;
    if (used == list.list->size) {
      problem = "the text has more places than there are values";
      break;
    }
    problem = append_value(place, list.list->items[used++], call.arena, out);
    if (out.size() > kMaxString) problem = "the text would be longer than 64 MiB";
  }
  if (problem.empty() && used < list.list->size) problem = "there are more values than places";
  if (!problem.empty()) return call.fail({"format: ", problem});
  return make_string(call.arena, out);
}

constexpr Function kRows[] = {
    {"format", Function::kMethod, 2, 2, format, kStringType, "text.format(list)",
     "the text with members of the list for %s, %d or %.2f"},
};

}  // namespace

std::span<const Function> format_functions() { return kRows; }

}  // namespace weir::expr
