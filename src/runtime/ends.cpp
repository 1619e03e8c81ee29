#include "runtime/ends.h"

#include <charconv>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "sink/files.h"
#include "source/files.h"

namespace weir {

namespace {

constexpr Positional kFromPositionals[] = {
    {.metavar = "ENDPOINT",
     .at_least = 0,
     .at_most = -1,
     .help = "a file, a pattern, or - for standard input; several are read one after the other",
     .is_file = true},
};

constexpr OptionRow kFromOptions[] = {
    {.name = "--format",
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "what the input is; else found by name, then by content",
     .detail = "By name: .csv is CSV, a part log or txt between dots is text unless the content "
               "starts with '{'; everything else, standard input included, is NDJSON.",
     .choices = kInputFormats},
    {.name = "--separator",
     .type = OptionType::kText,
     .metavar = "CHAR",
     .help = "what stands between the cells of CSV, instead of a comma",
     .detail = "One character, or the word tab."},
};

constexpr Positional kToPositionals[] = {
    {.metavar = "ENDPOINT",
     .at_least = 0,
     .at_most = 1,
     .help = "a file, or - for standard output",
     .is_file = true},
};

constexpr OptionRow kToOptions[] = {
    {.name = "--format",
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "how events are written; else by the file's name, or NDJSON",
     .choices = kOutputFormats},
    {.name = "--compress",
     .type = OptionType::kChoice,
     .metavar = "METHOD",
     .help = "how the output is compressed; else by the file's name (.gz, .zst)",
     .choices = kCompressions},
    {.name = "--level",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "how hard to compress: gzip 1 to 9, zstd 1 to 19"},
    {.name = "--columns",
     .type = OptionType::kText,
     .metavar = "FIELDS",
     .help = "the columns of CSV, separated by commas; else the fields of the first event"},
};

/// `--format` on the end itself wins over -i and -o.
Result<std::optional<Format>> chosen_format(const Arguments& arguments, const std::string& global) {
  const std::string_view name = arguments.get("--format", global);
  if (name.empty()) return std::nullopt;
  const std::optional<Format> format = find_format(name);
  if (!format) return usage_error("no format '" + std::string(name) + "'");
  return format;
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

const Command kFrom = {.name = "from",
                       .summary = "read events from files or standard input",
                       .positionals = kFromPositionals,
                       .options = kFromOptions};

const Command kTo = {.name = "to",
                     .summary = "write events to a file or standard output",
                     .positionals = kToPositionals,
                     .options = kToOptions};

Result<std::unique_ptr<Source>> make_from(const Arguments& arguments, const EndSettings& settings) {
  std::vector<Endpoint> endpoints;
  for (const std::string& text : arguments.positionals) {
    auto endpoint = parse_endpoint(text);
    if (!endpoint) return std::unexpected(endpoint.error());
    endpoints.push_back(std::move(*endpoint));
  }
  if (endpoints.empty()) endpoints.emplace_back();

  SourceOptions options;
  auto format = chosen_format(arguments, settings.input_format);
  if (!format) return std::unexpected(format.error());
  options.format = *format;
  const std::string_view separator = arguments.get("--separator", ",");
  if (separator.size() != 1 && separator != "tab") {
    return usage_error("from: --separator takes one character or the word tab, not '" +
                       std::string(separator) + "'");
  }
  options.separator = separator == "tab" ? '\t' : separator[0];
  options.max_event = settings.max_event;
  options.batch_rows = settings.batch_rows;
  return make_file_source(std::move(endpoints), options);
}

Result<std::unique_ptr<Sink>> make_to(const Arguments& arguments, const EndSettings& settings,
                                      uint8_t index) {
  auto endpoint = parse_endpoint(arguments.positionals.empty() ? "-" : arguments.positionals[0]);
  if (!endpoint) return std::unexpected(endpoint.error());
  SinkOptions options;
  auto format = chosen_format(arguments, settings.output_format);
  if (!format) return std::unexpected(format.error());
  options.format = *format;
  if (arguments.has("--compress")) {
    options.compression = find_compression(arguments.get("--compress"));
  }
  if (arguments.has("--level")) {
    const std::string_view level = arguments.get("--level");
    std::from_chars(level.data(), level.data() + level.size(), options.level);
  }
  if (arguments.has("--columns")) options.columns = split_commas(arguments.get("--columns"));
  options.stage_index = index;
  return make_sink(*endpoint, std::move(options));
}

Result<std::unique_ptr<RejectSink>> make_errors(const std::string& endpoint, const Arguments& from,
                                                const Arguments& to) {
  auto errors = parse_endpoint(endpoint);
  if (!errors) return std::unexpected(errors.error());
  auto output = parse_endpoint(to.positionals.empty() ? "-" : to.positionals[0]);
  if (!output) return std::unexpected(output.error());
  const std::string place = canonical_output(*errors);
  if (place == canonical_output(*output)) {
    return usage_error(place == "-"
                           ? "standard output carries the events, so --errors needs another "
                             "place: a file, or /dev/stderr"
                           : "'" + endpoint + "' cannot be both the output and --errors");
  }
  for (const std::string& text : from.positionals) {
    auto input = parse_endpoint(text);
    if (!input || input->is_standard() || canonical_output(*input) != place) continue;
    return usage_error("'" + endpoint +
                       "' cannot be both an input and --errors: its events would be lost");
  }
  return make_reject_sink(*errors);
}

}  // namespace weir
