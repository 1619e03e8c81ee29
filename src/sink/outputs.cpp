#include "sink/outputs.h"

#include <algorithm>
#include <charconv>

#include "base/names.h"
#include "codec/csv_row.h"
#include "codec/unwritten.h"
#include "sink/bot_file.h"
#include "sink/files.h"
#include "sink/made_files.h"
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
  if (endpoint.is_queue() && std::ranges::find(inputs_, place) != inputs_.end()) {
    return usage_error(std::string(who) + " writes '" + endpoint.text +
                       "', which the pipeline reads: it would never come to an end");
  }
  if (bus_files_.has(place)) {
    return usage_error(std::string(who) + " cannot write " +
                       (place == "-" ? "standard output" : "'" + endpoint.text + "'") +
                       ": it is a file of the bus " + bus_->path());
  }
  const auto taken = std::ranges::find(*outputs_, place, &Output::place);
  if (taken == outputs_->end()) {
    outputs_->push_back({std::move(place), std::string(who)});
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

std::function<std::string(const std::string&)> Places::taken() const {
  return [outputs = outputs_, bus_files = bus_files_](const std::string& path) {
    const auto taken = std::ranges::find(*outputs, path, &Output::place);
    if (taken != outputs->end()) return taken->who + " writes it";
    return std::string(bus_files.has(path) ? "it is a file of the bus" : "");
  };
}

Result<Endpoint> parse_output(std::string_view text, bool listens) {
  auto endpoint = parse_endpoint(text, listens);
  if (!endpoint || !endpoint->is_path() || text.find('{') == std::string_view::npos) {
    return endpoint;
  }
  const auto pieces = split_name(text);
  if (!pieces) return std::unexpected(pieces.error());
  endpoint->is_template = pieces->size() > 1 || pieces->front().is_expression;
  if (!endpoint->is_template) endpoint->text = pieces->front().text;
  return endpoint;
}

namespace {

Result<std::unique_ptr<Sink>> make_queue_output(const Endpoint& endpoint,
                                                const Arguments& arguments,
                                                const OutputContext& context) {
  for (const std::string_view option :
       {"--format", "--compress", "--level", "--columns", "--separator"}) {
    if (!arguments.has(option)) continue;
    return usage_error(std::string(option) + " is not for a queue: events lie there as JSON");
  }
  return make_queue_sink(endpoint.address,
                         {.envelopes = arguments.has("--envelope"), .stage_index = context.index},
                         context.places.bus());
}

/// `options` as they are for a file.
Result<std::unique_ptr<Sink>> make_template_output(const Endpoint& endpoint,
                                                   const Arguments& arguments, SinkOptions options,
                                                   const OutputContext& context) {
  auto names = NameTemplate::parse(endpoint.text, context.paths, context.limits);
  if (!names) return std::unexpected(names.error());
  MadeFilesOptions made = {.format = options.format,
                           .compression = options.compression,
                           .level = options.level,
                           .columns = std::move(options.columns),
                           .separator = options.separator,
                           .envelopes = options.envelopes,
                           .append = arguments.has("--append"),
                           .stage_index = context.index,
                           .taken = context.places.taken()};
  if (arguments.has("--open-files")) {
    constexpr size_t kMost = 10'000;
    const std::string_view text = arguments.get("--open-files");
    std::from_chars(text.data(), text.data() + text.size(), made.open_files);
    if (made.open_files == 0 || made.open_files > kMost) {
      return usage_error("--open-files takes 1 to " + std::to_string(kMost));
    }
  }
  return make_made_files_sink(endpoint.text, std::move(*names), std::move(made));
}

/// What goes with some endpoints only.
Result<void> check_options(const Endpoint& endpoint, const Arguments& arguments, bool is_bot) {
  if (is_bot && endpoint.is_template) {
    return usage_error("'" + endpoint.text +
                       "' makes many files, which a bot (--as) cannot write exactly once: let it "
                       "write a queue or one file");
  }
  const bool may_append = endpoint.is_path() && (is_bot || endpoint.is_template);
  if (arguments.has("--append") && !may_append) {
    return usage_error(
        "--append is for a file that a bot writes (--as BOT), and for files whose "
        "names events make ('{day}.ndjson')");
  }
  if (arguments.has("--open-files") && !endpoint.is_template) {
    return usage_error("--open-files is for files whose names events make ('{day}.ndjson')");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Sink>> make_output(const Endpoint& endpoint, const Arguments& arguments,
                                          std::string_view format, const OutputContext& context) {
  const std::shared_ptr<BusSession>& bus = context.places.bus();
  const bool is_bot = bus != nullptr && bus->has_bot();
  if (auto fine = check_options(endpoint, arguments, is_bot); !fine) {
    return std::unexpected(fine.error());
  }
  if (endpoint.is_queue()) return make_queue_output(endpoint, arguments, context);
  SinkOptions options;
  const std::string_view name = arguments.get("--format", format);
  options.format = find_format(name);
  if (!name.empty() && !options.format) {
    return usage_error("no format '" + std::string(name) + "'");
  }
  if (arguments.has("--compress")) {
    options.compression = find_compression(arguments.get("--compress"));
  }
  if (endpoint.is_path()) {
    std::string problem =
        why_not_written(endpoint.text, {.has_format = options.format.has_value(),
                                        .has_compression = options.compression.has_value(),
                                        .may_be_piped = !endpoint.is_template});
    if (!problem.empty()) return usage_error(std::move(problem));
  }
  if (arguments.has("--level")) {
    const std::string_view level = arguments.get("--level");
    std::from_chars(level.data(), level.data() + level.size(), options.level);
  }
  if (arguments.has("--columns")) options.columns = split_commas(arguments.get("--columns"));
  if (arguments.has("--separator")) {
    auto separator = read_csv_separator(arguments.get("--separator"));
    if (!separator) return std::unexpected(separator.error());
    options.separator = *separator;
  }
  // Where events are envelopes already, they are written as they are.
  options.envelopes = arguments.has("--envelope") && !context.places.gives_envelopes();
  if (endpoint.is_template) {
    return make_template_output(endpoint, arguments, std::move(options), context);
  }
  if (is_bot && endpoint.is_path()) {
    return make_bot_file_sink(endpoint,
                              {.format = options.format,
                               .compression = options.compression,
                               .level = options.level,
                               .columns = std::move(options.columns),
                               .separator = options.separator,
                               .envelopes = options.envelopes,
                               .append = arguments.has("--append"),
                               .stage_index = context.index},
                              bus);
  }
  options.terminal = context.terminal;
  options.fields = context.fields;
  options.stage_index = context.index;
  return make_sink(endpoint, std::move(options));
}

}  // namespace weir
