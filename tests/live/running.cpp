#include "live/running.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <unistd.h>

namespace weir::test {

namespace {

/// A child's greatest size counts from its spawning, when it is still this program, and begins with
/// the greatest that this one ever had (proc(5), clear_refs). What it has freed of large blocks
/// goes back at once where their size does not raise the size from which they are mapped
/// (mallopt(3)). Sanitizers have an allocator of their own, and sizes that nobody asks for.
void forget_own_peak() {
  if (kSanitized) return;
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;
}

}  // namespace

int64_t ms_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

Scratch::Scratch() {
  std::string name = std::filesystem::temp_directory_path() / "weir-live-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  folder_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Running::Running(std::vector<std::string> arguments, bool stdout_closed) {
  // A weir that ends early must show as a failed write, not end the test program.
  std::signal(SIGPIPE, SIG_IGN);
  const char* program = std::getenv("WEIR");
  if (program == nullptr) throw std::runtime_error("WEIR does not name the program to test");
  int in[2];
  int out[2];
  // Close-on-exec, so that the child holds no end but its own: a forgotten writer would keep a pipe
  // open for ever.
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    throw std::runtime_error("cannot make a pipe");
  }
  in_ = in[1];
  // Writing must not wait for ever for a weir that has stopped reading: see write().
  fcntl(in_, F_SETFL, O_NONBLOCK);
  out_ = out[0];
  if (stdout_closed) close_out();
  forget_own_peak();
  Command command;
  command.words = {program};
  command.words.insert(command.words.end(), arguments.begin(), arguments.end());
  command.in = in[0];
  command.out = out[1];
  command.err = open(scratch_.path("err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  process_ = std::make_unique<Process>(command);
  for (const int fd : {in[0], out[1], command.err}) close(fd);
}

Running::~Running() {
  close_in();
  close_out();
}

bool Running::write(std::string_view text) {
  while (!text.empty()) {
    pollfd waiting{.fd = in_, .events = POLLOUT, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(kPatience.count())) == 0) return false;
    const ssize_t done = ::write(in_, text.data(), text.size());
    if (done < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return false;
    }
    text.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

void Running::close_in() {
  if (in_ >= 0) close(in_);
  in_ = -1;
}

void Running::close_out() {
  if (out_ >= 0) close(out_);
  out_ = -1;
}

std::string Running::read_at_least(size_t bytes) {
  std::string text;
  const auto start = Clock::now();
  while (text.size() < bytes) {
    const int64_t left = kPatience.count() - ms_since(start);
    pollfd waiting{.fd = out_, .events = POLLIN, .revents = 0};
    if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) == 0) break;
    char piece[1 << 16];
    const ssize_t got = read(out_, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(piece, static_cast<size_t>(got));
  }
  return text;
}

}  // namespace weir::test
