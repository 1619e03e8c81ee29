// Checks over everything that the command line knows: what a new verb or option must bring along.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/function_help.h"
#include "cli/help.h"
#include "cli/words.h"
#include "expr/function.h"
#include "stage/aggregate_functions.h"
#include "stage/verbs.h"

namespace {

const std::filesystem::path kRoot = WEIR_SOURCE_DIR;

std::vector<const weir::Command*> all_words() {
  std::vector<const weir::Command*> words = {&weir::kWeir};
  for (const auto& some : {weir::pipeline_words(), weir::command_words()}) {
    words.insert(words.end(), some.begin(), some.end());
  }
  return words;
}

std::string page_name(const weir::Command& word) {
  return &word == &weir::kWeir ? "weir.1" : "weir-" + std::string(word.name) + ".1";
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The words of the commands of all cases in a folder, split at blanks.
std::vector<std::string> words_of_cases(const std::filesystem::path& folder) {
  std::vector<std::string> words;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream command(entry.path() / "cmd");
    for (std::string word; command >> word;) words.push_back(word);
  }
  return words;
}

}  // namespace

TEST_CASE("words are known by one name each, and the verbs stand in order") {
  std::set<std::string_view> names;
  for (const weir::Command* word : all_words()) {
    CAPTURE(word->name);
    CHECK(names.insert(word->name).second);
    CHECK(weir::find_word(word->name) == word);
    CHECK_FALSE(word->summary.empty());
    CHECK_FALSE(word->summary.ends_with('.'));
  }
  CHECK(std::ranges::is_sorted(weir::verbs(), {},
                               [](const weir::Verb* verb) { return verb->command.name; }));
}

TEST_CASE("options are named once, and explained") {
  for (const weir::Command* word : all_words()) {
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const weir::OptionRow& row : word->options) {
      CAPTURE(row.name);
      CHECK(row.name.starts_with("--"));
      CHECK(names.insert(row.name).second);
      if (row.short_name != 0) CHECK(letters.insert(row.short_name).second);
      CHECK_FALSE(row.help.empty());
      CHECK_FALSE(row.help.ends_with('.'));
      CHECK(row.metavar.empty() == (row.type == weir::OptionType::kFlag));
      CHECK(row.choices.empty() == (row.type != weir::OptionType::kChoice));
      if (!row.if_bare.empty()) {
        CHECK(row.choices.find(row.if_bare) != std::string_view::npos);
        CHECK(row.short_name == 0);
      }
      // The bot is as much a matter of where it reads.
      const bool is_bot = word->name == "from" && row.name == "--as";
      if (word != &weir::kWeir && row.type != weir::OptionType::kFlag && !is_bot) {
        // A global option inside a stage is met with a hint; a verb's own must not hide that.
        CHECK(weir::find_option(weir::kWeir, row.name) == nullptr);
      }
    }
    for (const weir::Positional& positional : word->positionals)
      CHECK_FALSE(positional.help.empty());
  }
}

TEST_CASE(
    "every option of a command with actions goes with one of them, and all of theirs are known") {
  for (const weir::Subcommand* subcommand : weir::subcommands()) {
    const weir::Command& command = subcommand->command;
    CAPTURE(command.name);
    const bool names_action =
        !command.positionals.empty() && command.positionals[0].metavar == "ACTION";
    CHECK(names_action == !subcommand->actions.empty());
    if (!names_action) continue;
    for (const weir::OptionRow& row : command.options) {
      CAPTURE(row.name);
      CHECK(std::ranges::any_of(
          subcommand->actions, [&](const weir::Action& action) { return action.takes(row.name); }));
    }
    for (const weir::Action& action : subcommand->actions) {
      CAPTURE(action.name);
      CHECK(command.positionals[0].help.find(action.name) != std::string_view::npos);
      for (const std::string_view option : action.options) {
        if (option.empty()) continue;
        CAPTURE(option);
        CHECK(weir::find_option(command, option) != nullptr);
      }
    }
  }
}

TEST_CASE("every word has help, completion and a man page with fresh OPTIONS") {
  const std::string completions = *weir::completion_script("bash") +
                                  *weir::completion_script("zsh") +
                                  *weir::completion_script("fish");
  const std::string overview = weir::help_text(weir::kWeir);
  const std::string man = read(kRoot / "man" / "weir.1");
  for (const weir::Command* word : all_words()) {
    CAPTURE(word->name);
    const std::string help = weir::help_text(*word);
    const std::string page = read(kRoot / "man" / page_name(*word));
    CHECK_MESSAGE(page.find(".Sh OPTIONS\n" + weir::roff_options(*word)) != std::string::npos,
                  "stale: run scripts/man");
    CHECK(overview.find(std::string(word->name) + " ") != std::string::npos);
    if (word != &weir::kWeir) {
      CHECK(man.find(".It Xr weir-" + std::string(word->name) + " 1\n" +
                     std::string(word->summary)) != std::string::npos);
    }
    for (const weir::OptionRow& row : word->options) {
      CAPTURE(row.name);
      CHECK(help.find(row.name) != std::string::npos);
      CHECK(completions.find("-l " + std::string(row.name.substr(2)) + " ") != std::string::npos);
      CHECK(completions.find(std::string(row.name)) != std::string::npos);
    }
  }
}

TEST_CASE("every function is explained in a line of help, alone and in the lists") {
  const std::string functions = weir::find_topic("functions")->text();
  const std::string aggregations = weir::find_topic("aggregations")->text();
  const auto check = [](std::string_view name, std::string_view help, const std::string& list) {
    CAPTURE(name);
    CHECK_FALSE(help.empty());
    CHECK_FALSE(help.ends_with('.'));
    CHECK(list.contains(" " + std::string(help) + "\n"));
    CHECK(weir::function_text(name).contains(std::string(name) + ": " + std::string(help) + "\n"));
  };
  for (const weir::expr::Family& family : weir::expr::families()) {
    for (const weir::expr::Function& function : family.functions) {
      check(function.name, function.help, functions);
    }
  }
  for (const weir::expr::Macro& macro : weir::expr::macros()) {
    check(macro.name, macro.help, functions);
  }
  for (const weir::AggregateFunction& function : weir::aggregate_functions()) {
    check(function.name, function.help, aggregations);
  }
}

TEST_CASE("every verb and end has cases, and every option is used in one, by each of its names") {
  const std::filesystem::path cases = kRoot / "tests" / "cases";
  // What weir itself and its commands take, the cases of any verb may use.
  std::vector<std::string> all;
  for (const auto& folder : std::filesystem::directory_iterator(cases)) {
    for (std::string& word : words_of_cases(folder.path())) all.push_back(std::move(word));
  }
  for (const weir::Command* word : all_words()) {
    CAPTURE(word->name);
    const auto stages = weir::pipeline_words();
    const bool is_stage = std::ranges::find(stages, word) != stages.end();
    const std::vector<std::string> own =
        is_stage ? words_of_cases(cases / word->name) : std::vector<std::string>();
    CHECK(own.empty() == !is_stage);
    for (const weir::OptionRow& row : word->options) {
      CAPTURE(row.name);
      const auto is_long = [&](const std::string& text) {
        return text == row.name || text.starts_with(std::string(row.name) + "=");
      };
      const auto is_short = [&](const std::string& text) {
        return text.size() > 1 && text[0] == '-' && text[1] == row.short_name;
      };
      CHECK(std::ranges::any_of(is_stage ? own : all, is_long));
      if (row.short_name != 0) CHECK(std::ranges::any_of(is_stage ? own : all, is_short));
    }
  }
}
