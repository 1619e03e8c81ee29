// weir: reads events, runs them through a pipeline, writes them. The whole program at a glance.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "cli/chain.h"
#include "runtime/run.h"

namespace {

using weir::Invocation;

void say(std::string_view line) {
  const std::string text = "weir: " + std::string(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int print(const std::string& text, std::FILE* to, int status) {
  const bool printed = std::fwrite(text.data(), 1, text.size(), to) == text.size();
  return printed && std::fflush(to) == 0 ? status : 3;
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

int run(int argc, char** argv) {
  hold_standard_descriptors();

  // 1. Split the words at `then` and check each verb's arguments.
  const std::vector<std::string> words(argv + 1, argv + argc);
  const char* batch_rows = std::getenv("WEIR_BATCH_ROWS");
  auto invocation = weir::read_command_line(words, batch_rows == nullptr ? "" : batch_rows);
  if (!invocation) {
    say(invocation.error().message);
    return 2;
  }
  if (invocation->kind == Invocation::Kind::kHelp) return print(invocation->text, stdout, 0);
  if (invocation->kind == Invocation::Kind::kUsage) return print(invocation->text, stderr, 2);

  // 2. Plan the whole pipeline; nothing is opened yet.
  auto pipeline = weir::plan(invocation->pipeline);
  if (!pipeline) {
    say(pipeline.error().message);
    return 2;
  }

  // 3. Open it and let the sink pull until there is no more.
  const weir::Interrupt interrupt;
  const weir::RunResult result = weir::run(**pipeline, interrupt, say);

  // 4. Account for every event.
  if (invocation->stats && !result.stats.empty()) print(result.stats + "\n", stderr, 0);
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
