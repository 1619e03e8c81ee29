#include "sink/outputs.h"

#include <algorithm>
#include <charconv>

#include "base/names.h"
#include "sink/files.h"

namespace weir {

void Places::add_input(const Endpoint& endpoint) {
  if (endpoint.is_path()) inputs_.push_back(canonical_output(endpoint));
}

Result<void> Places::claim(const Endpoint& endpoint, std::string_view who) {
  if (endpoint.is_socket()) return {};
  std::string place = canonical_output(endpoint);
  const auto taken = std::ranges::find(outputs_, place, &Output::place);
  if (taken == outputs_.end()) {
    outputs_.push_back({std::move(place), std::string(who)});
    return {};
  }
  const std::string both = taken->who + " and " + std::string(who);
  return usage_error(place == "-"
                         ? both +
                               " cannot both write standard output: give one of them another "
                               "place, such as a file or /dev/stderr"
                         : both + " cannot both write '" + endpoint.text + "'");
}

Result<void> Places::claim_unread(const Endpoint& endpoint, std::string_view who) {
  if (endpoint.is_socket() ||
      std::ranges::find(inputs_, canonical_output(endpoint)) == inputs_.end()) {
    return claim(endpoint, who);
  }
  return usage_error("'" + endpoint.text + "' cannot be both an input and what " +
                     std::string(who) + " writes: its events would be lost");
}

Result<std::unique_ptr<Sink>> make_output(const Endpoint& endpoint, const Arguments& arguments,
                                          std::string_view format, const Terminal& terminal,
                                          uint8_t index) {
  SinkOptions options;
  const std::string_view name = arguments.get("--format", format);
  options.format = find_format(name);
  if (!name.empty() && !options.format) {
    return usage_error("no format '" + std::string(name) + "'");
  }
  if (arguments.has("--compress")) {
    options.compression = find_compression(arguments.get("--compress"));
  }
  if (arguments.has("--level")) {
    const std::string_view level = arguments.get("--level");
    std::from_chars(level.data(), level.data() + level.size(), options.level);
  }
  if (arguments.has("--columns")) options.columns = split_commas(arguments.get("--columns"));
  options.terminal = terminal;
  options.stage_index = index;
  return make_sink(endpoint, std::move(options));
}

}  // namespace weir
