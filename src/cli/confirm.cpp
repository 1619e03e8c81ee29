#include "cli/confirm.h"

#include <unistd.h>

#include <cctype>
#include <cstdio>

#include "base/terminal.h"

namespace weir {

namespace {

/// A line that a person types, without the line end; empty at the end of the input.
std::string read_line() {
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
    line += static_cast<char>(std::tolower(c));
  }
  return line;
}

}  // namespace

Result<bool> confirm(const Arguments& arguments, std::string_view who, std::string what) {
  if (arguments.has(kYes)) return true;
  if (!is_terminal(STDIN_FILENO) || !is_terminal(STDERR_FILENO)) {
    if (what.ends_with('\n')) what.pop_back();
    return usage_error(std::string(who) + ": " + what + ": --yes does it");
  }
  const std::string question = what + std::string(who) + ": do it? [y/N] ";
  std::fputs(question.c_str(), stderr);
  std::fflush(stderr);
  const std::string answer = read_line();
  return answer == "y" || answer == "yes";
}

}  // namespace weir
