// One row an option: the parser, --help, the man page's OPTIONS and the shell completions are all
// made from it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class OptionType : uint8_t {
  kFlag,    ///< present or not, takes no value
  kText,    ///< any text
  kNumber,  ///< a whole number, not negative
  kSize,    ///< bytes, with units: 64MiB
  kChoice,  ///< one of `choices`
  kFile,    ///< a path or endpoint (completed as a file name)
};

/// One option of a verb, or of weir itself. All text is static.
struct OptionRow {
  std::string_view name;  ///< "--by"
  char short_name = 0;    ///< 'b' for "-b", or 0
  OptionType type = OptionType::kFlag;
  std::string_view metavar = {};  ///< "KEYS"; empty for flags
  std::string_view help = {};     ///< one line, no full stop
  std::string_view detail = {};   ///< further sentences for the man page, may be empty
  std::string_view choices = {};  ///< kChoice: "gzip zstd none", separated by spaces
  /// The value where none is given. If there is one, others are written behind an equals sign only:
  /// `--stats` and `--stats=table`. Such an option has no letter.
  std::string_view if_bare = {};
};

/// The arguments of a verb that stand without a name.
struct Positional {
  std::string_view metavar;  ///< "EXPRESSION"
  int at_least = 0;
  int at_most = 0;  ///< -1: any number
  std::string_view help = {};
  bool is_file = false;
};

/// A word of the command line with what may follow it: a verb, an end of a pipeline, a command, or
/// weir itself with its global options.
struct Command {
  std::string_view name;
  std::string_view summary;  ///< one line, no full stop
  std::span<const Positional> positionals;
  std::span<const OptionRow> options;
};

/// What a person wrote for one verb, checked against its rows. Values are kept as they were
/// written.
class Arguments {
 public:
  std::vector<std::string> positionals;
  std::map<std::string, std::vector<std::string>, std::less<>> values;  ///< by name: "--by"

  bool has(std::string_view name) const { return values.find(name) != values.end(); }
  /// The last value given for `name`, or `otherwise`. Lives as long as the arguments.
  std::string_view get(std::string_view name, std::string_view otherwise = {}) const {
    const auto found = values.find(name);
    return found == values.end() || found->second.empty() ? otherwise
                                                          : std::string_view(found->second.back());
  }
  /// The same; nothing if it is not given, which an empty text is not.
  std::optional<std::string_view> given(std::string_view name) const {
    return has(name) ? std::optional(get(name)) : std::nullopt;
  }
};

/// A verb as one would write it in a shell: its options in the order of their names, and then the
/// rest.
std::string as_written(std::string_view name, const Arguments& arguments);

}  // namespace weir
