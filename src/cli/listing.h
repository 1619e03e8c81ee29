// Facts in rows: a table for people, or JSON for programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"

namespace weir {

/// One fact of a row.
struct Fact {
  std::string_view name;
  std::string text;        ///< as a person reads it
  std::string json = {};   ///< empty: `text` as a JSON string
  bool is_number = false;  ///< stands at the right of its column
  int gives_way = 0;       ///< where there is no room, the greatest goes first; 0: never

  static Fact of_text(std::string_view name, std::string text);
  static Fact of_count(std::string_view name, uint64_t count);
  /// Milliseconds since 1970: RFC 3339 for people and programs; nothing and null for 0.
  static Fact of_time(std::string_view name, int64_t ms);
};

/// Rows with the same facts in the same order.
using Facts = std::vector<std::vector<Fact>>;

/// A table with a header, nothing of no rows; or, with `json`, an object a line. Texts may be any
/// bytes, as names of files are: U+FFFD stands for what is no UTF-8, and a row is always a line.
std::string list_facts(const Facts& rows, bool json);

/// Takes columns out until the table is at most so wide, or none is left that may give way: at
/// first those without any text, then by `gives_way`. Answers the names of the latter: "a, b".
std::string fit_facts(Facts& rows, uint32_t width);

/// The option row of what is listed.
inline constexpr OptionRow kListFormat = {.name = "--format",
                                          .type = OptionType::kChoice,
                                          .metavar = "FORMAT",
                                          .help = "ls, show: table, or json: an object a line",
                                          .choices = "table json"};

}  // namespace weir
