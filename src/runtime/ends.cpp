#include "runtime/ends.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "codec/csv_row.h"
#include "source/files.h"
#include "source/sockets.h"

namespace weir {

namespace {

constexpr Positional kFromPositionals[] = {
    {.metavar = "ENDPOINT",
     .at_least = 0,
     .at_most = -1,
     .help = "a file, a pattern, or - for standard input; several are read one after the other; or "
             "tcp://HOST:PORT and unix:PATH, which are read at once",
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
    {.name = "--listen",
     .help = "let others connect to the tcp:// and unix: endpoints, instead of connecting to them",
     .detail = "An empty host is this machine alone, port 0 any free one; a line on standard error "
               "says where it listens. A signal ends it."},
    {.name = "--accept",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "with --listen: end when N connections were taken and are closed"},
};

constexpr Positional kToPositionals[] = {
    {.metavar = "ENDPOINT",
     .at_least = 0,
     .at_most = 1,
     .help = "a file, - for standard output, tcp://HOST:PORT or unix:PATH",
     .is_file = true},
};

}  // namespace

const Command kFrom = {.name = "from",
                       .summary = "read events from files, standard input or sockets",
                       .positionals = kFromPositionals,
                       .options = kFromOptions};

const Command kTo = {.name = "to",
                     .summary = "write events to a file, standard output or a socket",
                     .positionals = kToPositionals,
                     .options = kOutputOptions};

namespace {

/// How many connections --accept lets in; nothing where it is not given.
Result<std::optional<uint64_t>> read_accept(const Arguments& arguments) {
  if (!arguments.has("--accept")) return std::nullopt;
  if (!arguments.has("--listen")) return usage_error("from: --accept goes with --listen");
  const std::string_view text = arguments.get("--accept");
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count == 0) return usage_error("from: --accept takes 1 or more");
  return count;
}

}  // namespace

Result<std::unique_ptr<Source>> make_from(const Arguments& arguments, const EndSettings& settings,
                                          Places& places) {
  std::vector<Endpoint> endpoints;
  const bool listens = arguments.has("--listen");
  std::vector<std::string> texts = arguments.positionals;
  if (texts.empty()) texts.emplace_back("-");
  for (const std::string& text : texts) {
    auto endpoint = parse_endpoint(text, listens);
    if (!endpoint) return std::unexpected(endpoint.error());
    places.add_input(*endpoint);
    endpoints.push_back(std::move(*endpoint));
  }
  const auto accept = read_accept(arguments);
  if (!accept) return std::unexpected(accept.error());

  SourceOptions options;
  // `--format` on the end itself wins over -i.
  const std::string_view format = arguments.get("--format", settings.input_format);
  options.format = find_format(format);
  if (!format.empty() && !options.format) {
    return usage_error("no format '" + std::string(format) + "'");
  }
  if (format.empty() && settings.reads_lines) options.format = Format::kText;
  auto separator = read_csv_separator("from", arguments.get("--separator", ","));
  if (!separator) return std::unexpected(separator.error());
  options.separator = *separator;
  options.max_event = settings.max_event;
  options.batch_rows = settings.batch_rows;
  const auto sockets = std::ranges::count_if(endpoints, &Endpoint::is_socket);
  if (sockets == 0) return make_file_source(std::move(endpoints), options);
  if (static_cast<size_t>(sockets) < endpoints.size()) {
    return usage_error("from: sockets and files are not read in one run");
  }
  return make_socket_source(std::move(endpoints), options, *accept);
}

Result<std::unique_ptr<Sink>> make_to(const Arguments& arguments, const EndSettings& settings,
                                      Places& places, uint8_t index) {
  auto endpoint = parse_endpoint(arguments.positionals.empty() ? "-" : arguments.positionals[0],
                                 arguments.has("--listen"));
  if (!endpoint) return std::unexpected(endpoint.error());
  // What it reads it may write: the file is replaced when all of it was read.
  if (auto claimed = places.claim(*endpoint, kTo.name); !claimed) {
    return std::unexpected(claimed.error());
  }
  return make_output(*endpoint, arguments, settings.output_format, settings.terminal, index);
}

Result<std::unique_ptr<RejectSink>> make_errors(const std::string& text, Places& places) {
  auto endpoint = parse_endpoint(text);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (auto claimed = places.claim_unread(*endpoint, "--errors"); !claimed) {
    return std::unexpected(claimed.error());
  }
  return make_reject_sink(*endpoint);
}

}  // namespace weir
