// weir: reads events, runs them through a pipeline, writes them. The whole program at a glance.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/terminal.h"
#include "cli/chain.h"
#include "cli/commands.h"
#include "runtime/run.h"
#include "runtime/stats_table.h"

namespace {

using weir::Invocation;

void say(std::string_view line) {
  const std::string text = "weir: " + std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

/// Answers the exit status: `status` if all is printed, or if nobody reads any more.
int print(const std::string& text, std::FILE* to, int status) {
  const bool printed = std::fwrite(text.data(), 1, text.size(), to) == text.size();
  if ((printed && std::fflush(to) == 0) || errno == EPIPE) return status;
  if (to == stdout) say("stdout: cannot be written: " + weir::describe_errno(-errno));
  return 3;
}

/// Fills the places of closed standard descriptors, so that no file of ours gets their numbers.
/// What is opened there can only fail when it is used: reading from standard input, writing to the
/// others.
void hold_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

int status_of(const weir::Error& error) { return error.kind == weir::ErrorKind::kUsage ? 2 : 3; }

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int run(int argc, char** argv) {
  hold_standard_descriptors();
  // A reader that went away shows as EPIPE, where it is written to.
  std::signal(SIGPIPE, SIG_IGN);

  // 1. Split the words at `then` and check each verb's arguments.
  const std::vector<std::string> words(argv + 1, argv + argc);
  auto invocation = weir::read_command_line(words, {.batch_rows = variable("WEIR_BATCH_ROWS"),
                                                    .jobs = variable("WEIR_JOBS"),
                                                    .bus = variable("WEIR_BUS")});
  if (!invocation) {
    say(invocation.error().message);
    return 2;
  }
  if (invocation->kind == Invocation::Kind::kHelp) return print(invocation->text, stdout, 0);
  if (invocation->kind == Invocation::Kind::kUsage) return print(invocation->text, stderr, 2);

  invocation->pipeline.ends.terminal = weir::terminal_of(STDOUT_FILENO);
  const weir::Subcommand* const command = invocation->command;
  if (command != nullptr && command->run != nullptr) {
    const auto answer = command->run(*invocation);
    if (answer) {
      const int status = print(answer->text, stdout, answer->status);
      if (!answer->warning.empty()) say(answer->warning);
      return status;
    }
    say(answer.error().message);
    return status_of(answer.error());
  }

  // 2. Plan the whole pipeline; nothing is opened yet.
  auto pipeline =
      command != nullptr ? command->plan(*invocation) : weir::plan(invocation->pipeline);
  if (!pipeline) {
    say(pipeline.error().message);
    return 2;
  }

  // 3. Open it and let the sink pull until there is no more.
  const weir::Interrupt interrupt;
  const weir::RunResult result = weir::run(**pipeline, interrupt, say);

  // 4. Account for every event.
  if (result.ledger && !invocation->stats.empty()) {
    print(invocation->stats == "table" ? weir::stats_table(*result.ledger)
                                       : result.ledger->to_json() + "\n",
          stderr, 0);
  }
  return result.status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    say(std::string("stopped: ") + problem.what());
    return 3;
  }
}
