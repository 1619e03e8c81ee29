#include "runtime/ends.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/units.h"
#include "bus/bounds.h"
#include "codec/csv_row.h"
#include "codec/format.h"
#include "codec/unwritten.h"
#include "source/files.h"
#include "source/queue.h"
#include "source/sockets.h"

namespace weir {

namespace {

constexpr Positional kFromPositionals[] = {
    {.metavar = "ENDPOINT",
     .at_least = 0,
     .at_most = -1,
     .help = "a file, a pattern, or - for standard input; several are read one after the other; or "
             "tcp://HOST:PORT and unix:PATH, which are read at once; or one queue:NAME",
     .is_file = true},
};

constexpr OptionRow kFromOptions[] = {
    {.name = "--format",
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "what the input is; else found by name, then by content",
     .detail = "By name: .csv is CSV, .tsv and .tab are TSV, a part log or txt between dots is "
               "text unless the content "
               "starts with '{'; everything else, standard input included, is NDJSON.",
     .choices = kInputFormats},
    {.name = "--separator",
     .type = OptionType::kText,
     .metavar = "CHAR",
     .help = "what stands between the cells of CSV, instead of a comma (of TSV, a tab)",
     .detail = "One character, or the word tab."},
    {.name = "--listen",
     .help = "let others connect to the tcp:// and unix: endpoints, instead of connecting to them",
     .detail = "An empty host is this machine alone, port 0 any free one; a line on standard error "
               "says where it listens. A signal ends it."},
    {.name = "--accept",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "with --listen: end when N connections were taken and are closed"},
    {.name = "--as",
     .type = OptionType::kText,
     .metavar = "BOT",
     .help = "run as this bot: the same as --as before the first stage"},
    {.name = "--since",
     .type = OptionType::kText,
     .metavar = "WHEN",
     .help = "of a queue: begin there; else at the beginning, or where the bot stands",
     .detail =
         "An eid (the event itself is not read), the beginning of one, such as z/2026/11/23, "
         "a date or time (2026-11-23, 2026-11-23T10:00:00Z), or how long ago: -2h, -90s, "
         "-7d. Of a bot it says where its first run begins, from then on its checkpoint does."},
    {.name = "--until",
     .type = OptionType::kText,
     .metavar = "WHEN",
     .help = "of a queue: end before that"},
    {.name = "--eid",
     .type = OptionType::kText,
     .metavar = "EID",
     .help = "of a queue: read this one event, which must be there"},
    {.name = "--by-event-time",
     .help = "--since and --until mean event_source_timestamp, not when an event was written"},
    {.name = "--limit",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "of a queue: end after N events"},
    {.name = "--size",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "of a queue: end before the event with which there would be more bytes of events",
     .detail = "The first event is given, however long it is."},
    {.name = "--run-time",
     .type = OptionType::kText,
     .metavar = "TIME",
     .help = "read no more when this time has passed: 30s, 5m, 1h30m",
     .detail = "What was read by then goes through, and the run ends as at the end of the input."},
    {.name = "--follow",
     .help = "of a queue: wait for more at the end of the queue; a signal ends it"},
    {.name = "--shard",
     .type = OptionType::kText,
     .metavar = "I/N",
     .help = "of a queue: read share I of N that run side by side, as --key divides the events",
     .detail =
         "Each is a run of its own, from 1/N to N/N, with a checkpoint of its own under --as. "
         "--limit, --size and what is counted mean the events of the share."},
    {.name = "--key",
     .type = OptionType::kText,
     .metavar = "EXPRESSION",
     .help = "what --shard divides by: events with the same key are in the same share, in order",
     .detail = "Keys that are equal in an expression, such as 1 and 1.0, are the same. Events "
               "without one are all in one share, as those with null are; that share also rejects "
               "those on which the expression fails."},
    {.name = "--envelope",
     .help = "of a queue: give whole envelopes instead of the payloads in them",
     .detail = "Objects with id, event, eid, timestamp, event_source_timestamp, correlation_id and "
               "payload."},
};

constexpr Positional kToPositionals[] = {
    {.metavar = "ENDPOINT",
     .at_least = 0,
     .at_most = 1,
     .help = "a file, whose name may have expressions in braces, - for standard output, "
             "tcp://HOST:PORT, unix:PATH or queue:NAME",
     .is_file = true},
};

}  // namespace

const Command kFrom = {.name = "from",
                       .summary = "read events from files, standard input, sockets or a queue",
                       .positionals = kFromPositionals,
                       .options = kFromOptions};

const Command kTo = {.name = "to",
                     .summary = "write events to a file, standard output, a socket or a queue",
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

/// The options that are for queues, and must stand behind one.
constexpr std::string_view kQueueOptions[] = {"--since", "--until",   "--eid",    "--by-event-time",
                                              "--limit", "--size",    "--follow", "--shard",
                                              "--key",   "--envelope"};

/// The share that --shard and --key name; null where there is none.
Result<std::unique_ptr<QueueShard>> read_shard(const Arguments& arguments) {
  if (arguments.has("--shard") != arguments.has("--key")) {
    return usage_error("from: --shard and --key go together: --shard 1/3 --key user");
  }
  if (!arguments.has("--shard")) return std::unique_ptr<QueueShard>();
  return QueueShard::make(arguments.get("--shard"), arguments.get("--key"));
}

/// The event that --eid names; nothing where it is not given.
Result<std::optional<Eid>> read_eid(const Arguments& arguments, bool is_bot) {
  if (!arguments.has("--eid")) return std::nullopt;
  const std::string_view text = arguments.get("--eid");
  const std::optional<Eid> eid = parse_eid(text);
  if (!eid) {
    return usage_error("from: --eid takes a whole eid, such as " + eid_text({.ms = 1795860000000}) +
                       ", not '" + std::string(text) + "'");
  }
  for (const std::string_view option : kQueueOptions) {
    if (option == "--eid" || option == "--envelope" || !arguments.has(option)) continue;
    return usage_error("from: --eid names one event, and " + std::string(option) +
                       " is for reading on");
  }
  if (is_bot) {
    return usage_error("from: --eid is for reading an event once more, which no bot (--as) does");
  }
  return eid;
}

Result<std::unique_ptr<Source>> make_queue(const std::vector<Endpoint>& endpoints,
                                           const Arguments& arguments, const EndSettings& settings,
                                           Places& places) {
  if (endpoints.size() > 1)
    return usage_error("from: one queue is read in a run, and nothing else");
  if (const std::string_view format = arguments.get("--format"); !format.empty()) {
    return usage_error("from: --format is not for a queue: events lie there as JSON");
  }
  if (!settings.input_format.empty()) {
    return usage_error("from: -i is not for a queue: events lie there as JSON");
  }
  QueueSourceOptions options;
  auto bounds = parse_bounds(arguments.given("--since"), arguments.given("--until"), now_ms());
  if (!bounds) return usage_error("from: " + bounds.error().message);
  options.bounds = *bounds;
  options.by_event_time = arguments.has("--by-event-time");
  if (options.by_event_time && !arguments.has("--since") && !arguments.has("--until")) {
    return usage_error("from: --by-event-time says which time --since and --until mean");
  }
  if (arguments.has("--limit")) {
    const std::string_view text = arguments.get("--limit");
    uint64_t limit = 0;
    std::from_chars(text.data(), text.data() + text.size(), limit);
    options.limit = limit;
  }
  if (arguments.has("--size")) {
    auto size = parse_size(arguments.get("--size"));
    if (!size) return std::unexpected(size.error());
    options.size = *size;
  }
  const auto only = read_eid(arguments, places.bus()->has_bot());
  if (!only) return std::unexpected(only.error());
  options.only = *only;
  auto shard = read_shard(arguments);
  if (!shard) return std::unexpected(shard.error());
  if (*shard != nullptr) places.bus()->set_shard((*shard)->shard().number);
  options.follow = arguments.has("--follow");
  options.envelopes = arguments.has("--envelope");
  if (options.envelopes) places.note_envelopes();
  options.batch_rows = settings.batch_rows;
  options.commit = settings.commit;
  return make_queue_source(endpoints.front().address, options, std::move(*shard), places.bus());
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
  if (std::ranges::any_of(endpoints, &Endpoint::is_queue)) {
    return make_queue(endpoints, arguments, settings, places);
  }
  for (const std::string_view option : kQueueOptions) {
    if (!arguments.has(option)) continue;
    const std::string_view instead = option == "--follow"
                                         ? ": a file is followed by tail -F FILE | weir ..."
                                     : option == "--limit" ? ": say then head N"
                                                           : "";
    return usage_error("from: " + std::string(option) + " is for queue: only" +
                       std::string(instead));
  }

  SourceOptions options;
  // `--format` on the end itself wins over -i.
  const std::string_view format = arguments.get("--format", settings.input_format);
  options.format = find_format(format);
  if (!format.empty() && !options.format) {
    return usage_error("no format '" + std::string(format) + "'");
  }
  if (format.empty() && settings.reads_lines) options.format = Format::kText;
  if (arguments.has("--separator")) {
    auto separator = read_csv_separator(arguments.get("--separator"));
    if (!separator) return usage_error("from: " + separator.error().message);
    options.separator = *separator;
  }
  options.max_event = settings.max_event;
  options.batch_rows = settings.batch_rows;
  if (places.bus() != nullptr && places.bus()->has_bot()) options.bot = places.bus();
  options.commit = settings.commit;
  const auto sockets = std::ranges::count_if(endpoints, &Endpoint::is_socket);
  if (sockets == 0) return make_file_source(std::move(endpoints), options);
  if (static_cast<size_t>(sockets) < endpoints.size()) {
    return usage_error("from: sockets and files are not read in one run");
  }
  return make_socket_source(std::move(endpoints), options, *accept);
}

Result<std::optional<int64_t>> read_run_time(const Arguments& arguments) {
  if (!arguments.has("--run-time")) return std::nullopt;
  const std::string_view text = arguments.get("--run-time");
  const std::optional<int64_t> span = parse_span(text);
  if (span) return span;
  return usage_error("from: --run-time takes a time such as 30s, 5m or 1h30m, not '" +
                     std::string(text) + "'");
}

Result<std::unique_ptr<Sink>> make_to(const Arguments& arguments, const EndSettings& settings,
                                      const OutputContext& context) {
  auto endpoint = parse_output(arguments.positionals.empty() ? "-" : arguments.positionals[0],
                               arguments.has("--listen"));
  if (!endpoint) return std::unexpected(endpoint.error());
  // What it reads it may write: the file is replaced when all of it was read.
  if (auto claimed = context.places.claim(*endpoint, kTo.name); !claimed) {
    return std::unexpected(claimed.error());
  }
  // It reaches no other output: a tee has --format, and --errors is NDJSON.
  if (endpoint->is_queue() && !settings.output_format.empty()) {
    return usage_error("-o is not for a queue: events lie there as JSON");
  }
  return make_output(*endpoint, arguments, settings.output_format, context);
}

Result<std::unique_ptr<RejectSink>> make_errors(const std::string& text, std::string_view who,
                                                Places& places) {
  auto endpoint = parse_endpoint(text);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (auto claimed = places.claim_unread(*endpoint, who); !claimed) {
    return std::unexpected(claimed.error());
  }
  if (endpoint->is_queue()) return make_reject_queue(endpoint->address, places.bus());
  if (endpoint->is_path()) {
    std::string problem =
        why_not_written(endpoint->text, {.may_be_piped = false, .has_options = false});
    const Format named = output_format_of_name(endpoint->text);
    if (problem.empty() && named != Format::kNdjson) {
      problem = "rejects are NDJSON, and '" + endpoint->text + "' would be " +
                std::string(format_name(named)) + " by its name: call it .ndjson";
    }
    if (!problem.empty()) return usage_error("--errors: " + problem);
  }
  return make_reject_sink(*endpoint);
}

}  // namespace weir
