// The expression language (CEL) as the stages use it: parse, compile, evaluate.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "event/batch.h"
#include "event/path.h"
#include "event/value.h"
#include "expr/ast.h"
#include "expr/limits.h"

namespace weir::expr {

/// An expression that a person gave, with or without a name in front: `secs = latency / 1000`,
/// `service`, `lower(host)`.
struct Named {
  Path target;       ///< what stands before `=`; for a bare field the field itself
  std::string name;  ///< the target as text; without one, the expression as it was written
  bool has_name = false;
  std::string source;  ///< the whole text it came from, which the spans of `node` count in
  NodePtr node;
};

/// Parses one expression. Errors are of kind kUsage and carry the source and a caret under the
/// place.
/// In the standard dialect a name may have a dot in front.
Result<NodePtr> parse(std::string_view source, Dialect dialect = Dialect::kEvents,
                      const Limits& limits = {});
/// Parses `TARGET = EXPRESSION`, where TARGET is a path of names (`a.b`, `this['a.b']`).
Result<Named> parse_assignment(std::string_view source, const Limits& limits = {});
/// Parses expressions between top-level commas, each with or without `NAME =` in front.
Result<std::vector<Named>> parse_list(std::string_view source, const Limits& limits = {});

/// Parses names of fields between commas: `a`, `b.c`, `this['d.e']`. The event as a whole and
/// `meta` are no fields.
Result<std::vector<Path>> parse_fields(std::string_view source);
/// The same for several words.
Result<std::vector<Path>> parse_fields(std::span<const std::string> words);

/// Parses `NEW = OLD` between commas: each OLD names a field, or the event or `meta`.
Result<std::vector<Named>> parse_renamings(std::string_view source);

/// Parses the name of one field.
Result<Path> parse_field(std::string_view source);

/// The message of an error in an expression: what is wrong, the line of the source that it is in,
/// and a caret under the columns of `span` (counted in code points).
std::string point_at(std::string_view source, Span span, std::string_view message);

/// Whether parts without fields and variables are evaluated, and constant patterns compiled, once
/// and for all. Results are the same either way; tests compare the two.
enum class Folding : uint8_t { kOn, kOff };

/// What an expression is evaluated on: row `row` of `columns` (by slot, as in Batch).
struct Frame {
  const std::vector<std::vector<Value>>& columns;
  uint32_t row;
  Arena& arena;  ///< for strings, lists and maps that the expression makes, and for error texts
};

/// A compiled expression. Constant, and safe to evaluate on several threads (a frame each).
class Program {
 public:
  /// Compiles `node`, which was parsed from `source`: resolves fields to slots of `paths`, folds
  /// constants, compiles constant patterns, checks names and numbers of arguments. Errors are of
  /// kind kUsage, with a caret.
  /// In the standard dialect unknown names and functions are errors of `eval` instead.
  static Result<Program> compile(const Node& node, std::string_view source, PathTable& paths,
                                 Dialect dialect = Dialect::kEvents, const Limits& limits = {},
                                 Folding folding = Folding::kOn);
  /// Parses an expression over events (see `parse`), and compiles it.
  static Result<Program> of(std::string_view source, PathTable& paths, const Limits& limits);

  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  /// The value for one row: a value, kMissing (a field that is not there decided), or kError with
  /// its reason. Never throws. The result lives as long as the frame's batch and arena.
  Value eval(const Frame& frame) const;

  /// The slots it reads, each once.
  const std::vector<int>& slots() const;
  /// Those of them that are read as fields of the event, without has() asking whether they are
  /// there.
  std::vector<int> expected_slots() const;

  /// True if it does nothing but compare direct event fields with constants (== != < <= > >= in),
  /// and join what comes of that by && || !: then it costs less than reading the fields.
  bool only_compares() const;

  /// That a field be a whole number between two.
  struct NumberTest {
    int slot;
    int64_t least;
    int64_t most;
    bool passes(int64_t field) const { return field >= least && field <= most; }
  };
  /// What its only field is tested for, where the expression compares it with whole numbers, and
  /// every one of these comparisons has to be true: `field >= 500 && 600 > field`.
  std::optional<NumberTest> number_test() const;

  /// Texts that every event for which the expression is true must contain in a string: constants of
  /// at least one character that a direct event field is compared with by `==`, contains,
  /// startsWith or endsWith in a top-level `&&` chain. Of a text with a quote, backslash, slash or
  /// control character, which JSON may spell otherwise, the longest part between those is taken.
  std::vector<std::string> needles() const;

 private:
  struct Compiled;
  explicit Program(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace weir::expr
