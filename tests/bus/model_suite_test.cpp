// The part of the suite that holds a bus against a model of it: whatever is done to both, in
// whatever order, they answer the same and hold the same, also after the process that did it was
// killed.
//
// A seed says what is done, up to where a process is killed: when that comes is the machine's.
// WEIR_MODEL_SEED=7 runs that one alone, and WEIR_MODEL_SEEDS=1000 so many, from the first on.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <random>

#include "bus/model.h"
#include "bus/suite.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WEIR_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIR_SANITIZED
#endif

namespace weir {
namespace {

#ifdef WEIR_SANITIZED
constexpr unsigned kSeeds = 3;
#else
constexpr unsigned kSeeds = 30;
#endif
constexpr int kSteps = 150;

// What is asked of either, in the same words.

template <typename T>
T sure(Result<T> result) {
  CAPTURE((result ? "" : result.error().message));
  REQUIRE(result);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// The one place that knows how a bus is told what to commit.
bool commit(Bus& bus, const Change& change) {
  std::vector<Append> appends;
  for (const auto& [queue, pieces] : change.appends) {
    Append& append = appends.emplace_back(Append{.queue = queue, .pieces = {}});
    for (const Piece& piece : pieces) {
      BlockBuilder builder;
      for (const NewEvent& event : piece) {
        const Correlation correlation{
            .source = event.cause.empty() ? "" : "p", .start = event.cause, .end = {}, .units = 1};
        builder.add({.payload = event.payload,
                     .id = event.id,
                     .source_time = event.source_time,
                     .correlation = correlation,
                     .eid = event.eid,
                     .written = event.written});
      }
      const auto first = builder.first_given();
      const auto last = builder.last_given();
      append.pieces.push_back({.block = builder.take(change.now), .first = first, .last = last});
    }
  }
  return bus.commit(appends, change.moves, change.states, change.now).has_value();
}
bool commit(Model& model, const Change& change) { return model.commit(change); }

bool is_wanted(const Reading& reading, const Eid& eid, int64_t time) {
  if (eid < reading.from || (reading.before && eid >= *reading.before)) return false;
  return !reading.event_time ||
         (time >= reading.event_time->begin && time < reading.event_time->end);
}

/// The events that a reading gives, without those that lie in the same blocks only.
std::string read(Bus& bus, const std::string& queue, const Reading& wanted) {
  std::string text;
  Block spent;
  Reading reading = wanted;
  reading.spent = &spent;
  while (auto stored = sure(bus.read(queue, reading))) {
    Block& block = stored->block;
    REQUIRE(stored->intact);
    CHECK(stored->last >= reading.from);
    CHECK((!wanted.before || stored->first < *wanted.before));
    if (wanted.event_time) {
      CHECK((block.greatest_time >= wanted.event_time->begin &&
             block.least_time < wanted.event_time->end));
    }
    CHECK(stored->trimmed == sure(bus.trimmed(queue)));
    const auto decoded = decode_block(block, stored->first);
    REQUIRE(decoded);
    bool fits = true;
    for (size_t i = 0; i < (*decoded)->lines.size(); ++i) {
      const Envelope& event = (*decoded)->envelopes.rows[i];
      const int64_t time = event.source_time;
      fits = fits && time >= block.least_time && time <= block.greatest_time;
      if (!is_wanted(reading, event.eid, event.source_time)) continue;
      text += text_of(event.eid, event.timestamp, event.source_time, event.id,
                      event.correlation.start, (*decoded)->lines[i]);
    }
    CHECK(fits);
    reading.from = stored->last.after(1);
    spent = std::move(block);
  }
  return text;
}
std::string read(Model& model, const std::string& queue, const Reading& reading) {
  std::string text;
  for (const Model::Event& event : model.all(queue)) {
    if (is_wanted(reading, event.eid, event.time)) text += event.text;
  }
  return text;
}

std::string behind(uint64_t events, const std::optional<Eid>& oldest) {
  return std::to_string(events) + " since " + (oldest ? std::to_string(oldest->ms) : "");
}
std::string behind(Bus& bus, const std::string& queue, const std::optional<Eid>& position) {
  const Behind found = sure(bus.behind(queue, position));
  return behind(found.events, found.oldest);
}
std::string behind(Model& model, const std::string& queue, const std::optional<Eid>& position) {
  Model::Events events = model.all(queue);
  std::erase_if(events, [&](const auto& event) { return position && event.eid <= *position; });
  return behind(events.size(), events.empty() ? std::nullopt : std::optional(events.front().eid));
}

std::optional<Eid> small_end(Bus& bus, const std::string& queue, size_t at_least) {
  return sure(bus.small_end(queue, at_least));
}
std::optional<Eid> small_end(Model& model, const std::string& queue, size_t at_least) {
  if (!model.queues.contains(queue)) return std::nullopt;
  const auto& blocks = model.queues[queue].blocks;
  if (blocks.size() < at_least) return std::nullopt;
  return blocks.front().front().eid;
}

void compact(Bus& bus, const std::string& queue, const Eid& from) {
  sure(bus.compact(queue, from));
  sure(bus.give_back());
}
void compact(Model& model, const std::string& queue, const Eid& from) {
  model.compact(queue, from);
}

// Everything that there is.

std::string text_of(const QueueFacts& facts, const std::optional<Eid>& trimmed) {
  const auto eid = [](const std::optional<Eid>& some) { return some ? eid_text(*some) : "none"; };
  return "queue " + facts.name + ": " + std::to_string(facts.events) + " events, " +
         std::to_string(facts.blocks) + " blocks, " + std::to_string(facts.payload_bytes) +
         " bytes, from " + eid(facts.first) + ", to " + eid(facts.last) + ", trimmed " +
         eid(trimmed) + "\n";
}

std::string text_of(const std::string& name, bool paused, const BotWords& words) {
  return "bot " + name + (paused ? " (paused): " : ": ") + words.owner + ", " + words.description +
         "\n";
}

std::string text_of(const std::string& source, const Checkpoint& at) {
  return "  " + source + " at '" + at.position + "', " + std::to_string(at.records) + " " +
         std::to_string(at.source_timestamp) + " " + std::to_string(at.started_timestamp) + " " +
         std::to_string(at.ended_timestamp) + "\n";
}

std::string text_of(uint32_t shard, uint64_t version, const std::string& pipeline) {
  return "  holds in " + std::to_string(shard) + ", version " + std::to_string(version) + " of " +
         pipeline + ":";
}
std::string text_of(uint8_t stage, const std::string& key, const std::string& value) {
  return " " + std::to_string(stage) + key + "=" + std::to_string(value.size()) +
         value.substr(0, 20);
}

std::string text_of(Bus& bus) {
  std::string text;
  for (const QueueFacts& facts : sure(bus.queues())) {
    CHECK(sure(bus.has_queue(facts.name)));
    text += text_of(facts, sure(bus.trimmed(facts.name))) + read(bus, facts.name, {});
  }
  for (const BotFacts& bot : sure(bus.bots())) {
    CHECK(sure(bus.is_paused(bot.name)) == bot.paused);
    text += text_of(bot.name, bot.paused, bot.words);
    for (const BotCheckpoint& one : bot.checkpoints) {
      CHECK(one.intact);
      CHECK(sure(bus.checkpoint(bot.name, one.source)).position == one.checkpoint.position);
      text += text_of(one.source, one.checkpoint);
    }
    for (const BotStateFacts& facts : bot.states) {
      const BotState state = sure(bus.state(bot.name, facts.shard));
      CHECK((facts.intact && facts.entries == state.entries.size()));
      CHECK((facts.version == state.version && facts.pipeline == state.pipeline));
      text += text_of(facts.shard, state.version, state.pipeline);
      for (const StateEntry& one : state.entries) text += text_of(one.stage, one.key, one.value);
      text += "\n";
    }
  }
  return text;
}

std::string text_of(Model& model) {
  std::string text;
  for (const auto& [name, queue] : model.queues) {
    const Model::Events events = model.all(name);
    QueueFacts facts{.name = name,
                     .events = events.size(),
                     .blocks = queue.blocks.size(),
                     .first = {},
                     .last = queue.last};
    for (const Model::Event& event : events) facts.payload_bytes += event.payload_bytes;
    if (!events.empty()) facts.first = events.front().eid;
    text += text_of(facts, queue.trimmed) + read(model, name, {});
  }
  for (const auto& [name, bot] : model.bots) {
    text += text_of(name, bot.paused, bot.words);
    for (const auto& [source, at] : bot.checkpoints) text += text_of(source, at);
    for (const auto& [shard, state] : bot.states) {
      text += text_of(shard, state.version, state.pipeline);
      for (const auto& [at, value] : state.entries) text += text_of(at.first, at.second, value);
      text += "\n";
    }
  }
  return text;
}

// What may be done.

std::string say(bool yes) { return yes ? "yes" : "no"; }
std::string say(uint64_t number) { return std::to_string(number); }
std::string say(const std::optional<Eid>& eid) { return eid ? eid_text(*eid) : "none"; }
std::string say(const std::optional<Split>& split) { return split ? split->describe() : "none"; }
template <typename T>
std::string say(Result<T> result) {
  if constexpr (std::is_void_v<T>) {
    sure(result);
    return "";
  } else {
    return say(sure(std::move(result)));
  }
}

/// Something that can be done to a bus and to a model. Both answer in the same words.
struct Operation {
  std::string name;
  std::function<std::string(Bus&)> on_bus;
  std::function<std::string(Model&)> on_model;
};

template <typename Do>
Operation operation(const std::string& name, const Do& both) {
  return {name, both, both};
}

/// Thinks of operations. What of the model it looks at only makes them more likely to do something.
class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}

  int pick(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
  bool once_in(int times) { return pick(times - 1) == 0; }

  Operation change(Model& model);
  Operation look(Model& model);

 private:
  template <size_t kSize>
  std::string one_of(const std::array<const char*, kSize>& names) {
    return names[static_cast<size_t>(pick(kSize - 1))];
  }
  std::string queue() { return one_of(std::array{"p", "q", "r"}); }
  std::string bot() { return one_of(std::array{"a", "b", "c"}); }
  /// That of an event, or one close to it.
  Eid eid(const Model& model, const std::string& name) {
    const Model::Events events = model.all(name);
    if (events.empty()) return {now_ + pick(20) - 10, 0};
    const size_t at = static_cast<size_t>(pick(static_cast<int>(events.size()) - 1));
    const Eid some = events[at].eid;
    return once_in(4) ? some.before().value_or(some) : once_in(4) ? some.after(1) : some;
  }
  Piece piece(const Model& model, const std::string& name);
  Move move(Model& model, const std::string& bot, const std::string& source);
  StateMove state(Model& model, const std::string& bot);
  Change commit(Model& model);
  Change reset(Model& model);

  std::mt19937 random_;
  int64_t now_ = 1'764'000'000'000;
  int number_ = 0;
};

Piece Chance::piece(const Model& model, const std::string& name) {
  const auto found = model.queues.find(name);
  const std::optional<Eid> last = found == model.queues.end() ? std::nullopt : found->second.last;
  std::optional<Eid> given;
  if (once_in(4)) {
    // Behind the queue's end, as it must be, or not; at the end of a millisecond, where the next
    // event has to go over into another; and once in a long while where there are no eids any more.
    given = last ? last->after(static_cast<uint64_t>(pick(3))) : Eid{now_, 7};
    if (once_in(4)) given->sequence = Eid::kSequences - 1 - static_cast<uint32_t>(pick(2));
    if (once_in(50)) given->ms = kLastMillisecond - pick(1);
  }
  Piece events;
  for (int left = pick(4); left >= 0; --left) {
    NewEvent& event = events.emplace_back();
    const size_t size = static_cast<size_t>(once_in(10) ? pick(20'000) : pick(20));
    event.payload = std::to_string(++number_) + std::string(size, '0');
    if (once_in(2)) event.id = bot();
    if (once_in(2)) event.cause = eid_text(eid(model, queue()));
    if (once_in(2)) event.source_time = now_ + pick(200) - 100;
    if (once_in(4)) event.written = now_ - pick(50);
    event.eid = given;
    if (given) given = given->after(static_cast<uint64_t>(once_in(2) ? 1 : 1 + pick(5)));
  }
  return events;
}

Move Chance::move(Model& model, const std::string& bot, const std::string& source) {
  const auto& known = model.bots[bot].checkpoints;
  const auto at = known.find(source);
  Move move{
      .bot = bot, .source = source, .from = at == known.end() ? "" : at->second.position, .to = {}};
  if (once_in(8)) move.from = "elsewhere";
  move.to.position = once_in(8) ? "" : eid_text(eid(model, queue()));
  move.to.records = static_cast<uint64_t>(++number_);
  move.to.source_timestamp = now_ - pick(100);
  move.to.started_timestamp = now_ - 1;
  move.to.ended_timestamp = now_;
  // A shard is moved where it is one; any other may be new.
  move.exists = read_source(source).shard || once_in(4);
  move.forgets = once_in(8);
  return move;
}

StateMove Chance::state(Model& model, const std::string& bot) {
  StateMove move{.bot = bot, .shard = once_in(2) ? 0U : 1U};
  const auto known = model.bots[bot].states.find(move.shard);
  if (known != model.bots[bot].states.end()) move.from = known->second.version;
  if (once_in(8)) ++move.from;
  move.pipeline = queue();
  move.forgets = once_in(8);
  for (int left = pick(4); left > 0; --left) {
    StateChange& one = move.changes.emplace_back();
    one.stage = static_cast<uint8_t>(1 + pick(2));
    one.key = queue();
    // Also one that takes several pages.
    if (!once_in(3)) {
      one.value = std::string(static_cast<size_t>(once_in(9) ? 50'000 : pick(9)), 'x');
    }
  }
  return move;
}

Change Chance::commit(Model& model) {
  Change change{.appends = {}, .moves = {}, .states = {}, .now = now_};
  for (int left = pick(2); left > 0; --left) {
    auto& append = change.appends.emplace_back(Change::NewEvents{.queue = queue(), .pieces = {}});
    for (int pieces = once_in(8) ? 0 : 1 + pick(1); pieces > 0; --pieces) {
      append.pieces.push_back(piece(model, append.queue));
    }
  }
  Model looked = model;
  for (int left = pick(2); left > 0; --left) {
    const std::string name = bot();
    const auto& known = looked.bots[name].checkpoints;
    std::string source = once_in(3) ? "file" : "queue:" + queue();
    if (!known.empty() && !once_in(3)) {
      source = std::next(known.begin(), pick(static_cast<int>(known.size()) - 1))->first;
    }
    change.moves.push_back(move(looked, name, source));
    looked.move(change.moves.back());
  }
  if (once_in(2)) change.states.push_back(state(looked, bot()));
  return change;
}

/// All that a bot remembers is set to one position, or forgotten.
Change Chance::reset(Model& model) {
  Change change{.appends = {}, .moves = {}, .states = {}, .now = now_};
  const std::string name = bot();
  const Checkpoint to{.position = eid_text(eid(model, queue()))};
  Model looked = model;
  for (const auto& [source, at] : looked.bots[name].checkpoints) {
    change.moves.push_back({.bot = name, .source = source, .from = at.position, .to = to});
    change.moves.back().exists = true;
    change.moves.back().forgets = once_in(4);
  }
  for (const auto& [shard, state] : looked.bots[name].states) {
    change.states.push_back({.bot = name, .shard = shard, .from = state.version, .forgets = true});
  }
  return change;
}

Operation Chance::change(Model& model) {
  now_ += once_in(10) ? -pick(20) : pick(5);
  const std::string name = queue();
  const std::string who = bot();
  const Eid some = eid(model, name);
  switch (pick(19)) {
    case 0:
    case 1:
      return operation("trim " + name + " before " + eid_text(some),
                       [=](auto& on) { return say(on.trim(name, some)); });
    case 2:
    case 3:
      return operation("compact " + name + " from " + eid_text(some), [=](auto& on) {
        compact(on, name, some);
        return "";
      });
    case 4:
    case 5:
      return operation(
          "reset", [=, change = reset(model)](auto& on) { return say(weir::commit(on, change)); });
    case 6:
    case 7: {
      const auto wanted = once_in(4)
                              ? std::nullopt
                              : std::optional(Split{.count = 1U + static_cast<uint32_t>(pick(2)),
                                                    .key = once_in(2) ? "user" : "id"});
      const std::string source = "queue:" + name;
      return operation("split " + source + " of " + who + ": " + say(wanted),
                       [=](auto& on) { return say(on.split(who, source, wanted)); });
    }
    case 8:
      return operation("remove bot " + who, [=](auto& on) { return say(on.remove_bot(who)); });
    case 9:
      if (!once_in(3)) break;
      return operation("remove queue " + name,
                       [=](auto& on) { return say(on.remove_queue(name)); });
    case 10: {
      // What is left of the queue lies behind what was trimmed, and in front of its end.
      const auto first = model.all(name).empty() ? some : model.all(name).front().eid;
      const QueueMarks marks{.last = some.after(static_cast<uint64_t>(pick(9))),
                             .trimmed = once_in(2) ? std::nullopt : first.before()};
      return operation("mark " + name, [=](auto& on) { return say(on.mark(name, marks)); });
    }
    case 11:
      return operation("pause " + who,
                       [=, yes = once_in(2)](auto& on) { return say(on.pause_bot(who, yes)); });
    case 12:
      return operation("describe " + who, [=, owner = bot()](auto& on) {
        return say(on.describe_bot(who, {.owner = owner, .description = name}));
      });
    default:
      break;
  }
  return operation("commit",
                   [=, change = commit(model)](auto& on) { return say(weir::commit(on, change)); });
}

/// Something that changes nothing.
Operation Chance::look(Model& model) {
  const std::string name = once_in(20) ? "none" : queue();
  const Eid some = eid(model, name);
  switch (pick(3)) {
    case 0:
      return operation("behind " + eid_text(some) + " of " + name, [=](auto& on) {
        return weir::behind(on, name, some) + ", " + weir::behind(on, name, std::nullopt);
      });
    case 1:
      return operation("small end of " + name,
                       [=, least = static_cast<size_t>(1 + pick(5))](auto& on) {
                         return say(small_end(on, name, least));
                       });
    default: {
      Reading reading;
      if (!once_in(3)) reading.from = some;
      if (once_in(2)) reading.before = eid(model, name);
      if (const int64_t begin = now_ + pick(200) - 150; once_in(2)) {
        reading.event_time = Period{.begin = begin, .end = begin + pick(60)};
      }
      return operation("read " + name, [=](auto& on) { return weir::read(on, name, reading); });
    }
  }
}

/// The first lines that are not the same; empty if all are.
std::string difference(const std::string& found, const std::string& wanted) {
  const auto at = std::ranges::mismatch(found, wanted);
  const auto line = [](const std::string& text, std::string::const_iterator place) {
    const auto offset = static_cast<size_t>(place - text.begin());
    const size_t before = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    return text.substr(begin, text.find('\n', offset) - begin);
  };
  if (at.in1 == found.end() && at.in2 == wanted.end()) return {};
  return "has: " + line(found, at.in1) + "\nshould have: " + line(wanted, at.in2);
}

/// A process does these and is killed at some moment. What it was told to be done is, and what it
/// was about is done as a whole or not at all. Answers how many were done.
size_t crash(const OpenBus& open, const std::vector<Operation>& operations, Model& model,
             Chance& chance) {
  std::vector<Model> after = {model};
  std::vector<std::string> answers;
  for (const Operation& one : operations) {
    after.push_back(after.back());
    answers.push_back(one.on_model(after.back()));
  }
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    auto bus = open();
    bool agrees = write(ends[1], "", 1) == 1;
    for (size_t i = 0; i < operations.size() && agrees; ++i) {
      agrees = operations[i].on_bus(*bus) == answers[i] && write(ends[1], "", 1) == 1;
    }
    // Closed, too, for then the bus may tidy up.
    bus.reset();
    _exit(agrees ? 0 : 1);
  }
  close(ends[1]);
  char byte;
  ssize_t told = 0;
  // Killed while it opens the bus, or later.
  if (!chance.once_in(4)) told += ::read(ends[0], &byte, 1);
  usleep(static_cast<unsigned>(chance.pick(chance.once_in(2) ? 300 : 3000)));
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  while (::read(ends[0], &byte, 1) == 1) ++told;
  close(ends[0]);
  const size_t done = told == 0 ? 0 : static_cast<size_t>(told - 1);
  const size_t perhaps = std::min(done + 1, operations.size());

  const std::string found = text_of(*open());
  const size_t is = found == text_of(after[done]) ? done : perhaps;
  CAPTURE(done);
  REQUIRE(difference(found, text_of(after[is])) == "");
  model = after[is];
  return is;
}

void run_seed(const OpenBus& open, unsigned seed) {
  INFO("to run this alone: WEIR_MODEL_SEED=", seed);
  Chance chance(seed);
  Model model;
  // Two that have it open see what the other did.
  std::array<std::unique_ptr<Bus>, 2> buses = {open(), open()};
  for (int step = 0; step < kSteps; ++step) {
    CAPTURE(step);
    if (chance.once_in(15)) {
      std::vector<Operation> operations;
      Model ahead = model;
      for (int left = chance.pick(3); left >= 0; --left) {
        operations.push_back(chance.change(ahead));
        operations.back().on_model(ahead);
      }
      // SQLite, for one, does not allow a process that forks to have it open.
      buses = {};
      crash(open, operations, model, chance);
      buses = {open(), open()};
      continue;
    }
    if (chance.once_in(20)) buses[0] = open();
    const Operation next = chance.once_in(3) ? chance.look(model) : chance.change(model);
    CAPTURE(next.name);
    Bus& one = *buses[static_cast<size_t>(chance.pick(1))];
    REQUIRE(difference(next.on_bus(one), next.on_model(model)) == "");
    REQUIRE(difference(text_of(*buses[1]), text_of(model)) == "");
  }
}

}  // namespace

void run_model_suite(const std::function<OpenBus()>& fresh) {
  if (const char* const seed = std::getenv("WEIR_MODEL_SEED")) {
    run_seed(fresh(), static_cast<unsigned>(std::atoi(seed)));
    return;
  }
  const char* const many = std::getenv("WEIR_MODEL_SEEDS");
  const unsigned seeds = many == nullptr ? kSeeds : static_cast<unsigned>(std::atoi(many));
  for (unsigned seed = 1; seed <= seeds; ++seed) run_seed(fresh(), seed);
}

}  // namespace weir
