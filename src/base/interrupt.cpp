#include "base/interrupt.h"

#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>

namespace weir {

namespace {

// A signal handler reaches nothing but globals.
std::atomic<int> caught{0};
std::array<int, 2> wake = {-1, -1};

void handle(int signal) {
  if (caught.exchange(signal) != 0) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    return;
  }
  const char byte = 0;
  // The pipe is only a way to end a poll: if it is full, the poll ends anyhow.
  [[maybe_unused]] const auto written = write(wake[1], &byte, 1);
}

void catch_signal(int signal) {
  struct sigaction action = {};
  action.sa_handler = handle;
  // Without SA_RESTART a read that waits ends with EINTR, and its caller looks at what came.
  sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
  caught = 0;
  if (pipe2(wake.data(), O_CLOEXEC | O_NONBLOCK) != 0) wake = {-1, -1};
  catch_signal(SIGINT);
  catch_signal(SIGTERM);
  // nohup(1) has it ignored, and that is to stay so.
  struct sigaction hang_up = {};
  sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) catch_signal(SIGHUP);
  std::signal(SIGPIPE, SIG_IGN);
}

Interrupt::~Interrupt() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  if (std::signal(SIGHUP, SIG_DFL) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  for (int& end : wake) {
    if (end >= 0) close(end);
    end = -1;
  }
  caught = 0;
}

int Interrupt::signal() const { return caught; }

int Interrupt::fd() const { return wake[0]; }

Waited wait_for(int fd, short events, int timeout_ms) {
  // The pipe is never emptied, so a signal that came before the poll ends it as well.
  std::array<pollfd, 2> fds = {pollfd{.fd = fd, .events = events, .revents = 0},
                               pollfd{.fd = wake[0], .events = POLLIN, .revents = 0}};
  while (true) {
    const int ready = poll(fds.data(), fds.size(), timeout_ms);
    if (caught != 0) return Waited::kInterrupted;
    if (ready >= 0) return ready == 0 ? Waited::kTimeout : Waited::kReady;
  }
}

}  // namespace weir
