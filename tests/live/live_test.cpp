// What only shows on a running process: promptness, a reader that goes away, signals, slow input.

#include <csignal>
#include <string>
#include <string_view>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live/running.h"

using weir::test::Clock;
using weir::test::Ended;
using weir::test::kPromptMs;
using weir::test::ms_since;
using weir::test::Running;
using weir::test::Scratch;

namespace {

constexpr std::string_view kLine = "{\"a\":1}\n";

// Ends stdin, gives all of stdout, and the status.
std::string finish(Running& running, int& status) {
  running.close_in();
  std::string text = running.read_all();
  status = running.wait().status;
  return text;
}

// Lines that pass, lines that are filtered and lines that are rejected, without a last newline.
std::string mixed_lines() {
  std::string text;
  for (int i = 0; i < 400; ++i) {
    const std::string number = std::to_string(i);
    switch (i % 8) {
      case 0:
        text += "{\"a\":" + number + ",\"b\":\"caf\u00e9 \\u00e9\"}\r\n";
        break;
      case 1:
        text += "{\"a\":" + number + "\n";
        break;
      case 2:
        text += " { \"a\" : " + number + ".50 } \n";
        break;
      case 3:
        text += "{\"a\":\"\xff" + number + "\"}\n";
        break;
      case 4:
        text += "\n";
        break;
      case 5:
        text += "{\"a\":" + number + "}{\"a\":1}\n";
        break;
      default:
        text += "{\"a\":" + number + ",\"list\":[1,{\"x\":null}]}\n";
        break;
    }
  }
  return text + "{\"a\":1000}";
}

}  // namespace

TEST_CASE("a trickle is not held back to fill a batch") {
  const auto start = Clock::now();
  Running running({"filter", "a == 1"});
  REQUIRE(running.write(kLine));
  CHECK(running.read_at_least(kLine.size()) == kLine);
  const int64_t first = ms_since(start);
  MESSAGE("start to first event: " << first << " ms");
  CHECK(first < kPromptMs);

  const auto again = Clock::now();
  REQUIRE(running.write(kLine));
  CHECK(running.read_at_least(kLine.size()) == kLine);
  MESSAGE("next event: " << ms_since(again) << " ms");
  CHECK(ms_since(again) < kPromptMs);

  int status = 0;
  CHECK(finish(running, status).empty());
  CHECK(status == 0);
}

TEST_CASE("a tee holds nothing back, nor does the output below it") {
  const Scratch scratch;
  // The branch.
  Running watched({"tee", "-", "then", "to", scratch.path("all.ndjson")});
  const auto start = Clock::now();
  REQUIRE(watched.write(kLine));
  CHECK(watched.read_at_least(kLine.size()) == kLine);
  CHECK(ms_since(start) < kPromptMs);
  int status = 0;
  CHECK(finish(watched, status).empty());
  CHECK(status == 0);

  // What `head` let through, while the branch goes on.
  Running first({"tee", scratch.path("rest.ndjson"), "then", "head", "1"});
  const auto again = Clock::now();
  REQUIRE(first.write(std::string(kLine) + std::string(kLine)));
  CHECK(first.read_at_least(kLine.size()) == kLine);
  CHECK(ms_since(again) < kPromptMs);
  REQUIRE(first.write(kLine));
  CHECK(finish(first, status).empty());
  CHECK(status == 0);
  CHECK(weir::test::read_file(scratch.path("rest.ndjson")).size() == 3 * kLine.size());
}

TEST_CASE("a tee goes on when the reader of stdout goes away while stdin is silent") {
  const Scratch scratch;
  Running running({"tee", scratch.path("all.ndjson")});
  REQUIRE(running.write(kLine));
  CHECK(running.read_at_least(kLine.size()) == kLine);
  running.close_out();
  REQUIRE(running.write(kLine));
  running.close_in();
  CHECK(running.wait().status == 0);
  CHECK(running.complaints().empty());
  CHECK(weir::test::read_file(scratch.path("all.ndjson")).size() == 2 * kLine.size());
}

TEST_CASE("a signal completes the branch as well") {
  const Scratch scratch;
  Running running({"tee", scratch.path("all.ndjson"), "then", "head", "1"});
  REQUIRE(running.write(kLine));
  CHECK(running.read_at_least(kLine.size()) == kLine);
  running.send(SIGINT);
  CHECK(running.wait().status == 130);
  CHECK(weir::test::read_file(scratch.path("all.ndjson")) == kLine);
}

TEST_CASE("weir ends when its reader goes away while stdin is silent") {
  Running running({"from", "-"});
  REQUIRE(running.write(kLine));
  CHECK(running.read_at_least(kLine.size()) == kLine);
  const auto start = Clock::now();
  running.close_out();
  const Ended ended = running.wait();
  MESSAGE("reader gone to the end: " << ms_since(start) << " ms");
  CHECK_FALSE(ended.timed_out);
  CHECK(ms_since(start) < kPromptMs);
  CHECK(ended.status == 0);
  CHECK(running.complaints().empty());
}

TEST_CASE("a FIFO that nobody reads any more is a failure") {
  const Scratch scratch;
  const std::string path = scratch.path("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  for (const bool silent : {true, false}) {
    CAPTURE(silent);
    Running running({"to", path});
    const int reader = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(reader >= 0);
    REQUIRE(running.write(kLine));
    std::string read(kLine.size(), ' ');
    CHECK(::read(reader, read.data(), read.size()) == static_cast<ssize_t>(kLine.size()));
    CHECK(read == kLine);
    ::close(reader);
    if (!silent) running.write(kLine);
    CHECK(running.wait().status == 3);
    CHECK(running.complaints() == "weir: " + path + ": the reader is gone\n");
  }
}

TEST_CASE("head ends the run while stdin is silent") {
  const auto start = Clock::now();
  Running running({"head", "1"});
  REQUIRE(running.write(kLine));
  CHECK(running.read_all() == kLine);
  const Ended ended = running.wait();
  MESSAGE("start to the end: " << ms_since(start) << " ms");
  CHECK(ms_since(start) < kPromptMs);
  CHECK(ended.status == 0);
}

TEST_CASE("a stdout that nobody reads is quiet") {
  Running running({"from", "-"}, true);
  const std::string lines = mixed_lines();
  for (int i = 0; i < 100 && running.write(lines + "\n"); ++i) continue;
  running.close_in();
  const Ended ended = running.wait();
  CHECK_FALSE(ended.timed_out);
  CHECK(ended.status == 0);
  CHECK(running.complaints().find("roken pipe") == std::string::npos);
}

TEST_CASE("a signal finishes what was read") {
  for (const auto& [signal, status] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    CAPTURE(signal);
    Running counting({"aggregate", "n = count()"});
    REQUIRE(counting.write("{\"a\":1}\n{\"a\":2}\n"));
    // Nothing tells from outside that an aggregate has taken its events in.
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto start = Clock::now();
    counting.send(signal);
    CHECK(counting.read_all() == "{\"n\":2}\n");
    const Ended ended = counting.wait();
    MESSAGE("signal to the end: " << ms_since(start) << " ms");
    CHECK(ended.status == status);
    CHECK(ms_since(start) < kPromptMs);
  }
}

TEST_CASE("a signal ends an event that has no end") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"from", "/dev/zero"},
        {"-j", "1", "from", "/dev/zero"},
        {"-i", "text", "from", "/dev/zero", "then", "aggregate", "n = count()"}}) {
    Running running(words);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    running.send(SIGINT);
    const Ended ended = running.wait();
    CHECK_FALSE(ended.timed_out);
    CHECK(ended.status == 130);
  }
}

TEST_CASE("--run-time ends an event that has no end") {
  Running running({"from", "--run-time", "300ms", "/dev/zero"});
  const Ended ended = running.wait();
  CHECK_FALSE(ended.timed_out);
  CHECK(ended.status == 1);
}

TEST_CASE("tail says what it has when a signal comes") {
  Running running({"tail", "2"});
  REQUIRE(running.write("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  running.send(SIGINT);
  CHECK(running.read_all() == "{\"a\":2}\n{\"a\":3}\n");
  CHECK(running.wait().status == 130);
}

TEST_CASE("a signal completes the output file") {
  const Scratch scratch;
  Running running({"to", scratch.path("out.ndjson")});
  REQUIRE(running.write(kLine));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  running.send(SIGINT);
  CHECK(running.wait().status == 130);
  CHECK(weir::test::read_file(scratch.path("out.ndjson")) == kLine);
}

TEST_CASE("kill -9 leaves the earlier file as it was") {
  const Scratch scratch;
  weir::test::write_file(scratch.path("out.ndjson"), "good\n");
  Running running({"to", scratch.path("out.ndjson")});
  REQUIRE(running.write(kLine));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  running.send(SIGKILL);
  CHECK(running.wait().status == 137);
  CHECK(weir::test::read_file(scratch.path("out.ndjson")) == "good\n");
}

TEST_CASE("a slow pipe gives the same bytes as a fast one") {
  const std::string lines = mixed_lines();
  struct Result {
    std::string out;
    std::string err;
    std::string rejects;
    int status = 0;
  };
  // One folder for all runs, since a message names the file of rejects.
  const Scratch scratch;
  // `piece`: how much is written at a time, with a pause every so often.
  auto run = [&](size_t piece) {
    Running running({"--errors", scratch.path("rejects.ndjson"), "filter", "a >= 8"});
    std::thread feeder([&] {
      for (size_t at = 0; at < lines.size(); at += piece) {
        if (!running.write(std::string_view(lines).substr(at, piece))) break;
        if (at / piece % 64 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      running.close_in();
    });
    Result result;
    result.out = running.read_all();
    feeder.join();
    result.status = running.wait().status;
    result.err = running.complaints();
    result.rejects = weir::test::read_file(scratch.path("rejects.ndjson"));
    return result;
  };
  const Result fast = run(lines.size());
  CHECK(fast.status == 0);
  CHECK_FALSE(fast.out.empty());
  CHECK_FALSE(fast.rejects.empty());
  for (const size_t piece : {1UL, 7UL, 64UL, 1000UL}) {
    CAPTURE(piece);
    const Result slow = run(piece);
    CHECK(slow.status == fast.status);
    CHECK(slow.out == fast.out);
    CHECK(slow.err == fast.err);
    CHECK(slow.rejects == fast.rejects);
  }
}
