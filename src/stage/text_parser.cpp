#include "stage/text_parser.h"

#include <algorithm>
#include <utility>

#include "codec/csv_row.h"
#include "codec/logfmt.h"
#include "event/json_bytes.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "expr/expr.h"
#include "expr/pattern.h"

namespace weir {

namespace {

class JsonParser final : public TextParser {
 public:
  Value parse(std::string_view text, int inside, Arena& arena) const override {
    const std::string problem = check_json(text, inside);
    if (!problem.empty()) return Value::error(arena.copy(problem));
    const char* begin = text.data();
    const char* end = begin + text.size();
    begin = skip_space(begin, end);
    while (is_space(end[-1])) --end;
    std::string_view json(begin, static_cast<size_t>(end - begin));
    // Line ends can only be white space between its parts, and an event is one line.
    if (json.find_first_of("\r\n") != std::string_view::npos) {
      char* const line = arena.allocate(json.size());
      std::ranges::transform(json, line, [](char c) { return is_space(c) ? ' ' : c; });
      json = {line, json.size()};
    }
    return read_json_value(json, arena);
  }
};

/// A map of these fields, in the arena.
Value make_map(const std::vector<Value>& keys, const Value* values, Arena& arena) {
  auto* const map = arena.make_array<MapValue>(1);
  *map = {keys.data(), values, static_cast<uint32_t>(keys.size())};
  return Value::of_map(map);
}

class CsvParser final : public TextParser {
 public:
  CsvParser(std::vector<std::string> names, char separator)
      : names_(std::move(names)), separator_(separator) {
    for (const std::string& name : names_) keys_.push_back(Value::of_string(name));
  }

  Value parse(std::string_view text, int, Arena& arena) const override {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (CsvRowEnd(separator_).search(text.data(), text.data() + text.size()) != nullptr) {
      return Value::error("more than one row: a line end stands outside of quotes");
    }
    const bool has_quote = text.find('"') != std::string_view::npos;
    auto* const cells = arena.make_array<Value>(keys_.size());
    size_t count = 0;
    const std::string problem =
        split_csv_row(text, has_quote, separator_, arena, {cells, keys_.size()}, count);
    if (!problem.empty()) return Value::error(arena.copy(problem));
    if (count == keys_.size()) return make_map(keys_, cells, arena);
    return Value::error(arena.copy("row has " + std::to_string(count) +
                                   (count == 1 ? " field" : " fields") + ", --fields names " +
                                   std::to_string(keys_.size())));
  }

 private:
  std::vector<std::string> names_;
  std::vector<Value> keys_;  ///< the names, as values
  char separator_;
};

class LogfmtParser final : public TextParser {
 public:
  Value parse(std::string_view text, int, Arena& arena) const override {
    return read_logfmt(text, arena);
  }
};

class RegexParser final : public TextParser {
 public:
  explicit RegexParser(std::unique_ptr<re2::RE2> pattern) : pattern_(std::move(pattern)) {
    for (const auto& [number, name] : pattern_.mine().CapturingGroupNames()) {
      groups_.push_back({.number = static_cast<size_t>(number), .name = name});
    }
  }

  Value parse(std::string_view text, int, Arena& arena) const override {
    if (text.data() == nullptr) text = "";  // a group that is there and empty must point somewhere
    std::vector<re2::StringPiece> found(groups_.back().number + 1);
    if (!pattern_.mine().Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED,
                               found.data(), static_cast<int>(found.size()))) {
      return Value::error("the pattern does not match");
    }
    auto* const keys = arena.make_array<Value>(groups_.size());
    auto* const values = arena.make_array<Value>(groups_.size());
    uint32_t count = 0;
    for (const Group& group : groups_) {
      const re2::StringPiece& part = found[group.number];
      if (part.data() == nullptr) continue;  // it took no part in the match
      keys[count] = Value::of_string(group.name);
      values[count++] = Value::of_text({part.data(), part.size()});
    }
    auto* const map = arena.make_array<MapValue>(1);
    *map = {keys, values, count};
    return Value::of_map(map);
  }

 private:
  struct Group {
    size_t number;
    std::string name;
  };

  expr::SharedPattern pattern_;
  std::vector<Group> groups_;  ///< those with names, in the order of the pattern
};

}  // namespace

std::unique_ptr<TextParser> make_json_parser() { return std::make_unique<JsonParser>(); }

std::unique_ptr<TextParser> make_csv_parser(std::vector<std::string> names, char separator) {
  return std::make_unique<CsvParser>(std::move(names), separator);
}

std::unique_ptr<TextParser> make_logfmt_parser() { return std::make_unique<LogfmtParser>(); }

Result<std::unique_ptr<TextParser>> make_regex_parser(const std::string& pattern, int64_t memory) {
  const expr::Span all = {0, static_cast<uint32_t>(pattern.size())};
  auto compiled = expr::compile_pattern(pattern, memory);
  if (!compiled) {
    std::string message = "this pattern is wrong: " + compiled.error();
    if (compiled.error().find("(?<") != std::string::npos) {
      message += "; a named group is written (?P<name>...)";
    }
    return usage_error(expr::point_at(pattern, all, message));
  }
  if ((*compiled)->NamedCapturingGroups().empty()) {
    return usage_error(expr::point_at(
        pattern, all, "this pattern names no group: each (?P<name>...) becomes a field"));
  }
  if ((*compiled)->NamedCapturingGroups().size() < (*compiled)->CapturingGroupNames().size()) {
    return usage_error(expr::point_at(pattern, all, "two groups of this pattern have one name"));
  }
  return std::make_unique<RegexParser>(std::move(*compiled));
}

}  // namespace weir
