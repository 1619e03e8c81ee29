#include "cli/chain.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/words.h"
#include "event/time.h"
#include "stage/verbs.h"

namespace weir {

namespace {

using Words = std::vector<std::string>;

bool asks_for_help(std::span<const std::string> words) {
  return std::ranges::any_of(words,
                             [](const std::string& w) { return w == "--help" || w == "-h"; });
}

/// The parts of the chain, between the words `then`.
std::vector<Words> split_chain(std::span<const std::string> words) {
  std::vector<Words> parts(1);
  for (const std::string& word : words) {
    if (word == "then") {
      parts.emplace_back();
    } else {
      parts.back().push_back(word == "\\then" ? "then" : word);
    }
  }
  return parts;
}

const Verb* find_verb(std::string_view name) {
  const auto found = std::ranges::find_if(
      verbs(), [name](const Verb* verb) { return verb->command.name == name; });
  return found == verbs().end() ? nullptr : *found;
}

/// More threads than any machine has use for are a slip of the hand.
constexpr size_t kMostJobs = 64;

Result<size_t> read_jobs(std::string_view text) {
  size_t jobs = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), jobs);
  if (problem != std::errc() || end != text.data() + text.size() || jobs == 0 || jobs > kMostJobs) {
    return usage_error("--jobs takes a number from 1 to " + std::to_string(kMostJobs) + ", not '" +
                       std::string(text) + "'");
  }
  return jobs;
}

/// Sets `number` to the value of the option, if it is given, which must be from 1 to `most`.
template <typename T>
Result<void> read_limit(const Arguments& globals, std::string_view name, T most, T& number) {
  if (!globals.has(name)) return {};
  const std::string_view text = globals.get(name);
  T value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < 1 || value > most) {
    return usage_error(std::string(name) + " takes a number from 1 to " + std::to_string(most) +
                       ", not '" + std::string(text) + "'");
  }
  number = value;
  return {};
}

/// The same for a size in bytes; `most_text` is how a person writes `most`.
template <typename T>
Result<void> read_size_limit(const Arguments& globals, std::string_view name, size_t most,
                             std::string_view most_text, T& number) {
  if (!globals.has(name)) return {};
  const size_t size = *parse_size(globals.get(name));
  if (size < 1 || size > most) {
    return usage_error(std::string(name) + " takes a size up to " + std::string(most_text) +
                       ", not '" + std::string(globals.get(name)) + "'");
  }
  number = static_cast<T>(size);
  return {};
}

/// What expressions may cost.
Result<void> read_limits(const Arguments& globals, expr::Limits& limits) {
  constexpr int64_t kMostSteps = 1'000'000'000'000;
  constexpr size_t kGiB = size_t{1} << 30;
  auto read = read_limit(globals, "--max-depth", expr::kMaxNodeDepth, limits.depth);
  if (read) read = read_limit(globals, "--max-steps", kMostSteps, limits.steps);
  if (read) read = read_size_limit(globals, "--max-result", 2 * kGiB, "2GiB", limits.memory);
  if (read) read = read_size_limit(globals, "--max-pattern", kGiB, "1GiB", limits.pattern);
  return read;
}

Result<void> apply_globals(const Arguments& globals, const Environment& environment,
                           Invocation& invocation) {
  PipelineRequest& request = invocation.pipeline;
  request.ends.input_format = globals.get("--input-format");
  request.ends.output_format = globals.get("--output-format");
  request.errors = globals.get("--errors");
  if (globals.has("--errors") && request.errors.empty()) {
    return usage_error("--errors needs the name of a file");
  }
  if (globals.has("--commit-every")) {
    if (!globals.has("--as")) return usage_error("--commit-every is for a bot (--as BOT)");
    auto rule = parse_commit_rule(globals.get("--commit-every"));
    if (!rule) return std::unexpected(rule.error());
    request.ends.commit = *rule;
  }
  request.dry_run = globals.has("--dry-run");
  if (request.dry_run && !globals.has("--as")) {
    return usage_error("--dry-run is for a bot (--as BOT)");
  }
  request.strict = globals.has("--strict");
  if (globals.has("--bus") && globals.get("--bus").empty()) {
    return usage_error("--bus: the name of the file is empty");
  }
  request.bus = bus_path(globals.get("--bus"), environment.bus);
  request.bot = globals.get("--as");
  if (globals.has("--as")) {
    if (const std::string why = wrong_name(request.bot); !why.empty()) {
      return usage_error("--as '" + request.bot + "': " + why);
    }
  }
  request.progress = globals.has("--progress");
  request.metered = globals.has("--stats");
  invocation.stats = globals.get("--stats");
  if (globals.has("--memory")) request.memory = *parse_size(globals.get("--memory"));
  if (globals.has("--max-event")) request.ends.max_event = *parse_size(globals.get("--max-event"));
  if (globals.has("--now")) {
    const std::string_view text = globals.get("--now");
    const auto time = parse_timestamp(text);
    if (!time) {
      return usage_error("--now takes a time, not '" + std::string(text) +
                         "': " + std::string(time.error()));
    }
    request.now = *time;
  }
  if (auto read = read_limits(globals, request.limits); !read) return read;
  if (const std::string_view text = globals.get("--jobs", environment.jobs); !text.empty()) {
    auto jobs = read_jobs(text);
    if (!jobs) return std::unexpected(jobs.error());
    request.jobs = *jobs;
  }
  const std::string_view rows = globals.get("--batch-rows", environment.batch_rows);
  const auto [end, problem] =
      std::from_chars(rows.data(), rows.data() + rows.size(), request.ends.batch_rows);
  if (!rows.empty() && (problem != std::errc() || end != rows.data() + rows.size())) {
    return usage_error("the most events in a batch are a whole number, not '" + std::string(rows) +
                       "'");
  }
  return {};
}

/// Of words that should stand elsewhere, what to do with the first: a verb lacks its `then`, or an
/// input stands behind a verb, as grep has it. Empty if there is none. Where the words were
/// `parsed` without complaint only those count that nothing else can be meant by.
std::string misplaced(const Command& command, std::span<const std::string> words, bool parsed) {
  const bool is_from = &command == &kFrom;
  const bool takes_file = !command.positionals.empty() && command.positionals[0].is_file;
  const bool assigns = !command.positionals.empty() &&
                       command.positionals[0].metavar.find('=') != std::string_view::npos;
  if (parsed && !is_from && !assigns) return {};
  const std::vector<const Command*> verbs_and_ends = pipeline_words();
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    struct stat status {};
    const bool is_file = system_files().status(word, status) == 0;
    const bool is_verb =
        std::ranges::find(verbs_and_ends, word, &Command::name) != verbs_and_ends.end();
    if (is_verb && (is_from ? !is_file : i > 0)) {
      return "put 'then' in front of '" + word + "': every stage but the first needs it";
    }
    // A name with a dot: an expression in pieces may well have a piece that is a file, too.
    if (is_file && !takes_file && word.find_first_of("./") != std::string::npos) {
      return std::string(command.name) + ": files are read at the front only: put '" + word +
             "' there, weir from " + word + " then " + std::string(command.name) + " ...";
    }
  }
  return {};
}

/// Puts one part of the chain where it belongs.
Result<void> add_part(const Words& part, bool first, bool last, PipelineRequest& request) {
  if (part.empty()) {
    return usage_error(last ? "nothing stands behind the last 'then'"
                            : "nothing stands in front of a 'then'");
  }
  const std::string& name = part[0];
  const std::span<const std::string> rest = std::span(part).subspan(1);
  const bool is_from = name == kFrom.name;
  const bool is_to = name == kTo.name;
  if (is_from && !first) return usage_error("'from' stands at the front of a pipeline only");
  if (is_to && !last) return usage_error("'to' ends a pipeline: nothing can follow it");
  const Verb* verb = find_verb(name);
  if (find_subcommand(name) != nullptr) {
    return usage_error("'" + name + "' is a command and no stage: it stands at the front, weir " +
                       name + " ...");
  }
  if (!is_from && !is_to && verb == nullptr) return unknown_word(name);

  const Command& command = is_from ? kFrom : is_to ? kTo : verb->command;
  auto arguments = parse_arguments(command, rest);
  const std::string hint = misplaced(command, rest, arguments.has_value());
  if (!hint.empty()) return usage_error(hint);
  if (!arguments) return std::unexpected(arguments.error());
  if (is_from) {
    request.from = std::move(*arguments);
  } else if (is_to) {
    request.to = std::move(*arguments);
  } else {
    request.stages.push_back({verb, std::move(*arguments)});
  }
  return {};
}

Invocation help_on(const Command& word, Invocation::Kind kind = Invocation::Kind::kHelp) {
  Invocation invocation;
  invocation.kind = kind;
  invocation.text = help_text(word);
  return invocation;
}

/// Moves the global options at the front of `part` behind those that are in `options` already.
void take_options(Words& part, Words& options) {
  const auto end = part.begin() + static_cast<std::ptrdiff_t>(leading_options(kWeir, part));
  std::move(part.begin(), end, std::back_inserter(options));
  part.erase(part.begin(), end);
}

/// `--stats table`: the value of an option that may stand alone is behind an equals sign.
Result<void> check_last_option(const Words& options, const Words& part) {
  if (options.empty() || part.empty()) return {};
  const OptionRow* row = find_option(kWeir, std::string_view(options.back()));
  if (row == nullptr || row->if_bare.empty()) return {};
  const std::vector<std::string_view> choices = choices_of(*row);
  if (std::ranges::find(choices, part[0]) == choices.end()) return {};
  const std::string name(row->name);
  return usage_error("the value of " + name + " stands behind an equals sign: " + name + "=" +
                     part[0]);
}

/// `from queue:q --as BOT` is `--as BOT from queue:q`: the only global option that may stand there.
Result<void> take_bot(const Words& part, Arguments& globals) {
  if (part.empty() || part[0] != kFrom.name) return {};
  auto from = parse_arguments(kFrom, std::span(part).subspan(1));
  // What is wrong with the words is said where the stages are read.
  if (!from || !from->has("--as")) return {};
  if (globals.has("--as")) return usage_error("--as is given twice: a run is one bot's");
  globals.values["--as"] = from->values["--as"];
  return {};
}

/// The word of a part that --help stands behind, or null.
const Command* help_wanted_on(const Words& part) {
  if (part.empty() || !asks_for_help(std::span(part).subspan(1))) return nullptr;
  return find_word(part[0]);
}

}  // namespace

Result<Invocation> read_command_line(std::span<const std::string> words,
                                     const Environment& environment) {
  if (words.empty()) return help_on(kWeir, Invocation::Kind::kUsage);
  Invocation invocation;
  std::vector<Words> parts = split_chain(words);

  // Global options stand before the first stage; a command that takes a pipeline may stand in front
  // of them or behind.
  Words options;
  take_options(parts[0], options);
  if (asks_for_help(options)) return help_on(kWeir);
  if (auto fine = check_last_option(options, parts[0]); !fine) {
    return std::unexpected(fine.error());
  }
  const size_t options_in_front = options.size();
  const Command* help = help_wanted_on(parts[0]);
  invocation.command = parts[0].empty() ? nullptr : find_subcommand(parts[0][0]);
  const bool takes_pipeline = invocation.command != nullptr && invocation.command->takes_pipeline;
  if (takes_pipeline && help == nullptr) {
    parts[0].erase(parts[0].begin());
    if (parts.size() == 1 && parts[0].empty()) {
      return help_on(invocation.command->command, Invocation::Kind::kUsage);
    }
    take_options(parts[0], options);
  }
  auto globals = parse_arguments(kWeir, options);
  if (!globals) return std::unexpected(globals.error());
  if (globals->has("--version")) {
    invocation.kind = Invocation::Kind::kHelp;
    invocation.text = version_text();
    return invocation;
  }
  if (auto taken = take_bot(parts[0], *globals); !taken) return std::unexpected(taken.error());
  if (auto applied = apply_globals(*globals, environment, invocation); !applied) {
    return std::unexpected(applied.error());
  }
  for (const Words& part : parts) {
    if (help == nullptr) help = help_wanted_on(part);
  }
  if (help != nullptr) return help_on(*help);

  if (invocation.command != nullptr) invocation.kind = Invocation::Kind::kCommand;
  if (invocation.command != nullptr && !takes_pipeline) {
    for (const auto& [option, values] : globals->values) {
      const Subcommand& command = *invocation.command;
      if (!takes_global(command, option)) return refuse_global(command, option);
    }
    // Its words are its own: `then` means nothing among them.
    auto arguments =
        parse_arguments(invocation.command->command, words.subspan(options_in_front + 1));
    if (!arguments) return std::unexpected(arguments.error());
    if (const auto& actions = invocation.command->actions; !actions.empty()) {
      auto fine = check_action(invocation.command->command, actions, *arguments);
      if (!fine) return std::unexpected(fine.error());
    }
    invocation.arguments = std::move(*arguments);
    return invocation;
  }
  // Options alone are a pipeline too: from standard input to standard output.
  if (parts.size() == 1 && parts[0].empty()) return invocation;
  for (size_t i = 0; i < parts.size(); ++i) {
    auto added = add_part(parts[i], i == 0, i + 1 == parts.size(), invocation.pipeline);
    if (!added) return std::unexpected(added.error());
  }
  return invocation;
}

}  // namespace weir
