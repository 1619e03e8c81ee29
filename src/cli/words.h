// Every word that the command line knows, with its options.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "base/result.h"

namespace weir {

/// weir itself: its options are the global ones, which stand before the first stage.
extern const Command kWeir;
/// What may start a part of a pipeline: the ends and all verbs, in the order help lists them.
std::vector<const Command*> pipeline_words();
/// The commands (cli/commands.h), in the order help lists them.
std::vector<const Command*> command_words();
/// The word called `name`, weir itself included, or null.
const Command* find_word(std::string_view name);

/// The error for a word that nobody knows, with the nearest one; `functions` are as good.
std::unexpected<Error> unknown_word(const std::string& name,
                                    std::span<const std::string_view> functions = {});

/// The option of a command by its name ("--by"), or null.
const OptionRow* find_option(const Command& command, std::string_view name);
/// The option of a command by its letter, or null.
const OptionRow* find_option(const Command& command, char short_name);

/// The choices of an option, each by itself; none if it is no kChoice.
std::vector<std::string_view> choices_of(const OptionRow& row);

/// The known word most like `name`, as the end of a message: ": did you mean 'filter'?", or
/// nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);

}  // namespace weir
