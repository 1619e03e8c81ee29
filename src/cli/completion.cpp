#include "cli/completion.h"

#include <array>
#include <vector>

#include "cli/commands.h"
#include "cli/function_help.h"
#include "cli/words.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "SHELL", .at_least = 1, .at_most = 1, .help = "bash, zsh or fish"},
};

std::string names_of(const std::vector<const Command*>& words) {
  std::string names;
  for (const Command* word : words) names += (names.empty() ? "" : " ") + std::string(word->name);
  return names;
}

std::string names_of_topics() {
  std::string names;
  for (const HelpTopic& topic : help_topics()) {
    names += (names.empty() ? "" : " ") + std::string(topic.name);
  }
  return names;
}

std::string options_of(const Command& command) {
  std::string names;
  for (const OptionRow& row : command.options) {
    names += std::string(row.name) + " ";
    if (row.if_bare.empty()) continue;
    for (const std::string_view choice : choices_of(row)) {
      names += std::string(row.name) + "=" + std::string(choice) + " ";
    }
  }
  return names + (find_option(command, "--help") == nullptr ? "--help" : "");
}

std::vector<const Command*> all_words() {
  std::vector<const Command*> words = {&kWeir};
  for (const Command* word : pipeline_words()) words.push_back(word);
  for (const Command* word : command_words()) words.push_back(word);
  return words;
}

/// The words that have something of their own behind them. Behind explain it goes on as behind
/// weir.
std::string words_of_their_own() {
  std::string names = names_of(pipeline_words());
  for (const Subcommand* subcommand : subcommands()) {
    if (!subcommand->takes_pipeline) names += " " + std::string(subcommand->command.name);
  }
  return names;
}

/// Choices and options as branches of a shell's `case`, by "verb option" and by verb.
std::string choice_branches() {
  std::string branches;
  for (const Command* word : all_words()) {
    for (const OptionRow& row : word->options) {
      if (row.choices.empty() || !row.if_bare.empty()) continue;
      std::string pattern = std::string(word->name) + " " + std::string(row.name);
      branches += "    \"" + pattern + "\"";
      if (row.short_name != 0) {
        branches += "|\"" + std::string(word->name) + " -" + row.short_name + "\"";
      }
      branches += ") choices=\"" + std::string(row.choices) + "\" ;;\n";
    }
  }
  return branches;
}

std::string option_branches() {
  std::string branches;
  for (const Command* word : all_words()) {
    branches += "    " + std::string(word->name) + ") options=\"" + options_of(*word) + "\" ;;\n";
  }
  return branches;
}

/// What bash and zsh share: finds the verb that the word at the cursor belongs to, and sets `verb`,
/// `choices`, `options`, `verbs`. `words` is an array that counts from `first`, `at` the cursor's.
std::string shared_function(std::string_view first) {
  return "_weir_look() {\n"
         "  local i\n"
         "  verb=weir choices= options= verbs=\n"
         "  for ((i = " +
         std::string(first) +
         " + 1; i < at; i++)); do\n"
         "    if [[ ${words[i]} == then ]]; then verb=then\n"
         "    elif [[ $verb == then ]]; then verb=${words[i]}\n"
         "    elif [[ $verb == weir && \" $own \" == *\" ${words[i]} \"* ]]; then "
         "verb=${words[i]}; fi\n"
         "  done\n"
         "  case \"$verb ${words[at - 1]}\" in\n" +
         choice_branches() +
         "  esac\n"
         "  case $verb in\n" +
         option_branches() +
         "  esac\n"
         "  if [[ $verb == then ]]; then verbs=\"$stages\"; fi\n"
         "  if [[ $verb == weir || $verb == help ]]; then verbs=\"$all\"; fi\n"
         "  if [[ $verb == help ]]; then verbs+=\" " +
         names_of_topics() +
         "\"; fi\n"
         "  if [[ $verb == completion ]]; then verbs=\"bash zsh fish\"; fi\n"
         "}\n";
}

std::string word_lists() {
  return "  local stages=\"" + names_of(pipeline_words()) + "\"\n" + "  local all=\"" +
         names_of(pipeline_words()) + " " + names_of(command_words()) + "\"\n" + "  local own=\"" +
         words_of_their_own() + "\"\n";
}

std::string bash_script() {
  return "# bash completion for weir: source <(weir completion bash)\n" + shared_function("0") +
         "_weir() {\n" + word_lists() +
         "  local verb choices options verbs at=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]}\n"
         "  local words=(\"${COMP_WORDS[@]}\")\n"
         "  _weir_look\n"
         "  if [[ -n $choices ]]; then COMPREPLY=($(compgen -W \"$choices\" -- \"$cur\"))\n"
         "  elif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
         "  elif [[ -n $verbs ]]; then COMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\"))\n"
         "  else COMPREPLY=($(compgen -f -W then -- \"$cur\")); fi\n"
         "}\n"
         "complete -o filenames -F _weir weir\n";
}

std::string zsh_script() {
  return "#compdef weir\n"
         "# zsh completion for weir: weir completion zsh > a folder of $fpath/_weir\n" +
         shared_function("1") + "_weir() {\n" + word_lists() +
         "  local verb choices options verbs at=$CURRENT cur=${words[CURRENT]}\n"
         "  _weir_look\n"
         "  if [[ -n $choices ]]; then compadd -- ${=choices}\n"
         "  elif [[ $cur == -* ]]; then compadd -- ${=options}\n"
         "  elif [[ -n $verbs ]]; then compadd -- ${=verbs}\n"
         "  else compadd -- then; _files; fi\n"
         "}\n"
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _weir \"$@\"; else compdef _weir "
         "weir; fi\n";
}

std::string fish_quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string fish_script() {
  std::string script =
      "# fish completion for weir: weir completion fish | source\n"
      "function __weir_verb\n"
      "  set -l verb weir\n"
      "  for word in (commandline -opc)[2..]\n"
      "    if test $word = then; set verb then\n"
      "    else if test $verb = then; set verb $word\n"
      "    else if test $verb = weir; and contains -- $word " +
      words_of_their_own() +
      "; set verb $word; end\n"
      "  end\n"
      "  test $verb = $argv[1]\n"
      "end\n";
  for (const Command* word : all_words()) {
    const std::string when = "complete -c weir -n '__weir_verb " + std::string(word->name) + "' ";
    if (word != &kWeir) {
      script += "complete -c weir -f -n '__weir_verb weir' -a " + std::string(word->name) + " -d " +
                fish_quote(word->summary) + "\n";
    }
    for (const OptionRow& row : word->options) {
      script += when + "-l " + std::string(row.name.substr(2));
      if (row.short_name != 0) script += std::string(" -s ") + row.short_name;
      if (row.type != OptionType::kFlag && row.if_bare.empty()) script += " -r";
      if (!row.choices.empty()) script += " -f -a " + fish_quote(row.choices);
      script += " -d " + fish_quote(row.help) + "\n";
    }
  }
  script += "complete -c weir -f -n '__weir_verb help' -a " +
            fish_quote(names_of(pipeline_words()) + " " + names_of(command_words()) + " " +
                       names_of_topics()) +
            "\n";
  script += "complete -c weir -f -n '__weir_verb completion' -a 'bash zsh fish'\n";
  for (const Command* word : pipeline_words()) {
    script += "complete -c weir -f -n '__weir_verb then' -a " + std::string(word->name) + " -d " +
              fish_quote(word->summary) + "\n";
  }
  return script;
}

Result<Answer> run(const Invocation& invocation) {
  auto script = completion_script(invocation.arguments.positionals[0]);
  if (!script) return std::unexpected(script.error());
  return Answer{std::move(*script)};
}

}  // namespace

const Subcommand kCompletion = {
    .command = {.name = "completion",
                .summary = "print a completion script for a shell",
                .positionals = kPositionals,
                .options = {}},
    .run = run,
};

Result<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};
  return usage_error("completion: no script for '" + std::string(shell) + "'" +
                     did_you_mean(shell, kShells) + " (there are bash, zsh and fish)");
}

}  // namespace weir
