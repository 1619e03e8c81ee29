// queue: what queues there are, and taking away what is old.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "base/endpoint.h"
#include "base/units.h"
#include "bus/bounds.h"
#include "bus/session.h"
#include "cli/commands.h"
#include "cli/listing.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "ACTION",
     .at_least = 1,
     .at_most = 1,
     .help = "ls: list the queues; show: one of them; fsck: read every event of one queue or all; "
             "trim: remove old events of a queue; rm: remove a queue"},
    {.metavar = "NAME", .at_least = 0, .at_most = 1, .help = "the queue"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--before",
     .type = OptionType::kText,
     .metavar = "WHEN",
     .help = "trim: what is older goes, as --since of from has it: -7d, z/2026/11, an eid",
     .detail = "Events go in whole blocks, so that a few older ones may stay."},
    {.name = "--max-events",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "trim: the oldest go until no more than N are left"},
    {.name = "--max-size",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "trim: the oldest go until the queue takes no more room on the disk"},
    {.name = "--salvage",
     .type = OptionType::kFile,
     .metavar = "FILE",
     .help = "fsck: write what is not damaged to a new bus",
     .detail = "Events keep their eids, and bots their checkpoints."},
    {.name = "--yes", .help = "rm: do it"},
    kListFormat,
};

std::string eid_or_nothing(const std::optional<Eid>& eid) { return eid ? eid_text(*eid) : ""; }

Facts facts_of(const std::vector<QueueFacts>& queues) {
  Facts rows;
  for (const QueueFacts& queue : queues) {
    rows.push_back({Fact::of_text("queue", queue.name), Fact::of_count("events", queue.events),
                    Fact::of_count("blocks", queue.blocks),
                    Fact::of_count("bytes", queue.payload_bytes),
                    Fact::of_count("stored", queue.stored_bytes),
                    Fact::of_text("first", eid_or_nothing(queue.first)),
                    Fact::of_text("last", eid_or_nothing(queue.last))});
  }
  return rows;
}

/// Reads all blocks of a queue. Answers a line for each that is damaged; the others go to `saved`,
/// if there is one.
Result<std::string> check_queue(Bus& bus, const QueueFacts& queue, Bus* saved) {
  std::string found;
  Reading reading{.from = {}, .before = {}, .event_time = {}};
  while (true) {
    auto stored = bus.read(queue.name, reading);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return found;
    StoredBlock& at = **stored;
    Envelopes envelopes;
    std::string payloads(at.intact ? at.block.payload_bytes : 0, '\0');
    std::string why = at.intact ? "" : "its checksum does not fit";
    if (why.empty()) {
      if (auto done = decode_envelopes(at.block, at.first, envelopes); !done) why = done.error();
    }
    if (why.empty()) {
      if (auto done = decode_payloads(at.block, payloads.data()); !done) why = done.error();
    }
    if (!why.empty()) {
      found += "queue:" + queue.name + ": the block from " + eid_text(at.first) + " to " +
               eid_text(at.last) + " (" + std::to_string(at.block.count) +
               (at.block.count == 1 ? " event" : " events") + ") is damaged: " + why + "\n";
    }
    reading.from = at.last.after(1);
    if (!why.empty() || saved == nullptr) continue;
    Append append{.queue = queue.name, .pieces = {}};
    append.pieces.push_back({.block = std::move(at.block), .first = at.first, .last = at.last});
    if (auto done = saved->commit({&append, 1}, {}, now_ms()); !done) {
      return std::unexpected(done.error());
    }
  }
}

/// The new bus that --salvage names; null where it is not given.
Result<std::unique_ptr<Bus>> open_salvage(const Arguments& arguments) {
  if (!arguments.has("--salvage")) return std::unique_ptr<Bus>();
  const std::string path(arguments.get("--salvage"));
  auto there = open_sqlite_bus(path, false);
  if (!there || *there != nullptr) {
    return usage_error("queue fsck: --salvage makes a new bus, and '" + path +
                       "' is there already");
  }
  return open_sqlite_bus(path, true);
}

Result<void> save_bots(Bus& bus, Bus& saved) {
  auto bots = bus.bots();
  if (!bots) return std::unexpected(bots.error());
  for (const BotFacts& bot : *bots) {
    std::vector<Move> moves;
    for (const BotCheckpoint& at : bot.checkpoints) {
      moves.push_back({.bot = bot.name, .source = at.source, .from = {}, .to = at.checkpoint});
    }
    auto done = saved.commit({}, moves, now_ms());
    if (done && bot.paused) done = saved.pause_bot(bot.name, true);
    if (!done) return done;
  }
  return {};
}

Result<Answer> check_queues(Bus& bus, const std::vector<QueueFacts>& queues,
                            const Arguments& arguments) {
  auto saved = open_salvage(arguments);
  if (!saved) return std::unexpected(saved.error());
  if (*saved != nullptr) {
    if (auto done = save_bots(bus, **saved); !done) return std::unexpected(done.error());
  }
  Answer answer;
  uint64_t events = 0;
  for (const QueueFacts& queue : queues) {
    auto found = check_queue(bus, queue, saved->get());
    if (!found) return std::unexpected(found.error());
    answer.text += *found;
    events += queue.events;
  }
  if (!answer.text.empty()) {
    answer.status = 1;
  } else {
    answer.text = std::to_string(queues.size()) + (queues.size() == 1 ? " queue, " : " queues, ") +
                  std::to_string(events) + (events == 1 ? " event" : " events") +
                  ": all as they were written\n";
  }
  return answer;
}

/// Where a queue begins that has no more than `events`, and whose blocks take no more than `bytes`;
/// nothing if it has no more already.
Result<std::optional<Eid>> begin_of_rest(Bus& bus, const QueueFacts& queue, uint64_t events,
                                         uint64_t bytes) {
  uint64_t left = queue.events;
  uint64_t left_bytes = queue.stored_bytes;
  Reading reading;
  while (left > events || left_bytes > bytes) {
    auto stored = bus.read(queue.name, reading);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) break;  // somebody else trims it
    const Block& block = (*stored)->block;
    left -= std::min<uint64_t>(left, block.count);
    left_bytes -= std::min<uint64_t>(left_bytes, block.envelopes.size() + block.payloads.size());
    reading.from = (*stored)->last.after(1);
  }
  return reading.from == Eid() ? std::nullopt : std::optional(reading.from);
}

/// Before which eid everything goes; nothing if nothing does.
Result<std::optional<Eid>> trim_before(Bus& bus, const QueueFacts& queue,
                                       const Arguments& arguments) {
  if (arguments.has("--before")) {
    const auto bounds = parse_bounds("", arguments.get("--before"), now_ms());
    if (bounds) return bounds->before;
    std::string message = bounds.error().message;
    return usage_error("queue trim: " + message.replace(0, message.find(' '), "--before"));
  }
  uint64_t events = UINT64_MAX;
  if (arguments.has("--max-events")) {
    const std::string_view text = arguments.get("--max-events");
    std::from_chars(text.data(), text.data() + text.size(), events);
  }
  const uint64_t bytes =
      arguments.has("--max-size") ? *parse_size(arguments.get("--max-size")) : UINT64_MAX;
  return begin_of_rest(bus, queue, events, bytes);
}

Result<Answer> trim(Bus& bus, const QueueFacts& queue, const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> kWays = {"--before", "--max-events", "--max-size"};
  if (std::ranges::none_of(kWays, [&](std::string_view way) { return arguments.has(way); })) {
    return usage_error("queue trim: --before, --max-events or --max-size says what goes");
  }
  if (arguments.has("--before") && (arguments.has("--max-events") || arguments.has("--max-size"))) {
    return usage_error("queue trim: --before stands alone");
  }
  const auto before = trim_before(bus, queue, arguments);
  if (!before) return std::unexpected(before.error());
  auto events = *before ? bus.trim(queue.name, **before) : Result<uint64_t>(0);
  if (!events) return std::unexpected(events.error());
  return Answer{"queue " + queue.name + ": " + std::to_string(*events) +
                (*events == 1 ? " event" : " events") + " removed, " +
                std::to_string(queue.events - *events) + " left\n"};
}

Result<Answer> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string& action = arguments.positionals[0];
  const std::string name = arguments.positionals.size() > 1 ? arguments.positionals[1] : "";
  constexpr std::array<std::string_view, 5> kActions = {"ls", "show", "fsck", "trim", "rm"};
  if (std::ranges::find(kActions, action) == kActions.end()) {
    return usage_error("queue does ls, show, fsck, trim and rm, not '" + action + "'");
  }
  const bool takes_all = action == "ls" || action == "fsck";
  if (name.empty() != (action == "ls") && !(name.empty() && takes_all)) {
    return usage_error(action == "ls" ? "queue ls takes no name: it lists all"
                                      : "queue " + action + ": the name of the queue is missing");
  }
  BusSession session(invocation.pipeline.bus, "");
  auto bus = session.open_to_read(false);
  if (!bus) return std::unexpected(bus.error());
  auto queues = (*bus)->queues();
  if (!queues) return std::unexpected(queues.error());
  if (!name.empty()) {
    std::erase_if(*queues, [&](const QueueFacts& queue) { return queue.name != name; });
    if (queues->empty()) {
      return machine_error("there is no queue '" + name + "' on " + session.path() +
                           ": 'weir queue ls' lists them");
    }
  }
  if (action == "fsck") return check_queues(**bus, *queues, arguments);
  if (action == "trim") return trim(**bus, queues->front(), arguments);
  if (action == "rm") {
    if (!arguments.has("--yes")) {
      return usage_error("queue rm: " + name + " has " + std::to_string(queues->front().events) +
                         " events, which would be gone: --yes does it");
    }
    auto removed = (*bus)->remove_queue(name);
    if (!removed) return std::unexpected(removed.error());
    return Answer{};
  }
  return Answer{list_facts(facts_of(*queues), arguments.get("--format") == "json")};
}

}  // namespace

const Subcommand kQueue = {
    .command = {.name = "queue",
                .summary = "list, check, trim and remove the queues of a bus",
                .positionals = kPositionals,
                .options = kOptions},
    .run = run,
};

}  // namespace weir
