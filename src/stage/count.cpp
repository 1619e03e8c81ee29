#include "stage/count.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace weir {

Result<uint64_t> read_count(const Arguments& arguments, std::string_view verb) {
  if (arguments.has("--count") && !arguments.positionals.empty()) {
    return usage_error(std::string(verb) + ": the count is given twice, as COUNT and as --count");
  }
  const std::string_view text = arguments.positionals.empty()
                                    ? arguments.get("--count", "10")
                                    : std::string_view(arguments.positionals[0]);
  uint64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem != std::errc() || end != text.data() + text.size()) {
    std::string message = std::string(verb) + ": COUNT is a whole number, not '";
    message += std::string(text) + "'";
    // head -5, as head(1) has it.
    const std::string_view number = text.substr(std::min<size_t>(text.size(), 1));
    const bool is_old = text.starts_with('-') && !number.empty() &&
                        number.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_old) message += ": say weir " + std::string(verb) + " " + std::string(number);
    return usage_error(std::move(message));
  }
  return count;
}

}  // namespace weir
