// One row of CSV (RFC 4180): where it ends, its cells, and a cell as it is written.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "event/value.h"

namespace weir {

/// Checks that `separator` can stand between cells. Errors are of kind kUsage.
Result<void> check_csv_separator(char separator);
/// The separator that a person gave with --separator: a character, or the word tab.
Result<char> read_csv_separator(std::string_view text);

/// Finds the line feed that ends a row: the first one outside of quotes.
class CsvRowEnd {
 public:
  explicit CsvRowEnd(char separator) : separator_(separator) {}

  /// The next search is for the end of a new row.
  void begin() { in_ = In::kCellStart; }
  /// The line feed that ends the row, or null if it is not in [p, end); the next search goes on
  /// from there.
  const char* search(const char* p, const char* end);
  /// True if the bytes that were searched so far end inside quotes.
  bool in_quotes() const { return in_ == In::kQuoted; }

 private:
  enum class In : uint8_t {
    kCellStart,
    kPlain,
    kQuoted,
    kQuoteSeen,  ///< behind a quote inside a quoted cell: its end, or the first of two
    kBehind,     ///< behind a closing quote, where only a separator or a line end should stand
  };

  char separator_;
  In in_ = In::kCellStart;
};

/// How the complaint begins about a cell that goes on behind its closing quote; the cell's number
/// follows.
inline constexpr std::string_view kTextFollows = "text follows the closing quote of field ";

/// Splits a row, given without its line end, into cells of text; `count` gets how many it has, of
/// which `cells` gets as many as it has room for. A quote inside a cell that does not start with
/// one is an ordinary character. The cells borrow from `row`, or from `arena` where a quote was
/// doubled. `has_quote` tells whether there is any quote in the row. Answers an empty text, or what
/// is wrong.
std::string split_csv_row(std::string_view row, bool has_quote, char separator, Arena& arena,
                          std::span<Value> cells, size_t& count);

/// Appends a cell, in quotes if it needs them. `alone` says that the row has no other cell.
void append_csv_cell(std::string_view text, char separator, bool alone, std::string& out);

/// Appends a value as a cell: strings as their content, null and missing as nothing, the rest as
/// JSON. Answers an empty text, or why it cannot be written.
std::string append_csv_value(const Value& value, char separator, bool alone, std::string& out);

}  // namespace weir
