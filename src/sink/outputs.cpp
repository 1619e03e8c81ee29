#include "sink/outputs.h"

#include <algorithm>
#include <charconv>

#include "base/names.h"
#include "sink/bot_file.h"
#include "sink/files.h"
#include "sink/queue.h"

namespace weir {

/// How a place is known; empty if it is none.
std::string Places::place_of(const Endpoint& endpoint) {
  if (endpoint.is_socket()) return {};
  return endpoint.is_queue() ? endpoint.text : canonical_output(endpoint);
}

/// Notes what a bot could not do exactly once.
void Places::note_for_bots(const Endpoint& endpoint, bool fits) {
  if (!fits && not_for_bots_.empty()) not_for_bots_ = endpoint.text;
}

void Places::add_input(const Endpoint& endpoint) {
  note_for_bots(endpoint, endpoint.is_queue() || endpoint.is_path());
  std::string place = place_of(endpoint);
  if (!endpoint.is_standard() && !place.empty()) inputs_.push_back(std::move(place));
}

Result<void> Places::claim(const Endpoint& endpoint, std::string_view who) {
  note_for_bots(endpoint, endpoint.is_queue() || (endpoint.is_path() && who != "--errors"));
  std::string place = place_of(endpoint);
  if (place.empty()) return {};
  if (endpoint.is_queue()) {
    if (std::ranges::find(inputs_, place) == inputs_.end()) return {};
    return usage_error(std::string(who) + " writes '" + endpoint.text +
                       "', which the pipeline reads: it would never come to an end");
  }
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
  const std::string place = place_of(endpoint);
  if (place.empty() || endpoint.is_queue() || std::ranges::find(inputs_, place) == inputs_.end()) {
    return claim(endpoint, who);
  }
  return usage_error("'" + endpoint.text + "' cannot be both an input and what " +
                     std::string(who) + " writes: its events would be lost");
}

Result<std::unique_ptr<Sink>> make_output(const Endpoint& endpoint, const Arguments& arguments,
                                          std::string_view format, const Terminal& terminal,
                                          uint8_t index, std::shared_ptr<BusSession> bus) {
  const bool envelopes = arguments.has("--envelope");
  if (endpoint.is_queue()) {
    for (const std::string_view option : {"--format", "--compress", "--level", "--columns"}) {
      if (!arguments.has(option)) continue;
      return usage_error(std::string(option) + " is not for a queue: events lie there as JSON");
    }
    return make_queue_sink(endpoint.address, {.envelopes = envelopes, .stage_index = index},
                           std::move(bus));
  }
  if (envelopes) return usage_error("--envelope is for queue: only, not '" + endpoint.text + "'");
  const bool appends = arguments.has("--append");
  if (appends && !(bus != nullptr && bus->has_bot() && endpoint.is_path())) {
    return usage_error("--append is for a file that a bot writes (--as BOT)");
  }
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
  if (bus != nullptr && bus->has_bot() && endpoint.is_path()) {
    return make_bot_file_sink(endpoint,
                              {.format = options.format,
                               .compression = options.compression,
                               .level = options.level,
                               .append = appends,
                               .stage_index = index},
                              std::move(bus));
  }
  options.terminal = terminal;
  options.stage_index = index;
  return make_sink(endpoint, std::move(options));
}

}  // namespace weir
