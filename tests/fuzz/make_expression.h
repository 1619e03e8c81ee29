// Expressions that are mostly well formed, made of arbitrary bytes.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "decisions.h"
#include "expr/function.h"
#include "make_event.h"

namespace weir {

/// A function, and the words that its usage calls its arguments by, the receiver's first.
struct Callable {
  const expr::Function* function;
  std::vector<std::string> words;
};

/// "text.indexOf(part[, from])" has the words text, part, from.
inline std::vector<std::string> words_of(const expr::Function& function) {
  std::string_view usage = function.usage;
  usage = usage.substr(0, usage.find(" or "));
  const size_t open = usage.find(std::string(function.name) + "(");
  if (open == std::string_view::npos) return {};
  std::vector<std::string> words;
  if (open > 1) words.emplace_back(usage.substr(0, open - 1));
  const size_t behind = open + function.name.size() + 1;
  const size_t close = std::max(usage.rfind(')'), behind);
  std::string word;
  for (const char c : std::string(usage.substr(behind, close - behind)) + ",") {
    if (c >= 'a' && c <= 'z') word += c;
    if (c != ',') continue;
    if (!word.empty()) words.push_back(word);
    word.clear();
  }
  return words;
}

/// All functions that there are, so that a new one is tried without being named here.
inline const std::vector<Callable>& callables() {
  static const std::vector<Callable> all = [] {
    std::vector<Callable> found;
    for (const std::string_view name : expr::function_names()) {
      for (const bool method : {false, true}) {
        for (size_t arguments = 0; arguments < 6; ++arguments) {
          const expr::Function* const function = expr::find_function(name, method, arguments);
          const auto same = [&](const Callable& one) { return one.function == function; };
          if (function == nullptr || std::ranges::any_of(found, same)) continue;
          found.push_back({function, words_of(*function)});
        }
      }
    }
    return found;
  }();
  return all;
}

/// Makes texts of the language's grammar. Fields are those of events by EventMaker, so that
/// expressions meet values; arguments are mostly of the kind that the function wants.
class Maker {
 public:
  explicit Maker(Decisions& decisions) : decisions_(decisions) {}

  std::string expression(int depth = 0) {
    if (depth > kMaxDepth || !decisions_.left()) return leaf();
    switch (decisions_.below(16)) {
      case 0:
        return leaf();
      case 1:
      case 2:
        return "(" + expression(depth + 1) + decisions_.of(kOperators) + expression(depth + 1) +
               ")";
      case 3:
        return decisions_.of(kPrefixes) + "(" + expression(depth + 1) + ")";
      case 4:
        return "(" + expression(depth + 1) + " ? " + expression(depth + 1) + " : " +
               expression(depth + 1) + ")";
      case 5:
        return list(depth);
      case 6:
        return map(depth);
      case 7:
        return expression(depth + 1) + decisions_.of(kBrackets) + expression(depth + 1) + "]";
      case 8:
        return expression(depth + 1) + decisions_.of(kDots) + decisions_.of(kFields);
      case 9:
        return "has(" + expression(depth + 1) + "." + decisions_.of(kFields) + ")";
      case 10:
      case 11:
        return macro(depth);
      default:
        return call(callables()[decisions_.below(callables().size())], depth);
    }
  }

 private:
  static constexpr int kMaxDepth = 6;
  static constexpr std::array<std::string_view, 38> kLeaves = {
      "a",
      "b",
      "c",
      "d",
      "x",
      "y",
      "a.b",
      "a.?b",
      "this",
      "this['a.b']",
      "meta.line",
      "null",
      "true",
      "false",
      "''",
      "b'\\xff'",
      "[]",
      "{}",
      "[3, 1, 2, 1.0, 2u]",
      "['b', 'a', '']",
      "[[1, [2]], [], [[[3]]]]",
      "{'a': {'b': [1]}, 1: 2, true: null}",
      "int",
      "timestamp",
      "optional.none()",
      "optional.of(a)",
      "double('NaN')",
      "double('-Infinity')",
      "lists.range(40)",
      "timestamp(0)",
      "timestamp('9999-12-31T23:59:59.999999999Z')",
      "timestamp('2026-03-29T00:59:59.5Z')",
      "duration('-0.5s')",
      "duration('315576000000s')",
      "ip('::1')",
      "ip('10.1.2.3')",
      "cidr('10.0.0.0/8')",
      "cidr('::/0')"};
  static constexpr std::array<std::string_view, 15> kNumbers = {"0",
                                                                "1",
                                                                "-1",
                                                                "3",
                                                                "2u",
                                                                "63",
                                                                "64",
                                                                "4294967296",
                                                                "9223372036854775807",
                                                                "-9223372036854775808",
                                                                "18446744073709551615u",
                                                                "0.5",
                                                                "-0.0",
                                                                "1e308",
                                                                "5e-324"};
  static constexpr std::array<std::string_view, 18> kTexts = {"'a'",
                                                              "'12'",
                                                              "''",
                                                              "'\\u00e9z\\U0001F600'",
                                                              "'a,b,,c'",
                                                              "'\\000\"\\\\/'",
                                                              "'2026-11-24T10:00:00+01:00'",
                                                              "'1h2m3.5s'",
                                                              "'Europe/Berlin'",
                                                              "'-02:00'",
                                                              "'%Y-%m-%d %H:%M:%S.%f%z'",
                                                              "'%s %d %.3f %x %X %e %b %o %%'",
                                                              "'[a-c]+|(b)$'",
                                                              "'(\\\\w)(\\\\d*)'",
                                                              "'\\\\0-\\\\1'",
                                                              "'10.1.2.3'",
                                                              "'2001:db8::/32'",
                                                              "'YWJj+/8='"};
  static constexpr std::array<std::string_view, 14> kOperators = {" + ",  " - ",  " * ",  " / ",
                                                                  " % ",  " == ", " != ", " < ",
                                                                  " <= ", " > ",  " >= ", " && ",
                                                                  " || ", " in "};
  static constexpr std::array<std::string_view, 2> kPrefixes = {"!", "-"};
  static constexpr std::array<std::string_view, 3> kBrackets = {"[", "[", "[?"};
  static constexpr std::array<std::string_view, 3> kDots = {".", ".", ".?"};
  static constexpr std::array<std::string_view, 7> kMacros = {
      "all", "exists", "exists_one", "map", "filter", "existsOne", "sortBy"};
  static constexpr std::array<std::string_view, 6> kPairMacros = {
      "all", "exists", "existsOne", "transformList", "transformMap", "transformMapEntry"};
  static constexpr std::array<std::string_view, 2> kOptionalMacros = {"optMap", "optFlatMap"};

  std::string leaf() {
    switch (decisions_.below(4)) {
      case 0:
        return decisions_.of(kNumbers);
      case 1:
        return decisions_.of(kTexts);
      default:
        return decisions_.of(kLeaves);
    }
  }

  /// What gives `kind`, if it is not one of the few things that give anything.
  std::string of_kind(Kind kind, int depth) {
    if (depth > kMaxDepth || decisions_.below(4) == 0) return leaf();
    if (kind == Kind::kList && decisions_.below(3) == 0) return list(depth);
    std::vector<const Callable*> fit;
    for (const Callable& one : callables()) {
      if (one.function->result.kind == kind) fit.push_back(&one);
    }
    return fit.empty() ? leaf() : call(*fit[decisions_.below(fit.size())], depth);
  }

  /// An argument that a usage calls by this word.
  std::string argument(std::string_view word, int depth) {
    if (depth > kMaxDepth) return leaf();
    const size_t choice = decisions_.below(8);
    if (choice == 0) return expression(depth + 1);
    if (choice == 1) return decisions_.of(kFields);
    if (word == "list" || word == "other" || word == "part") return of_kind(Kind::kList, depth + 1);
    if (word == "optional" || word == "otherwise") return of_kind(Kind::kOptional, depth + 1);
    if (word == "time") return of_kind(choice < 5 ? Kind::kTimestamp : Kind::kDuration, depth + 1);
    if (word.starts_with("ip") || word == "address") return of_kind(Kind::kIp, depth + 1);
    if (word.starts_with("cidr") || word == "range") return of_kind(Kind::kCidr, depth + 1);
    if (word == "bytes") return of_kind(Kind::kBytes, depth + 1);
    if (word.size() == 1) return decisions_.of(kNumbers);
    constexpr std::array<std::string_view, 8> kCounts = {"from", "to",    "position", "count",
                                                         "last", "limit", "depth",    "places"};
    if (std::ranges::find(kCounts, word) != kCounts.end()) return decisions_.of(kNumbers);
    return choice < 6 ? decisions_.of(kTexts) : of_kind(Kind::kString, depth + 1);
  }

  std::string call(const Callable& callable, int depth) {
    const expr::Function& function = *callable.function;
    const size_t most = std::min<size_t>(function.most, 5);
    const size_t count = function.least + decisions_.below(most - function.least + 1);
    const auto word = [&](size_t i) {
      return callable.words.empty() ? std::string()
                                    : callable.words[std::min(i, callable.words.size() - 1)];
    };
    const bool method = function.style == expr::Function::kMethod ||
                        (function.style == expr::Function::kBoth && decisions_.below(2) == 1);
    std::string text;
    if (method) text = argument(word(0), depth) + ".";
    text += std::string(function.name) + "(";
    for (size_t i = method ? 1 : 0; i < count; ++i) {
      if (!text.ends_with('(')) text += ", ";
      text += argument(word(i), depth);
    }
    return text + ")";
  }

  /// A `?` in front of some members of lists and maps, which are mostly optionals then.
  std::string entry(int depth, std::string_view key) {
    if (decisions_.below(6) != 1) return std::string(key) + expression(depth + 1);
    return "?" + std::string(key) + of_kind(Kind::kOptional, depth + 1);
  }

  std::string list(int depth) {
    std::string text = "[";
    for (size_t i = decisions_.below(4); i > 0; --i) {
      if (text.size() > 1) text += ", ";
      text += entry(depth, "");
    }
    return text + "]";
  }

  std::string map(int depth) {
    std::string text = "{";
    for (size_t i = decisions_.below(4); i > 0; --i) {
      if (text.size() > 1) text += ", ";
      text += entry(depth, expression(depth + 1) + ": ");
    }
    return text + "}";
  }

  std::string macro(int depth) {
    const std::string variable = decisions_.of(kFields).substr(0, 1);
    switch (decisions_.below(6)) {
      case 0:
        return "cel.bind(" + variable + ", " + expression(depth + 1) + ", " +
               expression(depth + 1) + ")";
      case 1:
        return of_kind(Kind::kOptional, depth + 1) + "." + decisions_.of(kOptionalMacros) + "(" +
               variable + ", " + expression(depth + 1) + ")";
      case 2:
      case 3:
        return loop(depth, decisions_.of(kPairMacros), variable + ", v");
      default:
        return loop(depth, decisions_.of(kMacros), variable);
    }
  }

  std::string loop(int depth, const std::string& name, const std::string& variables) {
    std::string text = expression(depth + 1) + "." + name + "(" + variables + ", ";
    const bool conditional = name == "map" || name.starts_with("transform");
    if (conditional && decisions_.below(2) == 1) text += expression(depth + 1) + ", ";
    if (name == "transformMapEntry") return text + map(depth + 1) + ")";
    return text + expression(depth + 1) + ")";
  }

  Decisions& decisions_;
};

}  // namespace weir
