#include "cli/chain.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/units.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/words.h"
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

std::unexpected<Error> unknown_verb(const std::string& name) {
  std::vector<std::string_view> known;
  for (const auto& words : {pipeline_words(), command_words()}) {
    for (const Command* word : words) known.push_back(word->name);
  }
  std::string hint = did_you_mean(name, known);
  if (hint.empty() && name.find_first_of("./*") != std::string::npos) {
    hint = ": to read a file, say: weir from " + name;
  }
  if (hint.empty()) hint = "; weir --help lists them";
  return usage_error("no verb '" + name + "'" + hint);
}

Result<void> apply_globals(const Arguments& globals, std::string_view batch_rows,
                           Invocation& invocation) {
  PipelineRequest& request = invocation.pipeline;
  request.ends.input_format = globals.get("--input-format");
  request.ends.output_format = globals.get("--output-format");
  request.errors = globals.get("--errors");
  if (globals.has("--errors") && request.errors.empty()) {
    return usage_error("--errors needs the name of a file");
  }
  request.strict = globals.has("--strict");
  invocation.stats = globals.has("--stats");
  if (globals.has("--memory")) request.memory = *parse_size(globals.get("--memory"));
  if (globals.has("--max-event")) request.ends.max_event = *parse_size(globals.get("--max-event"));
  const std::string_view rows = globals.get("--batch-rows", batch_rows);
  const auto [end, problem] =
      std::from_chars(rows.data(), rows.data() + rows.size(), request.ends.batch_rows);
  if (!rows.empty() && (problem != std::errc() || end != rows.data() + rows.size())) {
    return usage_error("the most events in a batch are a whole number, not '" + std::string(rows) +
                       "'");
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
  if (!is_from && !is_to && verb == nullptr) return unknown_verb(name);

  auto arguments = parse_arguments(is_from ? kFrom : is_to ? kTo : verb->command, rest);
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

Result<Invocation> read_help(std::span<const std::string> words) {
  auto arguments = parse_arguments(kHelp, words);
  if (!arguments) return std::unexpected(arguments.error());
  const std::string name = arguments->positionals.empty() ? "weir" : arguments->positionals[0];
  const Command* word = find_word(name);
  if (word == nullptr) return unknown_verb(name);
  Invocation invocation;
  invocation.kind = Invocation::Kind::kHelp;
  invocation.text = arguments->has("--roff") ? roff_options(*word) : help_text(*word);
  return invocation;
}

Result<Invocation> read_completion(std::span<const std::string> words) {
  auto arguments = parse_arguments(kCompletion, words);
  if (!arguments) return std::unexpected(arguments.error());
  auto script = completion_script(arguments->positionals[0]);
  if (!script) return std::unexpected(script.error());
  Invocation invocation;
  invocation.kind = Invocation::Kind::kHelp;
  invocation.text = std::move(*script);
  return invocation;
}

Invocation help_on(const Command& word) {
  Invocation invocation;
  invocation.kind = Invocation::Kind::kHelp;
  invocation.text = help_text(word);
  return invocation;
}

}  // namespace

Result<Invocation> read_command_line(std::span<const std::string> words,
                                     std::string_view batch_rows) {
  Invocation invocation;
  if (words.empty()) {
    invocation.kind = Invocation::Kind::kUsage;
    invocation.text = help_text(kWeir);
    return invocation;
  }
  std::vector<Words> parts = split_chain(words);

  // Global options stand before the first stage.
  const size_t count = leading_options(kWeir, parts[0]);
  const std::span<const std::string> options = std::span(parts[0]).first(count);
  if (asks_for_help(options)) return help_on(kWeir);
  auto globals = parse_arguments(kWeir, options);
  if (!globals) return std::unexpected(globals.error());
  if (globals->has("--version")) {
    invocation.kind = Invocation::Kind::kHelp;
    invocation.text = version_text();
    return invocation;
  }
  if (auto applied = apply_globals(*globals, batch_rows, invocation); !applied) {
    return std::unexpected(applied.error());
  }
  parts[0].erase(parts[0].begin(), parts[0].begin() + static_cast<std::ptrdiff_t>(count));

  // Options alone are a pipeline too: from standard input to standard output.
  if (parts.size() == 1 && parts[0].empty()) return invocation;
  if (!parts[0].empty()) {
    const std::span<const std::string> rest = std::span(parts[0]).subspan(1);
    if (parts[0][0] == kHelp.name && !asks_for_help(rest)) return read_help(rest);
    if (parts[0][0] == kCompletion.name && !asks_for_help(rest)) return read_completion(rest);
  }
  for (const Words& part : parts) {
    if (part.empty() || !asks_for_help(std::span(part).subspan(1))) continue;
    if (const Command* word = find_word(part[0])) return help_on(*word);
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    auto added = add_part(parts[i], i == 0, i + 1 == parts.size(), invocation.pipeline);
    if (!added) return std::unexpected(added.error());
  }
  return invocation;
}

}  // namespace weir
