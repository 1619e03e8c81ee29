// What `parse` and `format` are told alike: the format of a text, and which fields it concerns.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "base/result.h"
#include "event/path.h"

namespace weir {

struct TextArguments {
  std::string format;
  std::optional<Path> field;        ///< --field
  std::optional<Path> into;         ///< --into
  std::vector<std::string> fields;  ///< --fields, which csv needs and others refuse
  char separator = ',';             ///< --separator, for csv only
};

/// Checks the arguments of `verb`, whose first word is one of `formats`. Errors are of kind kUsage.
Result<TextArguments> read_text_arguments(std::string_view verb,
                                          std::span<const std::string_view> formats,
                                          const Arguments& arguments);

}  // namespace weir
