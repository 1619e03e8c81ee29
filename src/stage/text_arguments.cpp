#include "stage/text_arguments.h"

#include <algorithm>
#include <utility>

#include "base/names.h"
#include "base/nearest.h"
#include "codec/csv_row.h"
#include "expr/expr.h"

namespace weir {

namespace {

/// The field that an option names, if it is given.
Result<std::optional<Path>> read_field(const std::string& verb, const Arguments& arguments,
                                       std::string_view option) {
  if (!arguments.has(option)) return std::nullopt;
  auto path = expr::parse_field(arguments.get(option));
  if (path) return std::move(*path);
  return usage_error(verb + " " + std::string(option) + ": " + path.error().message);
}

Result<void> check_format(const std::string& verb, std::span<const std::string_view> formats,
                          const std::string& format) {
  if (std::ranges::find(formats, format) != formats.end()) return {};
  std::string list;
  for (const std::string_view known : formats) {
    list += (list.empty() ? "" : ", ") + std::string(known);
  }
  const std::string_view near = nearest(format, formats);
  return usage_error(verb + ": no format '" + format + "': it is one of " + list +
                     (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
}

}  // namespace

Result<TextArguments> read_text_arguments(std::string_view verb_name,
                                          std::span<const std::string_view> formats,
                                          const Arguments& arguments) {
  const std::string verb(verb_name);
  TextArguments read;
  read.format = arguments.positionals[0];
  if (auto checked = check_format(verb, formats, read.format); !checked) {
    return std::unexpected(checked.error());
  }
  if (read.format != "csv") {
    for (const std::string_view option : {"--fields", "--separator"}) {
      if (!arguments.has(option)) continue;
      return usage_error(verb + ": " + std::string(option) + " is for csv, not for " + read.format);
    }
  } else {
    if (!arguments.has("--fields")) {
      return usage_error(verb +
                         ": csv needs --fields: a row by itself does not say what its cells are");
    }
    read.fields = split_commas(arguments.get("--fields"));
    if (auto checked = check_names(verb + " --fields", read.fields); !checked) {
      return std::unexpected(checked.error());
    }
    auto separator = read_csv_separator(arguments.get("--separator", ","));
    if (!separator) return std::unexpected(separator.error());
    read.separator = *separator;
  }
  auto field = read_field(verb, arguments, "--field");
  if (!field) return std::unexpected(field.error());
  read.field = std::move(*field);
  auto into = read_field(verb, arguments, "--into");
  if (!into) return std::unexpected(into.error());
  read.into = std::move(*into);
  return read;
}

}  // namespace weir
