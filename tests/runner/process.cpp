#include "runner/process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::test {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

void give(posix_spawn_file_actions_t& actions, int from, int to) {
  if (from < 0) {
    posix_spawn_file_actions_addopen(&actions, to, "/dev/null", to == 0 ? O_RDONLY : O_WRONLY, 0);
  } else {
    posix_spawn_file_actions_adddup2(&actions, from, to);
  }
}

}  // namespace

// posix_spawn and not fork: the runner has threads, and spawning hundreds of children is cheaper.
Process::Process(const Command& command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  give(actions, command.in, STDIN_FILENO);
  give(actions, command.out, STDOUT_FILENO);
  give(actions, command.err, STDERR_FILENO);
  if (!command.directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, command.directory.c_str());
  }

  // The child starts with default signals whatever ctest or a CI runner has set to be ignored: an
  // ignored SIGPIPE or SIGINT would be inherited and change what is tested.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigset_t mask;
  sigfillset(&defaults);
  sigemptyset(&mask);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

  std::vector<char*> arguments = pointers(command.words);
  std::vector<char*> environment = pointers(command.environment);
  const int failed =
      posix_spawnp(&pid_, command.words[0].c_str(), &actions, &attributes, arguments.data(),
                   command.environment.empty() ? environ : environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    throw std::runtime_error("cannot start " + command.words[0] + ": " + std::strerror(failed));
  }
  watch_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  if (!reaped_) wait(std::chrono::milliseconds(0));
  if (watch_ >= 0) close(watch_);
}

Ended Process::wait(std::chrono::milliseconds limit) {
  Ended ended;
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd waiting{.fd = watch_, .events = POLLIN, .revents = 0};
    const int ready = poll(&waiting, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (ready > 0) break;
    if (ready == 0) {
      ended.timed_out = true;
      break;
    }
    if (errno != EINTR) break;
  }
  // Also after a good end: whatever the child left running in the background goes with it. The
  // group's number cannot belong to another as long as its leader has not been waited for.
  kill(-pid_, SIGKILL);
  int status = 0;
  rusage usage{};
  while (wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) continue;
  reaped_ = true;
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended.peak_kib = usage.ru_maxrss;
  for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
    ended.cpu += std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  }
  return ended;
}

void Process::send(int signal) const {
  if (!reaped_) kill(pid_, signal);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace weir::test
