// Functions of CEL's "regex" extension.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "expr/arguments.h"
#include "expr/pattern.h"
#include "expr/text.h"
#include "expr/weight.h"

namespace weir::expr {

namespace {

/// Groups that a replacement can name: \0 is the whole match, \1 to \9 are the others.
constexpr int kMostGroups = 10;
using Groups = std::array<re2::StringPiece, kMostGroups>;

/// Bytes that are left behind a match and count as one step.
constexpr uint64_t kSearchShare = 1024;

/// The pattern of a call: compiled with the expression, or now.
class CallPattern {
 public:
  explicit CallPattern(const Call& call) : pattern_(call.pattern) {
    for (size_t i = 0; i < call.size() && i < 3; ++i) {
      if (call[i].kind == Kind::kString) continue;
      problem_ = call.wrong_type(i, "strings");
      return;
    }
    if (pattern_ != nullptr) return;
    auto compiled = compile_pattern(call[1].text(), call.pattern_memory);
    if (!compiled) {
      problem_ = call.fail({"the pattern of ", call.name, " is wrong: ", compiled.error()});
      return;
    }
    // Making an automaton of the pattern takes far longer than reading it.
    call.spend(static_cast<uint64_t>((*compiled)->ProgramSize()));
    compiled_ = std::move(*compiled);
    pattern_ = compiled_.get();
  }

  /// What is wrong with the strings or the pattern; kNull if nothing is.
  const Value& problem() const { return problem_; }
  const re2::RE2& operator*() const { return *pattern_; }

 private:
  const re2::RE2* pattern_;
  std::unique_ptr<re2::RE2> compiled_;
  Value problem_ = Value::null();
};

std::string_view view(const re2::StringPiece& piece) { return {piece.data(), piece.size()}; }

/// Calls `f(groups)` for all matches that do not overlap, from left to right, until it answers
/// false. An empty match right behind another does not count, as in Go's regexp, which the
/// extension is defined by.
template <typename F>
void each_match(const Call& call, const re2::RE2& pattern, std::string_view text, int count,
                F&& f) {
  const re2::StringPiece whole(text.data(), text.size());
  Groups groups;
  const char* last_end = nullptr;
  for (size_t at = 0; at <= text.size();) {
    // A search may look at all the rest to find a short match, so many of them may be quadratic;
    // as a rule it looks at little.
    call.spend(1 + search_cost(pattern, text.substr(at)) / kSearchShare);
    if (call.steps != nullptr && *call.steps < 0) return;
    if (!pattern.Match(whole, at, text.size(), re2::RE2::UNANCHORED, groups.data(), count)) return;
    const std::string_view match = view(groups[0]);
    const char* const end = match.data() + match.size();
    const bool counts = !match.empty() || match.data() != last_end;
    const auto next = static_cast<size_t>(end - text.data());
    at = next > at ? next : at + std::max<size_t>(1, code_point_offset(text.substr(at), 1));
    last_end = end;
    if (counts && !f(groups)) return;
  }
}

/// Why `replacement` does not fit a pattern with so many groups; kNull if it does.
Value check_replacement(const Call& call, std::string_view replacement, int groups) {
  for (size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\') continue;
    const char next = ++i < replacement.size() ? replacement[i] : '\0';
    if (next == '\\') continue;
    if (next < '0' || next > '9') {
      return call.fail({"behind a \\ in the replacement stands a digit or another \\"});
    }
    if (next - '0' > groups) {
      return call.fail({"the replacement names group ", replacement.substr(i, 1),
                        ", and the pattern has only ", std::to_string(groups)});
    }
  }
  return Value::null();
}

void append_replacement(std::string_view replacement, const Groups& groups, std::string& out) {
  for (size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\') {
      out += replacement[i];
    } else if (replacement[++i] == '\\') {
      out += '\\';
    } else {
      out += view(groups[static_cast<size_t>(replacement[i] - '0')]);
    }
  }
}

Value replace(const Call& call) {
  const CallPattern pattern(call);
  if (pattern.problem().is_error()) return pattern.problem();
  int64_t left = -1;
  if (call.size() > 3 && !read_int(call, 3, left)) return call.wrong_type(3, "an int as count");
  const std::string_view text = call[0].text();
  const std::string_view with = call[2].text();
  const int groups = (*pattern).NumberOfCapturingGroups();
  if (const Value problem = check_replacement(call, with, groups); problem.is_error()) {
    return problem;
  }
  if (left == 0) return call[0];
  std::string out;
  size_t at = 0;
  each_match(call, *pattern, text, std::min(groups + 1, kMostGroups), [&](const Groups& match) {
    const auto begin = static_cast<size_t>(match[0].data() - text.data());
    out += text.substr(at, begin - at);
    append_replacement(with, match, out);
    at = begin + match[0].size();
    if (left > 0) --left;
    return left != 0 && out.size() <= kMaxString;
  });
  if (out.size() > kMaxString) return call.fail({"the text would be longer than 64 MiB"});
  out += text.substr(at);
  return make_string(call.arena, out);
}

/// extract and extractAll give one text for a match, so one group may be picked out at most.
Value check_one_group(const Call& call, const re2::RE2& pattern) {
  if (pattern.NumberOfCapturingGroups() <= 1) return Value::null();
  return call.fail({"the pattern of ", call.name,
                    " has more than one group: write (?:...) for those that pick nothing out"});
}

Value extract(const Call& call) {
  const CallPattern pattern(call);
  if (pattern.problem().is_error()) return pattern.problem();
  if (const Value problem = check_one_group(call, *pattern); problem.is_error()) return problem;
  const auto group = static_cast<size_t>((*pattern).NumberOfCapturingGroups());
  Value found = Value::of_optional(nullptr);
  each_match(call, *pattern, call[0].text(), static_cast<int>(group) + 1, [&](const Groups& match) {
    const std::string_view part = view(match[group]);
    if (group == 0 || !part.empty()) found = make_optional(Value::of_string(part), call.arena);
    return false;
  });
  return found;
}

Value extract_all(const Call& call) {
  const CallPattern pattern(call);
  if (pattern.problem().is_error()) return pattern.problem();
  if (const Value problem = check_one_group(call, *pattern); problem.is_error()) return problem;
  const auto group = static_cast<size_t>((*pattern).NumberOfCapturingGroups());
  std::vector<Value> found;
  each_match(call, *pattern, call[0].text(), static_cast<int>(group) + 1, [&](const Groups& match) {
    const std::string_view part = view(match[group]);
    // A group that took no part in the match, or nothing of it, gives nothing.
    if (group == 0 || !part.empty()) found.push_back(Value::of_string(part));
    return found.size() <= kMaxMembers;
  });
  return make_list(call.arena, found);
}

constexpr Function kRows[] = {
    {"regex.replace", Function::kGlobal, 3, 4, replace, kStringType,
     "regex.replace(text, pattern, new[, count])",
     "the text with what matches replaced; \\1 is a group", 1},
    {"regex.extract", Function::kGlobal, 2, 2, extract, kOptionalType,
     "regex.extract(text, pattern)", "an optional of the first match, or of its one group", 1},
    {"regex.extractAll", Function::kGlobal, 2, 2, extract_all, kStringsType,
     "regex.extractAll(text, pattern)", "all matches, or what their one group is", 1},
};

}  // namespace

std::span<const Function> regex_functions() { return kRows; }

}  // namespace weir::expr
