#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "base/foreign_words.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/words.h"

namespace weir {

namespace {

/// Stands in front of every word that is no option, so that CLI11 takes it as it is: it would read
/// '-x < 3' as an option and '[1,2]' as two values.
constexpr char kMark = '\x01';

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

/// In front of a message: which verb it is about. weir itself is named by every message anyhow.
std::string label(const Command& command) {
  return &command == &kWeir ? std::string() : std::string(command.name) + ": ";
}

/// The command that explains the word.
std::string help_on(const Command& command) {
  return &command == &kWeir ? "weir --help" : "weir help " + std::string(command.name);
}

bool takes_value(const OptionRow& row) { return row.type != OptionType::kFlag; }

/// Is the next word the option's value, if none stands behind an equals sign?
bool takes_word(const OptionRow& row) { return takes_value(row) && row.if_bare.empty(); }

/// Could the word be an option at all? Letters, digits and hyphens, up to an equals sign.
bool looks_like_option(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  const std::string_view name = word.substr(0, word.find('='));
  if (word.starts_with("--") && name.size() > 2) {
    return std::ranges::all_of(name.substr(2), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
  }
  const char c = word[1];
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter && word.find_first_of(" .<>=!&|+*/%()[]?:") == std::string_view::npos;
}

std::unexpected<Error> unknown_option(const Command& command, std::string_view name) {
  const bool is_long = name.starts_with("--");
  const OptionRow* global =
      is_long ? find_option(kWeir, name) : find_option(kWeir, name.size() > 1 ? name[1] : '\0');
  if (global != nullptr && &command != &kWeir) {
    const Subcommand* const subcommand = find_subcommand(command.name);
    if (subcommand != nullptr && !takes_global(*subcommand, global->name)) {
      return refuse_global(*subcommand, global->name);
    }
    const std::string before =
        subcommand != nullptr ? "'" + std::string(command.name) + "'" : "the first stage";
    return usage_error("put " + std::string(name) + " before " + before +
                       ": it belongs to weir, not to " + std::string(command.name));
  }
  std::vector<std::string_view> known;
  for (const OptionRow& row : command.options) known.push_back(row.name);
  std::string hint = did_you_mean(name, known);
  if (hint.empty()) hint = "; " + help_on(command) + " lists them";
  return usage_error(label(command) + "there is no option " + in_quotes(name) + hint);
}

std::unexpected<Error> needs_value(const Command& command, const OptionRow& row) {
  return usage_error(label(command) + std::string(row.name) + " needs " + std::string(row.metavar));
}

/// The words as CLI11 gets them: options by their long names, everything else marked.
Result<std::vector<std::string>> mark_words(const Command& command,
                                            std::span<const std::string> words) {
  std::vector<std::string> marked;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      for (++i; i < words.size(); ++i) marked.push_back(kMark + words[i]);
      break;
    }
    if (!looks_like_option(word)) {
      marked.push_back(kMark + word);
      continue;
    }
    if (word.starts_with("--")) {
      const size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      const OptionRow* row = find_option(command, std::string_view(name));
      if (row == nullptr) return unknown_option(command, name);
      marked.push_back(name);
      if (equals != std::string::npos) {
        if (!takes_value(*row)) {
          return usage_error(label(command) + name + " takes no value");
        }
        marked.push_back(kMark + word.substr(equals + 1));
      } else if (!row->if_bare.empty()) {
        marked.push_back(kMark + std::string(row->if_bare));
      } else if (takes_word(*row)) {
        if (++i == words.size()) return needs_value(command, *row);
        marked.push_back(kMark + words[i]);
      }
      continue;
    }
    // Letters behind one minus: flags, and at the end one that may take a value.
    for (size_t at = 1; at < word.size(); ++at) {
      const OptionRow* row = find_option(command, word[at]);
      if (row == nullptr) return unknown_option(command, std::string("-") + word[at]);
      marked.emplace_back(row->name);
      if (!takes_value(*row)) continue;
      if (at + 1 < word.size()) {
        marked.push_back(kMark + word.substr(at + 1));
      } else if (++i < words.size()) {
        marked.push_back(kMark + words[i]);
      } else {
        return needs_value(command, *row);
      }
      break;
    }
  }
  return marked;
}

Result<void> check_value(const Command& command, const OptionRow& row, const std::string& value) {
  const std::string where = label(command) + std::string(row.name);
  if (row.type == OptionType::kChoice) {
    const std::vector<std::string_view> choices = choices_of(row);
    if (std::ranges::find(choices, value) != choices.end()) return {};
    std::string list;
    for (const std::string_view choice : choices) {
      list += (list.empty() ? "" : ", ") + std::string(choice);
    }
    const std::string_view ours = format_for(value);
    const std::string hint = std::ranges::find(choices, ours) == choices.end()
                                 ? did_you_mean(value, choices)
                                 : did_you_mean(ours, choices);
    return usage_error(where + " takes one of " + list + ", not " + in_quotes(value) + hint);
  }
  if (row.type == OptionType::kNumber) {
    uint64_t number = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (problem == std::errc() && end == value.data() + value.size() && number <= INT64_MAX)
      return {};
    return usage_error(where + " takes a whole number, not " + in_quotes(value));
  }
  if (row.type == OptionType::kSize) {
    auto size = parse_size(value);
    if (!size) return usage_error(where + ": " + size.error().message);
  }
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// Does the word begin with what stands behind a field, as in `x =1`?
bool begins_with_equals(std::string_view word) {
  return word.starts_with('=') && !word.starts_with("==");
}

/// Does it end with what stands in front of a value, as in `x= 1`?
bool ends_with_equals(std::string_view word) {
  return word.ends_with('=') && !word.ends_with("==") && !word.ends_with("!=") &&
         !word.ends_with("<=") && !word.ends_with(">=");
}

/// The words of assignments that a shell has cut up, each assignment in quotes.
std::string assignments_of(const std::vector<std::string>& words) {
  std::string text;
  std::vector<std::string> group;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool is_field = i + 1 < words.size() && begins_with_equals(words[i + 1]);
    const bool has_field =
        !begins_with_equals(words[i]) &&
        (ends_with_equals(words[i]) || words[i].find(" = ") != std::string::npos);
    if (!group.empty() && (is_field || has_field)) {
      text += " " + in_quotes(joined(group));
      group.clear();
    }
    group.push_back(words[i]);
  }
  return text + " " + in_quotes(joined(group));
}

Result<void> check_positionals(const Command& command, const std::vector<std::string>& given) {
  int at_least = 0;
  int at_most = 0;
  std::string expected;
  std::string needed;
  for (const Positional& positional : command.positionals) {
    at_least += positional.at_least;
    at_most = positional.at_most < 0 || at_most < 0 ? -1 : at_most + positional.at_most;
    expected += (expected.empty() ? "" : " ") + std::string(positional.metavar);
    if (positional.at_least > 0) needed = expected;
  }
  const std::string name(command.name);
  const auto count = static_cast<int>(given.size());
  if (count < at_least) {
    const Subcommand* does = find_subcommand(command.name);
    const bool has_actions = does != nullptr && !does->actions.empty();
    return usage_error(label(command) + needed + " is missing" +
                       (has_actions ? ": " + list_of(does->actions) : ""));
  }
  const bool assigns = expected.find(" = ") != std::string::npos;
  if (assigns && std::ranges::any_of(given, [](const std::string& word) {
        return begins_with_equals(word) || ends_with_equals(word);
      })) {
    return usage_error(label(command) +
                       "an assignment came in several arguments: put it in quotes, " + name +
                       assignments_of(given));
  }
  if (at_most < 0 || count <= at_most) return {};
  const std::string& surplus = given[static_cast<size_t>(at_most)];
  if (const OptionRow* row = find_option(command, std::string_view("--" + surplus));
      row != nullptr) {
    return usage_error(label(command) + "an option has two hyphens in front: --" + surplus);
  }
  if (at_most == 0) {
    return usage_error(label(command) + in_quotes(surplus) +
                       " is one argument too many: there are " + "options only, and " +
                       help_on(command) + " lists them");
  }
  if (expected == "EXPRESSION") {
    return usage_error(label(command) + "the expression came in " + std::to_string(count) +
                       " arguments: put it in quotes, " + name + " " + in_quotes(joined(given)));
  }
  return usage_error(label(command) + "at most " + std::to_string(at_most) + " " + expected +
                     " can be given, and " + in_quotes(surplus) + " is one too many");
}

}  // namespace

Result<Arguments> parse_arguments(const Command& command, std::span<const std::string> words) {
  auto marked = mark_words(command, words);
  if (!marked) return std::unexpected(marked.error());

  CLI::App app;
  app.set_help_flag();
  app.allow_windows_style_options(false);
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  std::map<std::string, int, std::less<>> flags;
  for (const OptionRow& row : command.options) {
    const std::string name(row.name);
    if (takes_value(row)) {
      app.add_option(name, values[name])->expected(1)->allow_extra_args(false)->take_all();
    } else {
      app.add_flag(name, flags[name]);
    }
  }
  Arguments arguments;
  app.add_option("words", arguments.positionals)->expected(-1);
  try {
    std::vector<std::string> backwards(marked->rbegin(), marked->rend());
    app.parse(std::move(backwards));
  } catch (const CLI::ParseError& error) {
    return usage_error(label(command) + error.what());
  }

  const auto unmark = [](std::string& word) {
    if (!word.empty() && word[0] == kMark) word.erase(0, 1);
  };
  for (std::string& word : arguments.positionals) unmark(word);
  for (const auto& [name, count] : flags) {
    if (count > 0) arguments.values[name];
  }
  for (auto& [name, given] : values) {
    if (given.empty()) continue;
    for (std::string& value : given) {
      unmark(value);
      auto checked = check_value(command, *find_option(command, std::string_view(name)), value);
      if (!checked) return std::unexpected(checked.error());
    }
    arguments.values[name] = std::move(given);
  }
  if (auto checked = check_positionals(command, arguments.positionals); !checked) {
    return std::unexpected(checked.error());
  }
  return arguments;
}

size_t leading_options(const Command& command, std::span<const std::string> words) {
  size_t count = 0;
  while (count < words.size() && looks_like_option(words[count])) {
    const std::string& word = words[count++];
    const OptionRow* row =
        word.starts_with("--")
            ? find_option(command, std::string_view(word).substr(0, word.find('=')))
            : find_option(command, word.back());
    const bool has_value =
        word.starts_with("--") ? word.find('=') != std::string::npos : word.size() > 2;
    if (row != nullptr && takes_word(*row) && !has_value && count < words.size()) ++count;
  }
  return count;
}

}  // namespace weir
