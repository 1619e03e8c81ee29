#include "cli/words.h"

#include <algorithm>
#include <string>

#include "base/nearest.h"
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
     .choices = kInputFormats},
    {.name = "--output-format",
     .short_name = 'o',
     .type = OptionType::kChoice,
     .metavar = "FORMAT",
     .help = "how events are written; else by the file's name, or NDJSON",
     .choices = kOutputFormats},
    {.name = "--errors",
     .type = OptionType::kFile,
     .metavar = "ENDPOINT",
     .help = "keep rejected events there, as NDJSON with origin and reason",
     .detail = "Then they are not lost, and do not make the exit status 1."},
    {.name = "--strict",
     .type = OptionType::kFlag,
     .help = "check every event first; the first reject ends the run",
     .detail = "Missing fields and failed expressions are rejects too. With --errors rejects are "
               "kept and the run goes on."},
    {.name = "--stats",
     .type = OptionType::kFlag,
     .help = "print what became of the events, as JSON on standard error"},
    {.name = "--memory",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "what the process may hold for groups and tables; else half of the machine's memory"},
    {.name = "--max-event",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "the longest event; a longer one is rejected (8MiB)"},
    {.name = "--batch-rows",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "the most events in a batch, for tests; the results are the same with any",
     .detail = "The environment variable WEIR_BATCH_ROWS sets it too."},
    {.name = "--help", .short_name = 'h', .type = OptionType::kFlag, .help = "show this help"},
    {.name = "--version", .type = OptionType::kFlag, .help = "show the version"},
};

constexpr Positional kHelpPositionals[] = {
    {.metavar = "WORD", .at_least = 0, .at_most = 1, .help = "a verb, an end or a command"},
};
constexpr OptionRow kHelpOptions[] = {
    {.name = "--roff",
     .type = OptionType::kFlag,
     .help = "print the OPTIONS section of the word's man page"},
};

constexpr Positional kCompletionPositionals[] = {
    {.metavar = "SHELL", .at_least = 1, .at_most = 1, .help = "bash, zsh or fish"},
};

}  // namespace

const Command kWeir = {.name = "weir",
                       .summary = "run events through a pipeline",
                       .positionals = {},
                       .options = kWeirOptions};
const Command kHelp = {.name = "help",
                       .summary = "explain weir, or one of its words",
                       .positionals = kHelpPositionals,
                       .options = kHelpOptions};
const Command kCompletion = {.name = "completion",
                             .summary = "print a completion script for a shell",
                             .positionals = kCompletionPositionals,
                             .options = {}};

std::vector<const Command*> pipeline_words() {
  std::vector<const Command*> words = {&kFrom};
  for (const Verb* verb : verbs()) words.push_back(&verb->command);
  words.push_back(&kTo);
  return words;
}

std::vector<const Command*> command_words() { return {&kHelp, &kCompletion}; }

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

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
  const std::string_view near = nearest(name, known);
  return near.empty() ? std::string() : ": did you mean '" + std::string(near) + "'?";
}

}  // namespace weir
