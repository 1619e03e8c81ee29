// weir-cel-conformance: runs conformance cases of CEL through the evaluator that the stages use, in
// the standard dialect.
//
//   weir-cel-conformance [--if-there] FILE...
//
// A file has a JSON object on each line: "file", "section" and "name" say where the case stands,
// "expr" is the source, "bindings" the variables by their (possibly dotted) names, "expect" is
// {"value": typed value} or {"error": text}, of which the text counts for nothing. A case with
// "check_only" expects an error of a type checker, which evaluation alone need not have: any
// result is right. Prints each failure and, last, "N passed, N failed".
//
// Exit status: 0 if all passed, 1 if some failed, 2 for a wrong call or file; with --if-there, 77
// if a file is not there.

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cel/typed_value.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "expr/expr.h"

namespace {

using weir::Arena;
using weir::Kind;
using weir::Result;
using weir::Value;
using weir::test::describe;
using weir::test::member;

constexpr int kNotThere = 77;

struct Case {
  std::string title;
  std::string source;
  std::map<std::string, Value> bindings;
  bool expects_error = false;
  bool check_only = false;
  Value expected;
};

std::string text_of(const Value& object, std::string_view name) {
  const Value* const found = member(object, name);
  return found != nullptr && found->kind == Kind::kString ? std::string(found->text())
                                                          : std::string();
}

/// Reads a case from an opened JSON object.
Result<Case> read_case(const Value& object, Arena& arena) {
  Case made;
  const Value* const source = member(object, "expr");
  const Value* const expect = member(object, "expect");
  if (source == nullptr || source->kind != Kind::kString || expect == nullptr) {
    return weir::usage_error("no case: it needs \"expr\" and \"expect\"");
  }
  made.title =
      text_of(object, "file") + "/" + text_of(object, "section") + "/" + text_of(object, "name");
  made.source = source->text();
  made.check_only = member(object, "check_only") != nullptr;
  const Value* const bindings = member(object, "bindings");
  if (bindings != nullptr && bindings->kind == Kind::kMap) {
    for (uint32_t i = 0; i < bindings->map->size; ++i) {
      auto value = weir::test::make_value(bindings->map->values[i], arena);
      if (!value) return std::unexpected(value.error());
      made.bindings.emplace(bindings->map->keys[i].text(), *value);
    }
  }
  const Value* const wanted = member(*expect, "value");
  made.expects_error = wanted == nullptr;
  if (wanted == nullptr) {
    if (member(*expect, "error") == nullptr) return weir::usage_error("nothing is expected");
    return made;
  }
  auto value = weir::test::make_value(*wanted, arena);
  if (!value) return std::unexpected(value.error());
  made.expected = *value;
  return made;
}

/// What becomes of the case; all errors are alike. The result lives as long as `arena` and
/// `program`.
Value evaluate(const Case& tried, Arena& arena, std::vector<weir::expr::Program>& programs) {
  const auto node = weir::expr::parse(tried.source, weir::expr::Dialect::kStandard);
  if (!node) return Value::error(arena.copy(node.error().message));
  weir::PathTable paths;
  auto program =
      weir::expr::Program::compile(**node, tried.source, paths, weir::expr::Dialect::kStandard);
  if (!program) return Value::error(arena.copy(program.error().message));
  std::vector<std::vector<Value>> columns;
  for (int slot = 0; slot < paths.size(); ++slot) {
    const auto bound = tried.bindings.find(paths.path(slot).names.at(0).text);
    columns.push_back({bound == tried.bindings.end() ? Value::missing() : bound->second});
  }
  programs.push_back(std::move(*program));
  return programs.back().eval({columns, 0, arena});
}

/// Runs one case; false if it failed, which is then printed.
bool passes(const Case& tried, Arena& arena) {
  std::vector<weir::expr::Program> programs;
  const Value got = evaluate(tried, arena, programs);
  if (tried.check_only) return true;
  const bool passed = tried.expects_error
                          ? got.is_error()
                          : !got.is_error() && weir::test::same(got, tried.expected, arena);
  if (passed) return true;
  const std::string expected = tried.expects_error ? "an error" : describe(tried.expected, arena);
  std::printf("FAILED %s\n  expression: %s\n  expected:   %s\n  got:        %s\n",
              tried.title.c_str(), tried.source.c_str(), expected.c_str(),
              describe(got, arena).c_str());
  return false;
}

struct Counts {
  int passed = 0;
  int failed = 0;
};

/// Runs the cases of one file; false if it cannot be read.
bool run_file(const std::string& name, Counts& counts) {
  std::ifstream file(name);
  if (!file) {
    std::fprintf(stderr, "weir-cel-conformance: cannot read %s\n", name.c_str());
    return false;
  }
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty()) continue;
    Arena arena;
    Value object = weir::read_json_value(line, arena);
    if (!object.is_error()) object = weir::test::open_all(object, arena);
    const auto tried = read_case(object, arena);
    if (!tried) {
      // A case that this program cannot state is no case that passed.
      std::printf("FAILED %s:%d\n  %s\n", name.c_str(), number, tried.error().message.c_str());
      ++counts.failed;
      continue;
    }
    ++(passes(*tried, arena) ? counts.passed : counts.failed);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> files(argv + 1, argv + argc);
  const bool if_there = !files.empty() && files.front() == "--if-there";
  if (if_there) files.erase(files.begin());
  if (files.empty() || files.front().starts_with("-")) {
    std::fputs("usage: weir-cel-conformance [--if-there] FILE...\n", stderr);
    return 2;
  }
  for (const std::string& name : files) {
    struct stat status;
    if (if_there && ::stat(name.c_str(), &status) != 0) {
      std::printf("skipped: there is no %s\n", name.c_str());
      return kNotThere;
    }
  }
  Counts counts;
  for (const std::string& name : files) {
    if (!run_file(name, counts)) return 2;
  }
  std::printf("%d passed, %d failed\n", counts.passed, counts.failed);
  return counts.failed == 0 ? 0 : 1;
}
