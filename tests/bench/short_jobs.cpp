#include "bench/short_jobs.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "bench/programs.h"
#include "runner/process.h"

namespace weir::bench {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;
using test::Command;
using test::Process;

struct Program {
  std::string name;
  std::vector<std::string> words;
};

constexpr std::string_view kEvent = "{\"ts\":\"2026-01-01T00:00:00Z\",\"n\":1}\n";

/// What a program took, in milliseconds, a number for each round.
struct Starts {
  Program program;
  std::vector<double> cpu = {};
  std::vector<double> wall = {};
};

void start_once(Starts& starts, const std::string& input) {
  Command command;
  command.words = starts.program.words;
  command.in = open(input.c_str(), O_RDONLY | O_CLOEXEC);
  const auto start = Clock::now();
  Process process(command);
  const test::Ended ended = process.wait(std::chrono::seconds(10));
  starts.wall.push_back(Milliseconds(Clock::now() - start).count());
  close(command.in);
  if (ended.status != 0) throw std::runtime_error(starts.program.name + " failed on one event");
  starts.cpu.push_back(Milliseconds(ended.cpu).count());
}

/// Two ends of a pipe.
struct Pipe {
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    from = ends[0];
    to = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(from);
    close_end(to);
  }
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
  int from;
  int to;
};

/// Reads until a line has ended.
void read_line(int from, const std::string& name) {
  char text[4096];
  while (true) {
    pollfd waiting{.fd = from, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, 1000) <= 0) throw std::runtime_error(name + " keeps a line to itself");
    const ssize_t got = read(from, text, sizeof text);
    if (got <= 0) throw std::runtime_error(name + " ended before its input did");
    if (text[got - 1] == '\n') return;
  }
}

Passed measure_delay(const Program& program, int lines) {
  Pipe in;
  Pipe out;
  Command command;
  command.words = program.words;
  command.in = in.from;
  command.out = out.to;
  Process process(command);
  Pipe::close_end(in.from);
  Pipe::close_end(out.to);
  std::vector<double> delays;
  for (int i = 0; i < lines; ++i) {
    const auto start = Clock::now();
    if (write(in.to, kEvent.data(), kEvent.size()) != static_cast<ssize_t>(kEvent.size())) {
      throw std::runtime_error(program.name + " reads no more");
    }
    read_line(out.from, program.name);
    // The first lines find the program starting.
    if (i >= lines / 10) delays.push_back(Milliseconds(Clock::now() - start).count());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  Pipe::close_end(in.to);
  process.wait(std::chrono::seconds(10));
  std::sort(delays.begin(), delays.end());
  return {program.name, delays[delays.size() / 2], delays[delays.size() * 99 / 100]};
}

}  // namespace

std::vector<Started> measure_starts(const std::string& scratch, int rounds) {
  const std::string input = scratch + "/one.ndjson";
  test::write_file(input, std::string(kEvent));
  std::vector<Starts> there;
  for (const Program& program : {Program{"weir", {"weir", "head", "1"}},
                                 {"jq", {"jq", "-c", "."}},
                                 {"gojq", {"gojq", "-c", "."}},
                                 {"Miller", {"mlr", "--ijsonl", "--ojsonl", "head", "-n", "1"}},
                                 {"mawk", {"mawk", "NR == 1"}}}) {
    if (installed(program.words[0])) there.push_back({.program = program});
  }
  for (int round = 0; round < rounds; ++round) {
    for (Starts& starts : there) start_once(starts, input);
  }
  std::vector<Started> all;
  for (const Starts& starts : there) {
    all.push_back({starts.program.name, median(starts.cpu), median(starts.wall)});
  }
  return all;
}

std::vector<Passed> measure_delays(int lines) {
  std::vector<Passed> all;
  for (const Program& program : {Program{"weir", {"weir", "filter", "n > 0"}},
                                 {"cat", {"cat"}},
                                 {"jq", {"jq", "--unbuffered", "-c", "select(.n > 0)"}},
                                 {"grep", {"grep", "--line-buffered", "n"}},
                                 {"mawk", {"mawk", "-W", "interactive", "1"}}}) {
    if (!installed(program.words[0])) continue;
    try {
      all.push_back(measure_delay(program, lines));
    } catch (const std::runtime_error& problem) {
      if (all.empty()) throw;
      std::fprintf(stderr, "bench-measure: %s: it is left out of m\n", problem.what());
    }
  }
  return all;
}

}  // namespace weir::bench
