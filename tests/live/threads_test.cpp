// Threads where a clock matters: a reader that is slow, one that has enough, a source that pauses,
// a signal.

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "live/running.h"

using weir::test::Clock;
using weir::test::Ended;
using weir::test::kPromptMs;
using weir::test::ms_since;
using weir::test::Running;
using weir::test::Scratch;

namespace {

std::string numbered_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "{\"a\":" + std::to_string(i) + ",\"text\":\"an event among others\"}\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a slow reader gets the same bytes, and memory stays flat") {
  const Scratch scratch;
  const std::string lines = numbered_lines(500'000);
  weir::test::write_file(scratch.path("in"), lines);
  Running running({"-j4", "from", scratch.path("in"), "then", "filter", "a >= 0"});
  std::string out;
  while (out.size() < lines.size()) {
    const std::string more = running.read_at_least(1 << 20);
    if (more.empty()) break;
    out += more;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(out == lines);
  const Ended ended = running.wait();
  CHECK(ended.status == 0);
  MESSAGE("peak memory: " << ended.peak_kib / 1024 << " MiB");
  if (!weir::test::kSanitized) CHECK(ended.peak_kib < 64 * 1024);
}

TEST_CASE("a burst comes out whole, in order, while stdin stays silent") {
  Running running({"-j4", "--batch-rows", "7", "set", "a = a"});
  const std::string lines = numbered_lines(5'000);
  for (int i = 0; i < 3; ++i) {
    const auto start = Clock::now();
    REQUIRE(running.write(lines));
    CHECK(running.read_at_least(lines.size()) == lines);
    MESSAGE("burst to its last event: " << ms_since(start) << " ms");
    CHECK(ms_since(start) < kPromptMs);
  }
  running.close_in();
  CHECK(running.read_all().empty());
  CHECK(running.wait().status == 0);
}

TEST_CASE("a trickle waits for no thread") {
  Running running({"-j4", "filter", "a >= 0"});
  for (int i = 0; i < 5; ++i) {
    const std::string line = "{\"a\":" + std::to_string(i) + "}\n";
    const auto start = Clock::now();
    REQUIRE(running.write(line));
    CHECK(running.read_at_least(line.size()) == line);
    MESSAGE("event: " << ms_since(start) << " ms");
    CHECK(ms_since(start) < kPromptMs);
  }
  running.close_in();
  CHECK(running.wait().status == 0);
}

TEST_CASE("head has enough while the workers are busy") {
  const Scratch scratch;
  weir::test::write_file(scratch.path("in"), numbered_lines(500'000));
  const auto start = Clock::now();
  Running running({"-j4", "--batch-rows", "100", "from", scratch.path("in"), "then", "filter",
                   "a >= 1000", "then", "head", "2"});
  const std::string out = running.read_all();
  CHECK(out.starts_with("{\"a\":1000,"));
  CHECK(running.wait().status == 0);
  MESSAGE("start to the end: " << ms_since(start) << " ms");
  CHECK(ms_since(start) < kPromptMs);
}

TEST_CASE("a reader that goes away ends the run while the workers are busy") {
  const Scratch scratch;
  weir::test::write_file(scratch.path("in"), numbered_lines(500'000));
  Running running({"-j4", "from", scratch.path("in"), "then", "set", "b = a + 1"});
  CHECK(running.read_at_least(1000).size() >= 1000);
  const auto start = Clock::now();
  running.close_out();
  const Ended ended = running.wait();
  CHECK_FALSE(ended.timed_out);
  CHECK(ended.status == 0);
  CHECK(ms_since(start) < kPromptMs);
  CHECK(running.complaints().empty());
}

TEST_CASE("a signal ends a run while the workers read files") {
  const Scratch scratch;
  weir::test::write_file(scratch.path("in"), numbered_lines(500'000));
  for (const auto& [signal, status] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    CAPTURE(signal);
    // More than is read in the time that the test has.
    std::vector<std::string> words = {"-j4", "from"};
    words.insert(words.end(), 200, scratch.path("in"));
    words.insert(words.end(), {"then", "set", "b = a + 1"});
    Running running(words);
    CHECK(running.read_at_least(1000).size() >= 1000);
    running.send(signal);
    const auto start = Clock::now();
    std::string out = running.read_all();
    CHECK(running.wait().status == status);
    CHECK(ms_since(start) < kPromptMs);
    CHECK(out.ends_with("}\n"));
    CHECK(running.complaints().find("interrupted: ") != std::string::npos);
  }
}

TEST_CASE("a signal finishes what was read, in order") {
  const std::string lines = numbered_lines(20'000);
  for (const auto& [signal, status] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    CAPTURE(signal);
    Running running({"-j4", "--batch-rows", "7", "filter", "a >= 0"});
    REQUIRE(running.write(lines));
    // By then it waits for us to read, with batches in all stages of being worked on.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    running.send(signal);
    const std::string out = running.read_all();
    CHECK(running.wait().status == status);
    // How much of the pipe it had read is not known; the last line of that may have been a piece.
    CHECK(out.size() > 1000);
    CHECK(out.ends_with('\n'));
    CHECK(lines.starts_with(out));
  }
}

TEST_CASE("a signal that comes while output waits is not lost") {
  Running running({"filter", "a >= 0"});
  REQUIRE(running.write(numbered_lines(5'000)));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  running.send(SIGTERM);
  // stdin stays open and silent: the signal alone ends the run.
  CHECK(running.read_all().size() > 1000);
  const Ended ended = running.wait();
  CHECK_FALSE(ended.timed_out);
  CHECK(ended.status == 143);
}
