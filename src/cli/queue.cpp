// queue: what queues there are, and taking away what is old.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "base/units.h"
#include "bus/bounds.h"
#include "bus/session.h"
#include "cli/commands.h"
#include "cli/confirm.h"
#include "cli/fsck.h"
#include "cli/listing.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "ACTION",
     .at_least = 1,
     .at_most = 1,
     .help = "ls: list the queues; show: one of them; fsck: read every event of one queue or all; "
             "compact: join small blocks of one queue or all; trim: remove old events of a queue; "
             "rm: remove a queue"},
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
     .help = "trim: the oldest blocks go as long as N events or more are left",
     .detail = "Nothing of the newest N goes, and up to a block more stays."},
    {.name = "--max-size",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "trim: the oldest blocks go as long as the others take that much room or more"},
    {.name = kSalvage,
     .type = OptionType::kFile,
     .metavar = "FILE",
     .help = "fsck: write what is not damaged to a new bus",
     .detail = "Events keep their eids, queues their ends and bots their checkpoints."},
    {.name = kYes, .help = "trim, rm: do it, and do not ask"},
    kListFormat,
};

constexpr Action kActions[] = {
    {.name = "ls", .takes_name = Action::Name::kNone, .options = {"--format"}},
    {.name = "show", .options = {"--format"}},
    {.name = "fsck", .takes_name = Action::Name::kMay, .options = {"--salvage"}},
    {.name = "compact", .takes_name = Action::Name::kMay},
    {.name = "trim", .options = {"--before", "--max-events", "--max-size", "--yes"}},
    {.name = "rm", .options = {"--yes"}},
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

/// Where a queue begins whose oldest blocks went as long as at least so many events were left, or
/// so many bytes of blocks; nothing if none goes.
Result<std::optional<Eid>> begin_of_rest(Bus& bus, const QueueFacts& queue, uint64_t events,
                                         uint64_t bytes) {
  uint64_t left = queue.events;
  uint64_t left_bytes = queue.stored_bytes;
  Reading reading;
  while (true) {
    const auto stored = bus.read(queue.name, reading);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) break;
    const Block& block = (*stored)->block;
    const uint64_t size = block.envelopes.size() + block.payloads.size();
    // Somebody else trims it, or writes to it.
    if (block.count > left || size > left_bytes) break;
    if (left - block.count < events && left_bytes - size < bytes) break;
    left -= block.count;
    left_bytes -= size;
    reading.from = (*stored)->last.after(1);
  }
  return reading.from == Eid() ? std::nullopt : std::optional(reading.from);
}

/// Before which eid everything goes; nothing if nothing does.
Result<std::optional<Eid>> trim_before(Bus& bus, const QueueFacts& queue,
                                       const Arguments& arguments) {
  if (arguments.has("--before")) {
    const auto bounds = parse_bounds({}, arguments.get("--before"), now_ms());
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

/// What is about to go from the front of a queue.
struct Going {
  uint64_t events = 0;
  uint64_t blocks = 0;
  Eid last;  ///< of them
};

/// What goes where everything before `before` does, in whole blocks.
Result<Going> count_before(Bus& bus, const std::string& queue, const Eid& before) {
  Going going;
  Reading reading{.from = {}, .before = before, .event_time = {}, .envelopes_only = true};
  while (true) {
    const auto stored = bus.read(queue, reading);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored || (*stored)->last >= before) return going;
    going.events += (*stored)->block.count;
    ++going.blocks;
    going.last = (*stored)->last;
    reading.from = going.last.after(1);
  }
}

/// The same for people, with the bots that have not read it all, a line each.
Result<std::string> describe_going(Bus& bus, const QueueFacts& queue, const Going& going) {
  std::string text = "queue " + queue.name + ": " + std::to_string(going.events) +
                     (going.events == 1 ? " event" : " events") + " in " +
                     std::to_string(going.blocks) + (going.blocks == 1 ? " block" : " blocks") +
                     ", up to " + eid_text(going.last) + ", would be gone, and " +
                     std::to_string(queue.events - std::min(queue.events, going.events)) +
                     " left\n";
  const auto bots = bus.bots();
  if (!bots) return std::unexpected(bots.error());
  for (const BotFacts& bot : *bots) {
    for (const BotCheckpoint& at : bot.checkpoints) {
      const SourceParts parts = read_source(at.source);
      const auto position = parse_eid(at.checkpoint.position);
      if (parts.source != "queue:" + queue.name || (position && *position >= going.last)) continue;
      text += "bot " + bot.name + (parts.shard ? ", shard " + parts.shard->text() + "," : "") +
              " has not read all of them\n";
    }
  }
  return text;
}

/// Removes what lies before an eid, step by step. Answers how many events went, and what stopped
/// it, if anything did. Where a disk is full, what went before may make room for the next step.
std::pair<uint64_t, std::optional<Error>> remove_before(Bus& bus, const std::string& queue,
                                                        const Eid& before) {
  uint64_t events = 0;
  for (uint64_t given_back = 0;;) {
    const auto gone = bus.trim(queue, before);
    if (gone && *gone == 0) return {events, std::nullopt};
    if (gone) {
      events += *gone;
      continue;
    }
    if (given_back == events || !bus.give_back()) return {events, gone.error()};
    given_back = events;
  }
}

/// Gives back what became free. What was done before stays done where that fails, and is said.
void give_back(Bus& bus, Answer& answer) {
  if (const auto done = bus.give_back(); !done) {
    answer.status = 3;
    answer.warning = "the room could not be given back: " + done.error().message +
                     "; 'weir queue compact' does it when there is more";
  }
}

/// What was removed from a queue.
Answer describe_gone(const QueueFacts& queue, uint64_t events, const std::string& rest) {
  return {.text = "queue " + queue.name + ": " + std::to_string(events) +
                  (events == 1 ? " event" : " events") + " removed, " + rest + "\n"};
}

Result<Answer> remove(Bus& bus, const QueueFacts& queue, const Arguments& arguments) {
  Result<std::string> text("queue " + queue.name + ": it has no events, and would be gone\n");
  if (queue.events > 0 && queue.last) {
    text = describe_going(bus, queue,
                          {.events = queue.events, .blocks = queue.blocks, .last = *queue.last});
    if (!text) return std::unexpected(text.error());
  }
  const auto agreed = confirm(arguments, "queue rm", *text);
  if (!agreed) return std::unexpected(agreed.error());
  if (!*agreed) return not_done();
  auto [events, stopped] =
      remove_before(bus, queue.name, queue.last ? queue.last->after(1) : Eid());
  if (!stopped) {
    const auto removed = bus.remove_queue(queue.name);
    if (!removed) stopped = removed.error();
  }
  if (stopped && events == 0) return std::unexpected(*stopped);
  Answer answer = describe_gone(
      queue, events, stopped ? "and the queue is still there" : "and the queue with them");
  give_back(bus, answer);
  if (stopped) {
    answer.status = 3;
    answer.warning = stopped->message;
  }
  return answer;
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
  const auto going = *before ? count_before(bus, queue.name, **before) : Result<Going>(Going());
  if (!going) return std::unexpected(going.error());
  if (going->events > 0) {
    const auto text = describe_going(bus, queue, *going);
    if (!text) return std::unexpected(text.error());
    const auto agreed = confirm(arguments, "queue trim", *text);
    if (!agreed) return std::unexpected(agreed.error());
    if (!*agreed) return not_done();
  }
  const auto [events, stopped] = remove_before(bus, queue.name, *before ? **before : Eid());
  if (stopped && events == 0) return std::unexpected(*stopped);
  Answer answer = describe_gone(
      queue, events, std::to_string(queue.events - std::min(events, queue.events)) + " left");
  if (events > 0) give_back(bus, answer);
  if (stopped) {
    answer.status = 3;
    answer.warning = stopped->message;
  }
  return answer;
}

/// Joins the small blocks of queues, as writers do now and then at the end of theirs.
Result<Answer> compact(Bus& bus, const std::vector<QueueFacts>& queues) {
  Answer answer;
  // What is free already makes room for the rest.
  if (auto done = bus.give_back(); !done) return std::unexpected(done.error());
  for (const QueueFacts& queue : queues) {
    for (std::optional<Eid> from = Eid(); from;) {
      auto next = bus.compact(queue.name, *from);
      if (!next) return std::unexpected(next.error());
      from = *next;
    }
    const auto now = bus.queue(queue.name);
    if (!now) return std::unexpected(now.error());
    if (!*now) continue;  // somebody has removed it
    answer.text += "queue " + queue.name + ": blocks before: " + std::to_string(queue.blocks) +
                   ", now: " + std::to_string((*now)->blocks) + "\n";
  }
  give_back(bus, answer);
  return answer;
}

Result<Answer> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string& action = arguments.positionals[0];
  const std::string name = arguments.positionals.size() > 1 ? arguments.positionals[1] : "";
  BusSession session(invocation.pipeline.bus, "");
  if (action == "fsck") return check_queues(session, name, arguments);
  auto bus = session.open_to_read(false);
  if (!bus) return std::unexpected(bus.error());
  auto queues = (*bus)->queues();
  if (!queues) return std::unexpected(queues.error());
  if (!name.empty()) {
    const std::vector<std::string> names = names_of(*queues);
    std::erase_if(*queues, [&](const QueueFacts& queue) { return queue.name != name; });
    if (queues->empty()) return session.no_such_queue(name, names);
  }
  if (action == "compact") return compact(**bus, *queues);
  if (action == "trim") return trim(**bus, queues->front(), arguments);
  if (action == "rm") return remove(**bus, queues->front(), arguments);
  return Answer{list_facts(facts_of(*queues), arguments.get("--format") == "json")};
}

}  // namespace

const Subcommand kQueue = {
    .command = {.name = "queue",
                .summary = "list, check, compact, trim and remove the queues of a bus",
                .positionals = kPositionals,
                .options = kOptions},
    .actions = kActions,
    .run = run,
};

}  // namespace weir
