// The names of files that events make: fixed text and, in braces, expressions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/path.h"
#include "expr/expr.h"

namespace weir {

/// A part of a name as it was written.
struct NamePiece {
  std::string text;  ///< of an expression what stands between the braces
  bool is_expression = false;
};

/// Takes a name apart: `{` begins an expression, which ends at its `}`, and `{{` is a brace. A name
/// without expressions is one piece. Errors are of kind kUsage.
Result<std::vector<NamePiece>> split_name(std::string_view text);

/// Gives each event the name of its file: `archive/{service}/{date(ts, "%Y-%m-%d")}.ndjson`. The
/// fixed text in front of the first expression, up to its last slash, names the folder that no name
/// leads out of.
class NameTemplate {
 public:
  /// Errors are of kind kUsage: expressions that are wrong, fixed parts that cannot be in a name.
  static Result<NameTemplate> parse(std::string_view text, PathTable& paths,
                                    const expr::Limits& limits);

  /// That folder; "." where none is named.
  const std::string& folder() const { return folder_; }
  /// What stands in front of the names that are made, to show one whole: "archive/", or nothing.
  const std::string& prefix() const { return prefix_; }
  /// The fixed text behind the last expression.
  std::string_view ending() const;
  /// The slots that the expressions read, each once.
  const std::vector<int>& slots() const { return slots_; }

  /// Makes the name for one event, below `folder`: parts between single slashes, as many as the
  /// template has, none of them empty, "." or "..". Answers an empty text, or why there is none.
  std::string make(const expr::Frame& frame, std::string& name) const;

 private:
  struct Part {
    NamePiece piece;
    std::vector<expr::Program> program;  ///< of an expression: one
  };

  std::string folder_;
  std::string prefix_;
  std::vector<Part> parts_;  ///< behind the folder
  std::vector<int> slots_;
};

}  // namespace weir
