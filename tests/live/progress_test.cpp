// --progress, on a terminal that the test looks at.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "live/running.h"
#include "live/terminal.h"

using weir::test::Clock;
using weir::test::Command;
using weir::test::kPatience;
using weir::test::ms_since;
using weir::test::Process;
using weir::test::Running;
using weir::test::Scratch;
using weir::test::Terminal;

namespace {

/// weir with a terminal as stderr, and pipes or that terminal beside it.
struct OnTerminal {
  OnTerminal(std::vector<std::string> arguments, unsigned short columns, bool out_too = false)
      : terminal(columns) {
    int in[2];
    int out[2];
    REQUIRE(pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(pipe2(out, O_CLOEXEC) == 0);
    to = in[1];
    from = out[0];
    Command command;
    command.words = {std::getenv("WEIR")};
    command.words.insert(command.words.end(), arguments.begin(), arguments.end());
    command.in = in[0];
    command.out = out_too ? terminal.end() : out[1];
    command.err = terminal.end();
    process = std::make_unique<Process>(command);
    terminal.close_end();
    close(in[0]);
    close(out[1]);
  }
  ~OnTerminal() {
    end_input();
    end_output();
  }

  void write(std::string_view text) const {
    REQUIRE(::write(to, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void end_input() {
    if (to >= 0) close(to);
    to = -1;
  }
  /// Reads no more of weir's output.
  void end_output() {
    if (from >= 0) close(from);
    from = -1;
  }
  /// What the terminal shows when all is over, and the status.
  std::string finish(int& status) {
    end_input();
    CHECK(terminal.read_until(""));
    status = process->wait(kPatience).status;
    return terminal.seen();
  }

  Terminal terminal;
  int to = -1;
  int from = -1;
  std::unique_ptr<Process> process;
};

}  // namespace

TEST_CASE("progress shows while the input is silent, and nothing of it stays") {
  OnTerminal run({"--progress", "aggregate", "n = count()"}, 120);
  CHECK(run.terminal.read_until("0 in  0 out"));
  run.write("{\"a\":1}\n{\"a\":2}\n");
  CHECK(run.terminal.read_until("2 in  0 out  0.0 kB  "));
  int status = 0;
  CHECK(run.finish(status).empty());
  CHECK(status == 0);
}

TEST_CASE("messages stand on lines of their own, and the progress comes back") {
  OnTerminal run({"--progress", "aggregate", "n = count()"}, 120);
  CHECK(run.terminal.read_until("0 in  0 out"));
  run.write("{\"a\":1}\nbroken\n");
  CHECK(run.terminal.read_until("expected a value"));
  CHECK(run.terminal.read_until("2 in  0 out"));
  run.write("broken again\n");
  CHECK(run.terminal.read_until("3 in  0 out"));
  int status = 0;
  CHECK(run.finish(status) ==
        "weir: stdin:2: rejected by from: byte 1: expected a value\n"
        "weir: stdin:3: rejected by from: byte 1: expected a value\n");
  CHECK(status == 1);
}

TEST_CASE("progress is cut to the width of the terminal") {
  OnTerminal run({"--progress", "aggregate", "n = count()"}, 20);
  run.write("{\"a\":1}\n");
  CHECK(run.terminal.read_until("1 in  0 out"));
  int status = 0;
  CHECK(run.finish(status).empty());
  CHECK(run.terminal.widest() == 19);
}

TEST_CASE("the size of a file tells how much is left") {
  const Scratch scratch;
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += "{\"a\":1,\"text\":\"an event of some length\"}\n";
  weir::test::write_file(scratch.path("a.ndjson"), lines);
  OnTerminal run({"--progress", "from", scratch.path("a.ndjson")}, 120);
  // weir waits for its reader, and so the line comes late; then a part of the file is read.
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  char piece[1 << 16];
  for (size_t got = 0; got < lines.size() / 2;) {
    const ssize_t more = read(run.from, piece, sizeof piece);
    REQUIRE(more > 0);
    got += static_cast<size_t>(more);
  }
  CHECK(run.terminal.read_until("%  0:0"));
  CHECK(run.terminal.written().find(" left  ") != std::string::npos);
  run.end_output();
  int status = 0;
  CHECK(run.finish(status).empty());
  CHECK(status == 0);
}

TEST_CASE("events on the same terminal take the place of the progress") {
  OnTerminal run({"--progress", "from", "-"}, 120, true);
  CHECK(run.terminal.read_until("0 in  0 out"));
  run.write("{\"a\":1}\n");
  CHECK(run.terminal.read_until("{\"a\":1}"));
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  run.write("{\"a\":2}\n");
  int status = 0;
  CHECK(run.finish(status) == "{\"a\":1}\n{\"a\":2}\n");
  CHECK(status == 0);
}

TEST_CASE("rejects on the same terminal leave no place for progress") {
  OnTerminal run({"--progress", "--errors", "/dev/stderr", "from", "-"}, 120);
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  int status = 0;
  CHECK(run.finish(status).empty());
  CHECK(run.terminal.written().empty());
}

TEST_CASE("a signal takes the progress away") {
  OnTerminal run({"--progress", "aggregate", "n = count()"}, 120);
  CHECK(run.terminal.read_until("0 in  0 out"));
  run.process->send(SIGINT);
  int status = 0;
  CHECK(run.finish(status) == "weir: interrupted: 0 events in, 1 out\n");
  CHECK(status == 130);
}

TEST_CASE("without a terminal there is no progress") {
  Running run({"--progress", "from", "-"});
  REQUIRE(run.write("{\"a\":1}\n"));
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  run.close_in();
  CHECK(run.read_all() == "{\"a\":1}\n");
  CHECK(run.wait().status == 0);
  CHECK(run.complaints().empty());
}
