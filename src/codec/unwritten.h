// Names of outputs that promise what weir does not write: out.xz, report.xlsx.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// What is known of an output beside its name.
struct NamedOutput {
  bool has_format = false;       ///< its format was chosen, whatever its name says
  bool has_compression = false;  ///< so was its compression
  bool may_be_piped = true;      ///< it is one stream, which standard output could be
  bool has_options = true;       ///< --format and --compress can be given
};

/// Why an output cannot be called `name`, and what to do instead; empty if it can. A compression
/// that was not chosen is found by the end of the name, and so is a format, in front of .gz and
/// .zst.
std::string why_not_written(std::string_view name, const NamedOutput& output);

}  // namespace weir
