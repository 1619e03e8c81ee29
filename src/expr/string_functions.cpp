// Functions on strings: CEL's own, and those of its "strings" extension.
#include <algorithm>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "event/json_value.h"
#include "expr/arguments.h"
#include "expr/function.h"
#include "expr/pattern.h"
#include "expr/text.h"

namespace weir::expr {

namespace {

/// The first argument that is no string, or call.size().
size_t first_other(const Call& call, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (call[i].kind != Kind::kString) return i;
  }
  return call.size();
}

Value need_strings(const Call& call, size_t i) { return call.wrong_type(i, "strings"); }

Value contains(const Call& call) {
  if (const size_t i = first_other(call, 2); i < 2) return need_strings(call, i);
  return Value::of(call[0].text().find(call[1].text()) != std::string_view::npos);
}

Value starts_with(const Call& call) {
  if (const size_t i = first_other(call, 2); i < 2) return need_strings(call, i);
  return Value::of(call[0].text().starts_with(call[1].text()));
}

Value ends_with(const Call& call) {
  if (const size_t i = first_other(call, 2); i < 2) return need_strings(call, i);
  return Value::of(call[0].text().ends_with(call[1].text()));
}

Value matches(const Call& call) {
  if (const size_t i = first_other(call, 2); i < 2) return need_strings(call, i);
  const auto pattern = compile_pattern(call[1].text(), call.pattern_memory);
  // The message has the pattern in it, which may be as long as an event.
  if (!pattern) {
    return call.fail({"the pattern of matches is wrong: ", beginning(pattern.error(), 200)});
  }
  // Making an automaton of the pattern takes far longer than reading it.
  call.spend(static_cast<uint64_t>((*pattern)->ProgramSize()));
  call.spend(search_cost(**pattern, call[0].text()) / 64);
  return Value::of(search(**pattern, call[0].text()));
}

template <char kFirst, char kLast, int kShift>
Value change_case(const Call& call) {
  if (call[0].kind != Kind::kString) return need_strings(call, 0);
  const std::string_view text = call[0].text();
  const auto changes = [](char c) { return c >= kFirst && c <= kLast; };
  if (std::ranges::none_of(text, changes)) return Value::of_string(text);
  char* const to = call.arena.allocate(text.size());
  std::ranges::transform(text, to,
                         [&](char c) { return changes(c) ? static_cast<char>(c + kShift) : c; });
  return Value::of_string({to, text.size()});
}
constexpr auto lower = change_case<'A', 'Z', 'a' - 'A'>;
constexpr auto upper = change_case<'a', 'z', 'A' - 'a'>;

/// The bytes of the Unicode white space (property White_Space) that `text` starts with, or 0.
size_t space_at(std::string_view text) {
  const auto starts = [&](std::string_view space) { return text.starts_with(space); };
  if (text.empty()) return 0;
  const char c = text[0];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (starts("\xc2\x85") || starts("\xc2\xa0")) return 2;
  if (starts("\xe1\x9a\x80") || starts("\xe3\x80\x80") || starts("\xe2\x81\x9f")) return 3;
  if (starts("\xe2\x80") && text.size() > 2) {
    const auto last = static_cast<unsigned char>(text[2]);
    if ((last >= 0x80 && last <= 0x8a) || last == 0xa8 || last == 0xa9 || last == 0xaf) return 3;
  }
  return 0;
}

Value trim(const Call& call) {
  if (call[0].kind != Kind::kString) return need_strings(call, 0);
  std::string_view text = call[0].text();
  while (const size_t blank = space_at(text)) text.remove_prefix(blank);
  for (bool more = true; more && !text.empty();) {
    size_t last = text.size() - 1;
    while (last > 0 && is_continuation(text[last]) && text.size() - last < 4) --last;
    more = space_at(text.substr(last)) == text.size() - last;
    if (more) text = text.substr(0, last);
  }
  return Value::of_string(text);
}

Value char_at(const Call& call) {
  if (call[0].kind != Kind::kString) return need_strings(call, 0);
  int64_t index = 0;
  if (!read_int(call, 1, index)) return call.wrong_type(1, "an int as position");
  const std::string_view text = call[0].text();
  const size_t count = count_code_points(text);
  if (index < 0 || static_cast<uint64_t>(index) > count)
    return call.fail({"the position is outside of the text"});
  const std::string_view rest = text.substr(code_point_offset(text, static_cast<size_t>(index)));
  return Value::of_string(rest.substr(0, code_point_offset(rest, 1)));
}

Value found_at(std::string_view text, size_t offset) {
  if (offset == std::string_view::npos) return Value::of_int(-1);
  return Value::of_int(static_cast<int64_t>(count_code_points(text.substr(0, offset))));
}

Value index_of(const Call& call) {
  if (const size_t i = first_other(call, 2); i < 2) return need_strings(call, i);
  const std::string_view text = call[0].text();
  int64_t from = 0;
  if (call.size() > 2 && !read_int(call, 2, from)) return call.wrong_type(2, "an int as position");
  if (from < 0) return call.fail({"the position is outside of the text"});
  if (static_cast<uint64_t>(from) > count_code_points(text)) return Value::of_int(-1);
  return found_at(text,
                  text.find(call[1].text(), code_point_offset(text, static_cast<size_t>(from))));
}

Value last_index_of(const Call& call) {
  if (const size_t i = first_other(call, 2); i < 2) return need_strings(call, i);
  const std::string_view text = call[0].text();
  size_t before = std::string_view::npos;
  if (call.size() > 2) {
    int64_t last = 0;
    if (!read_int(call, 2, last)) return call.wrong_type(2, "an int as position");
    if (last < 0) return call.fail({"the position is outside of the text"});
    if (static_cast<uint64_t>(last) > count_code_points(text)) return Value::of_int(-1);
    before = code_point_offset(text, static_cast<size_t>(last));
  }
  return found_at(text, text.rfind(call[1].text(), before));
}

Value substring(const Call& call) {
  if (call[0].kind != Kind::kString) return need_strings(call, 0);
  const std::string_view text = call[0].text();
  const auto count = static_cast<int64_t>(count_code_points(text));
  int64_t from = 0;
  int64_t to = count;
  if (!read_int(call, 1, from)) return call.wrong_type(1, "an int as position");
  if (call.size() > 2 && !read_int(call, 2, to)) return call.wrong_type(2, "an int as position");
  if (from < 0 || to < 0 || from > count || to > count) {
    return call.fail({"the position is outside of the text"});
  }
  if (from > to) return call.fail({"the start of substring lies behind its end"});
  const size_t begin = code_point_offset(text, static_cast<size_t>(from));
  const size_t length = code_point_offset(text.substr(begin), static_cast<size_t>(to - from));
  return Value::of_string(text.substr(begin, length));
}

Value replace(const Call& call) {
  if (const size_t i = first_other(call, 3); i < 3) return need_strings(call, i);
  int64_t left = -1;
  if (call.size() > 3 && !read_int(call, 3, left)) return call.wrong_type(3, "an int as count");
  const std::string_view text = call[0].text();
  const std::string_view old = call[1].text();
  const std::string_view with = call[2].text();
  std::string out;
  size_t at = 0;
  while (left != 0) {
    const size_t found = text.find(old, at);
    if (found == std::string_view::npos) break;
    out += text.substr(at, found - at);
    out += with;
    if (out.size() > kMaxString) return call.fail({"the text would be longer than 64 MiB"});
    at = found + old.size();
    if (left > 0) --left;
    if (!old.empty()) continue;
    // An empty text stands between all code points and at both ends.
    if (at == text.size()) break;
    const size_t next = at + code_point_offset(text.substr(at), 1);
    out += text.substr(at, next - at);
    at = next;
  }
  out += text.substr(at);
  return make_string(call.arena, out);
}

Value split(const Call& call) {
  if (const size_t i = first_other(call, 2); i < 2) return need_strings(call, i);
  int64_t limit = -1;
  if (call.size() > 2 && !read_int(call, 2, limit)) return call.wrong_type(2, "an int as limit");
  std::string_view text = call[0].text();
  const std::string_view separator = call[1].text();
  std::vector<Value> parts;
  if (limit == 0) return make_list(call.arena, parts);
  while (limit < 0 || static_cast<int64_t>(parts.size()) + 1 < limit) {
    size_t end = text.find(separator);
    if (separator.empty()) end = text.empty() ? std::string_view::npos : code_point_offset(text, 1);
    if (end == std::string_view::npos || (separator.empty() && end == text.size())) break;
    parts.push_back(Value::of_string(text.substr(0, end)));
    text.remove_prefix(end + separator.size());
  }
  if (!separator.empty() || !text.empty()) parts.push_back(Value::of_string(text));
  return make_list(call.arena, parts);
}

Value join(const Call& call) {
  if (call[0].kind != Kind::kList) return call.wrong_type(0, "a list of strings");
  if (call.size() > 1 && call[1].kind != Kind::kString)
    return call.wrong_type(1, "a string as separator");
  const Value list = decode_container(call[0], call.arena);
  if (list.is_error()) return list;
  std::string out;
  for (uint32_t i = 0; i < list.list->size; ++i) {
    const Value& item = list.list->items[i];
    if (item.kind != Kind::kString) {
      return call.fail({"join needs a list of strings, and one member is ", with_article(item)});
    }
    if (i > 0 && call.size() > 1) out += call[1].text();
    out += item.text();
    if (out.size() > kMaxString) return call.fail({"the text would be longer than 64 MiB"});
  }
  return make_string(call.arena, out);
}

Value quote(const Call& call) {
  if (call[0].kind != Kind::kString) return need_strings(call, 0);
  constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  std::string out = "\"";
  for (const char c : well_formed_utf8(call[0].text())) {
    if (const size_t at = kEscaped.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else {
      out += c;
    }
  }
  out += '"';
  return make_string(call.arena, out);
}

/// Of a string, and of a list.
Value reverse(const Call& call) {
  if (call[0].kind == Kind::kList) {
    const Value list = decode_container(call[0], call.arena);
    if (list.is_error()) return list;
    std::vector<Value> items(list.list->items, list.list->items + list.list->size);
    std::ranges::reverse(items);
    return make_list(call.arena, items);
  }
  if (call[0].kind != Kind::kString) return call.wrong_type(0, "a string or a list");
  std::string_view text = call[0].text();
  char* const start = call.arena.allocate(text.size());
  char* to = start + text.size();
  while (!text.empty()) {
    const size_t length = code_point_offset(text, 1);
    to -= length;
    std::ranges::copy(text.substr(0, length), to);
    text.remove_prefix(length);
  }
  return Value::of_string({start, call[0].size});
}

constexpr Function kRows[] = {
    {"contains", Function::kMethod, 2, 2, contains, kBoolType, "text.contains(part)",
     "whether the part is in the text"},
    {"startsWith", Function::kMethod, 2, 2, starts_with, kBoolType, "text.startsWith(prefix)",
     "whether the text begins with it"},
    {"endsWith", Function::kMethod, 2, 2, ends_with, kBoolType, "text.endsWith(suffix)",
     "whether the text ends with it"},
    {"matches", Function::kBoth, 2, 2, matches, kBoolType, "text.matches(pattern)",
     "whether a regular expression is found in the text", 1},
    {"lower", Function::kGlobal, 1, 1, lower, kStringType, "lower(text)",
     "the text with its ASCII letters in lower case"},
    {"upper", Function::kGlobal, 1, 1, upper, kStringType, "upper(text)",
     "the text with its ASCII letters in upper case"},
    {"lowerAscii", Function::kMethod, 1, 1, lower, kStringType, "text.lowerAscii()",
     "the same as lower(text)"},
    {"upperAscii", Function::kMethod, 1, 1, upper, kStringType, "text.upperAscii()",
     "the same as upper(text)"},
    {"trim", Function::kMethod, 1, 1, trim, kStringType, "text.trim()",
     "the text without white space at its ends"},
    {"charAt", Function::kMethod, 2, 2, char_at, kStringType, "text.charAt(position)",
     "the character there, counted from 0"},
    {"indexOf", Function::kMethod, 2, 3, index_of, kIntType, "text.indexOf(part[, from])",
     "where the part first stands, or -1"},
    {"lastIndexOf", Function::kMethod, 2, 3, last_index_of, kIntType,
     "text.lastIndexOf(part[, last])", "where the part last stands, or -1"},
    {"substring", Function::kMethod, 2, 3, substring, kStringType, "text.substring(from[, to])",
     "the text from a position up to another"},
    {"replace", Function::kMethod, 3, 4, replace, kStringType, "text.replace(old, new[, count])",
     "the text with all, or so many, parts replaced"},
    {"split", Function::kMethod, 2, 3, split, kStringsType, "text.split(separator[, limit])",
     "the parts of the text, so many at most"},
    {"join", Function::kMethod, 1, 2, join, kStringType, "list.join([separator])",
     "the texts of the list as one"},
    {"reverse", Function::kMethod, 1, 1, reverse, kAnyType, "text.reverse() or list.reverse()",
     "the same from its end to its beginning"},
    {"strings.quote", Function::kGlobal, 1, 1, quote, kStringType, "strings.quote(text)",
     "the text as one writes it in an expression"},
};

}  // namespace

std::span<const Function> string_functions() { return kRows; }

}  // namespace weir::expr
