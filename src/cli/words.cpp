#include "cli/words.h"

#include <algorithm>
#include <string>

#include "base/foreign_words.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "codec/format.h"
#include "runtime/ends.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr OptionRow kWeirOptions[] = {
    {.name = "--input-format",
     .short_name = 'i',
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "what the input is; else found by name, then by content",
     .detail = "Not for a queue, where events lie as JSON.",
     .choices = kInputFormats},
    {.name = "--output-format",
     .short_name = 'o',
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "how events are written; else by the file's name, or NDJSON",
     .detail = "At the end of the pipeline, that is, and not for a queue.",
     .choices = kOutputFormats},
    {.name = "--errors",
     .type = OptionType::kFile,
     .metavar = "ENDPOINT",
     .help = "keep rejected events there, as NDJSON with origin and reason",
     .detail = "Then they are not lost, and do not make the exit status 1. A name that promises "
               "another format is refused."},
    {.name = "--bus",
     .type = OptionType::kFile,
     .metavar = "FILE",
     .help = "where queues are; else WEIR_BUS, or weir/weir.bus in the XDG state directory",
     .detail = "The first who writes to a queue makes it. See weir-bus(5)."},
    {.name = "--as",
     .type = OptionType::kText,
     .metavar = "BOT",
     .help = "run as this bot: begin where it stopped, and write each event exactly once",
     .detail = "It reads a queue or files, and writes to queues and files. What it has written and "
               "how far it "
               "has come "
               "are committed together (see --commit-every), also where the queue has nothing more "
               "for now, and at the end. One run of a bot at a time. Without --errors its rejects "
               "go to queue:BOT.rejects."},
    {.name = "--commit-every",
     .type = OptionType::kText,
     .metavar = "AMOUNT",
     .help =
         "a bot commits when it has read so many events (1000), so much (8MiB) or for so long (5s)",
     .detail = "8 MiB if left out. What a bot reads and writes between two commits is held in "
               "memory, compressed."},
    {.name = "--dry-run",
     .help = "as a bot would run, but nothing is written and no checkpoint is moved",
     .detail =
         "--stats then tells what would become of the events. Nothing is made, no bus either."},
    {.name = "--strict",
     .type = OptionType::kFlag,
     .help = "check every event first; the first reject ends the run",
     .detail = "Missing fields and failed expressions are rejects too. With --errors rejects are "
               "kept and the run goes on."},
    {.name = "--stats",
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "print what became of the events on standard error, as JSON or as a table",
     .detail =
         "For each stage the events that came in, went out and so on, the bytes that went out, "
         "and the time that it took. Without a value it is JSON.",
     .choices = "json table",
     .if_bare = "json"},
    {.name = "--progress",
     .type = OptionType::kFlag,
     .help = "show on the terminal how far the run has come",
     .detail = "A line on standard error, made anew twice a second: percent and time left where "
               "the size of the input is known, events in and out, bytes as they stand in the "
               "input, and rates since the start. Nothing where standard error is no terminal. "
               "Where the events go to a terminal as well, the line gives way to the first of "
               "them."},
    {.name = "--memory",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "what the process may hold for groups and tables; else half of the machine's memory"},
    {.name = "--jobs",
     .short_name = 'j',
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "threads to use, 1 to 64; else as many as there are cores, at most 4",
     .detail =
         "They share the stages in front of the first that keeps something, such as head, "
         "and part of the work of an aggregate right behind those; above 1, a compressed file "
         "is decoded by one more. With any number one more decodes the blocks of a long queue, "
         "and one compresses those that are written; above 1 two do. The results are the same "
         "with any number. The environment variable WEIR_JOBS sets it too."},
    {.name = "--now",
     .type = OptionType::kText,
     .metavar = "TIME",
     .help = "the time that now() gives in expressions; else when the run began",
     .detail = "As in 2026-01-31T12:00:00Z: for replays, which then give the same results again."},
    {.name = "--max-event",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "the longest event; a longer one is rejected (8MiB)"},
    {.name = "--max-steps",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "the most that an expression may do for one event (10000000)",
     .detail =
         "What counts is each member that a macro looks at, and what functions do by the size "
         "of their arguments. The expression fails for an event that needs more."},
    {.name = "--max-result",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "the most that an expression may make for one event, up to 2GiB (256MiB)",
     .detail =
         "All texts, lists and maps on the way to the result, and each of them as it would be "
         "written out. The expression fails for an event that needs more."},
    {.name = "--max-depth",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "how deep expressions may be nested, 1 to 500 (250)"},
    {.name = "--max-pattern",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "what a compiled regular expression may take, up to 1GiB (8MiB)"},
    {.name = "--batch-rows",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "the most events in a batch, for tests; the results are the same with any",
     .detail = "The environment variable WEIR_BATCH_ROWS sets it too."},
    {.name = "--help", .short_name = 'h', .type = OptionType::kFlag, .help = "show this help"},
    {.name = "--version", .type = OptionType::kFlag, .help = "show the version"},
};

}  // namespace

const Command kWeir = {.name = "weir",
                       .summary = "run events through a pipeline",
                       .positionals = {},
                       .options = kWeirOptions};
std::vector<const Command*> pipeline_words() {
  std::vector<const Command*> words = {&kFrom};
  for (const Verb* verb : verbs()) words.push_back(&verb->command);
  words.push_back(&kTo);
  return words;
}

std::vector<const Command*> command_words() {
  std::vector<const Command*> words;
  for (const Subcommand* subcommand : subcommands()) words.push_back(&subcommand->command);
  return words;
}

const Command* find_word(std::string_view name) {
  if (name == kWeir.name) return &kWeir;
  for (const auto& words : {pipeline_words(), command_words()}) {
    const auto found = std::ranges::find(words, name, &Command::name);
    if (found != words.end()) return *found;
  }
  return nullptr;
}

const OptionRow* find_option(const Command& command, std::string_view name) {
  const auto found = std::ranges::find(command.options, name, &OptionRow::name);
  return found == command.options.end() ? nullptr : &*found;
}

const OptionRow* find_option(const Command& command, char short_name) {
  const auto found = std::ranges::find(command.options, short_name, &OptionRow::short_name);
  return found == command.options.end() ? nullptr : &*found;
}

std::vector<std::string_view> choices_of(const OptionRow& row) {
  std::vector<std::string_view> choices;
  for (std::string_view rest = row.choices; !rest.empty();) {
    const size_t space = std::min(rest.find(' '), rest.size());
    choices.push_back(rest.substr(0, space));
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return choices;
}

std::unexpected<Error> unknown_word(const std::string& name,
                                    std::span<const std::string_view> functions) {
  std::vector<std::string_view> known;
  for (const auto& words : {pipeline_words(), command_words()}) {
    for (const Command* word : words) known.push_back(word->name);
  }
  known.insert(known.end(), functions.begin(), functions.end());
  // Before the nearest word: `map` is near `tap`, and means something else.
  const std::string_view ours = verb_for(name);
  const bool there = find_word(ours.substr(0, ours.find(' '))) != nullptr;
  const std::string_view task = task_remedy(name);
  std::string hint = there           ? ": did you mean '" + std::string(ours) + "'?"
                     : !task.empty() ? ": " + std::string(task)
                                     : did_you_mean(name, known);
  if (hint.empty() && name.find_first_of("./*") != std::string::npos) {
    hint = ": to read a file, say: weir from " + name;
  }
  if (hint.empty()) {
    hint = functions.empty() ? "; weir --help lists them"
                             : "; weir --help and weir help functions list them";
  }
  return usage_error((functions.empty() ? "no verb '" : "no verb or function '") + name + "'" +
                     hint);
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
  // A word that was cut short is meant before one that is spelt alike.
  const auto continues = [name](std::string_view word) { return word.starts_with(name); };
  const bool is_cut = name.size() > 2 && std::ranges::count_if(known, continues) == 1;
  const std::string_view near =
      is_cut ? *std::ranges::find_if(known, continues) : nearest(name, known);
  return near.empty() ? std::string() : ": did you mean '" + std::string(near) + "'?";
}

}  // namespace weir
