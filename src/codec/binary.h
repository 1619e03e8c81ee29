// Files that people give weir and that it does not read, told by their first bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// A kind of file that holds no lines.
struct BinaryKind {
  std::string_view name;     ///< "xz"
  std::string_view magic;    ///< the bytes it starts with
  std::string_view command;  ///< what makes lines of it; the file's name goes behind
  bool streams = true;       ///< the command reads standard input, too
  std::string_view behind_name = {};
};

/// The kind of an input that starts with `content`, null if it is none of these. Nothing if that
/// takes more bytes; `whole` says that there are no more. No line end is waited for.
std::optional<const BinaryKind*> detect_binary(std::string_view content, bool whole);

/// What to write in place of `weir`, for an input that is called `name` ("xz -dc a.xz | weir ..."),
/// or that is standard input.
std::string remedy_for(const BinaryKind& kind, std::string_view name, bool standard);

}  // namespace weir
