#include "cli/help.h"

#include <algorithm>
#include <vector>

#include "cli/commands.h"
#include "cli/function_help.h"
#include "cli/words.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "WORD",
     .at_least = 0,
     .at_most = 1,
     .help = "a verb, an end, a command or a function; functions or aggregations lists those"},
};
constexpr OptionRow kOptions[] = {
    {.name = "--roff",
     .type = OptionType::kFlag,
     .help = "print the OPTIONS section of the word's man page"},
};

constexpr size_t kColumn = 26;  // where explanations start
constexpr size_t kWidth = 80;

std::string option_names(const OptionRow& row) {
  std::string names = row.short_name == 0 ? "    " : std::string("-") + row.short_name + ", ";
  names += row.name;
  if (!row.if_bare.empty()) return names + "[=" + std::string(row.metavar) + "]";
  if (!row.metavar.empty()) names += " " + std::string(row.metavar);
  return names;
}

std::string usage_of_positionals(const Command& command) {
  std::string usage;
  for (const Positional& positional : command.positionals) {
    std::string one(positional.metavar);
    if (positional.at_most != 1) one += "...";
    usage += positional.at_least == 0 ? " [" + one + "]" : " " + one;
  }
  return usage;
}

std::string usage_of(const Command& command) {
  const auto stages = pipeline_words();
  const bool is_stage = std::ranges::find(stages, &command) != stages.end();
  const std::string name(command.name);
  std::string usage = "usage: weir ";
  if (is_stage && name != "from") usage += "... then ";
  usage += name;
  if (!command.options.empty()) usage += " [OPTIONS]";
  usage += usage_of_positionals(command);
  if (is_stage && name != "to") usage += " [then ...]";
  return usage + "\n";
}

void add_words(const std::vector<const Command*>& words, std::string& text) {
  for (const Command* word : words) add_entry(word->name, word->summary, text);
}

std::string list_of_choices(const OptionRow& row) {
  std::string list;
  for (const std::string_view choice : choices_of(row)) {
    list += (list.empty() ? "" : ", ") + std::string(choice);
  }
  return list;
}

void add_options(const Command& command, std::string& text) {
  for (const OptionRow& row : command.options) {
    std::string help(row.help);
    if (!row.choices.empty()) help += ": " + list_of_choices(row);
    add_entry(option_names(row), help, text);
  }
  if (find_option(command, "--help") == nullptr) {
    add_entry("-h, --help", "show this help", text);
  }
}

/// Text for mdoc: each sentence on a line of its own; nothing at the start of a line may look like
/// a request, and a backslash is one.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == ' ' && escaped.ends_with('.')) {
      escaped += '\n';
      continue;
    }
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      if (escaped.empty() && (c == '.' || c == '\'')) escaped += "\\&";
      escaped += c;
    }
  }
  return escaped;
}

Result<Answer> run(const Invocation& invocation) {
  const std::vector<std::string>& names = invocation.arguments.positionals;
  const std::string name = names.empty() ? std::string(kWeir.name) : names[0];
  const Command* word = find_word(name);
  if (invocation.arguments.has("--roff")) {
    if (word == nullptr) return unknown_word(name);
    return Answer{roff_options(*word)};
  }
  if (const HelpTopic* topic = find_topic(name)) return Answer{topic->text()};
  // filter is a verb and a function of lists: then both are meant.
  std::string functions = function_text(name);
  if (word != nullptr) {
    return Answer{help_text(*word) + (functions.empty() ? "" : "\nIn expressions:\n\n") +
                  functions};
  }
  if (functions.empty()) return unknown_word(name, topics_and_functions());
  return Answer{functions};
}

/// True for "ls, show: ...", where a help line begins with words that are written as they stand.
bool begins_with_words(std::string_view help) {
  const size_t colon = std::min(help.find(':'), help.size());
  for (size_t i = 0; i < colon; ++i) {
    if (help[i] == ' ' && (i == 0 || help[i - 1] != ',')) return false;
  }
  return colon < help.size();
}

/// A whole sentence made of a help line.
std::string sentence(std::string_view help) {
  std::string text(help);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z' && !begins_with_words(help)) {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text + ".";
}

}  // namespace

void add_entry(std::string_view left, std::string_view right, std::string& text) {
  std::string line = "  " + std::string(left);
  if (line.size() + 2 > kColumn) {
    text += line + "\n";
    line.clear();
  }
  line.resize(kColumn, ' ');
  while (!right.empty()) {
    size_t cut = right.size();
    if (kColumn + cut > kWidth) {
      cut = right.rfind(' ', kWidth - kColumn);
      if (cut == std::string_view::npos || cut == 0) cut = right.size();
    }
    text += line + std::string(right.substr(0, cut)) + "\n";
    right.remove_prefix(std::min(right.size(), cut + 1));
    line.assign(kColumn, ' ');
  }
}

const Subcommand kHelp = {
    .command = {.name = "help",
                .summary = "explain weir, or one of its words",
                .positionals = kPositionals,
                .options = kOptions},
    .run = run,
};

std::string help_text(const Command& command) {
  std::string text;
  if (&command != &kWeir) {
    text = std::string(command.name) + ": " + std::string(command.summary) + "\n\n" +
           usage_of(command);
    if (!command.positionals.empty()) {
      text += "\n";
      for (const Positional& positional : command.positionals) {
        add_entry(positional.metavar, positional.help, text);
      }
    }
    text += "\noptions:\n";
    add_options(command, text);
    text += "\nExamples: man weir-" + std::string(command.name) + "\n";
    return text;
  }
  text =
      "usage: weir [OPTIONS] STAGE [ARGS] [then STAGE [ARGS]]...\n"
      "       weir COMMAND [ARGS]\n"
      "\n"
      "Reads events, runs them through stages and writes them:\n"
      "\n"
      "  weir from access.ndjson.gz then filter 'status >= 500' \\\n"
      "       then aggregate --by service 'n = count()' then to report.csv\n"
      "\n"
      "'from -' is implied at the front and 'to -' at the back.\n"
      "\nstages:\n";
  add_words(pipeline_words(), text);
  text += "\ncommands:\n";
  add_words(command_words(), text);
  text += "\noptions, before the first stage:\n";
  add_options(command, text);
  text +=
      "\n'weir help STAGE' explains one, 'weir help functions' lists those of expressions;\n"
      "man weir has it all, man weir-cel expressions.\n";
  return text;
}

std::string roff_options(const Command& command) {
  std::string text = ".Bl -tag -width Ds\n";
  for (const Positional& positional : command.positionals) {
    text += ".It Ar " + roff(positional.metavar) + "\n" + roff(sentence(positional.help)) + "\n";
  }
  for (const OptionRow& row : command.options) {
    text += ".It ";
    if (row.short_name != 0) text += "Fl " + std::string(1, row.short_name) + " , ";
    text += "Fl " + roff(row.name.substr(1));
    if (!row.if_bare.empty()) text += " Ns Op Ns = Ns";
    if (!row.metavar.empty()) text += " Ar " + roff(row.metavar);
    text += "\n" + roff(sentence(row.help)) + "\n";
    if (!row.choices.empty()) text += "One of " + roff(list_of_choices(row)) + ".\n";
    if (!row.detail.empty()) text += roff(row.detail) + "\n";
  }
  if (find_option(command, "--help") == nullptr) {
    text += ".It Fl h , Fl \\-help\nShow a short help.\n";
  }
  return text + ".El\n";
}

std::string version_text() { return "weir " WEIR_VERSION "\n"; }

}  // namespace weir
