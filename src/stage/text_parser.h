// Reading fields out of a piece of text: what `parse` is made of, one parser for each format.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "event/value.h"

namespace weir {

/// Constant, and safe to use on several threads.
class TextParser {
 public:
  virtual ~TextParser() = default;
  /// What `text`, which is well-formed UTF-8, says: a decoded map of fields of text, or (of JSON)
  /// any value, whose JSON text has no line end in it. It borrows from `text`, `arena` and the
  /// parser. `inside` so many objects it will stand. kError, with place and reason, if the text is
  /// not of the format.
  virtual Value parse(std::string_view text, int inside, Arena& arena) const = 0;
};

std::unique_ptr<TextParser> make_json_parser();
/// The cells of one row get these names.
std::unique_ptr<TextParser> make_csv_parser(std::vector<std::string> names, char separator);
std::unique_ptr<TextParser> make_logfmt_parser();
/// The named groups of `pattern` (RE2) where it is first found; those that took no part are
/// missing. Errors (kUsage): a pattern that is wrong, has no named group, or takes more than
/// `memory` bytes when it is compiled.
Result<std::unique_ptr<TextParser>> make_regex_parser(const std::string& pattern, int64_t memory);

}  // namespace weir
