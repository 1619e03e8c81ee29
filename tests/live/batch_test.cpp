// Batches that the clock closes.

#include <atomic>
#include <chrono>
#include <csignal>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

#include "live/running.h"

using weir::test::Clock;
using weir::test::kPromptMs;
using weir::test::ms_since;
using weir::test::Running;
using weir::test::Scratch;

namespace {

const std::string kOne = "{\"events\":[{\"a\":1}]}\n";
const std::string kTwo = "{\"events\":[{\"a\":1},{\"a\":2}]}\n";

/// The processor time that a process has used so far (proc(5), /proc/PID/stat: utime and stime).
int64_t cpu_ms(pid_t pid) {
  const std::string stat = weir::test::read_file("/proc/" + std::to_string(pid) + "/stat");
  // The name in parentheses may hold anything; behind it the state is field 3, utime field 14.
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  int64_t user = 0;
  int64_t system = 0;
  fields >> user >> system;
  return (user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

void pause(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

}  // namespace

TEST_CASE("a batch is closed by the clock while the input is silent") {
  for (const std::string& jobs : {std::string("1"), std::string("4")}) {
    CAPTURE(jobs);
    Running running({"-j", jobs, "batch", "--time", "600ms"});
    const auto start = Clock::now();
    REQUIRE(running.write("{\"a\":1}\n"));
    pause(100);
    REQUIRE(running.write("{\"a\":2}\n"));
    // Counted from the first event, and the second does not put it off.
    CHECK(running.read_at_least(kTwo.size()) == kTwo);
    MESSAGE("first event to its batch: " << ms_since(start) << " ms");
    CHECK(ms_since(start) >= 600);
    CHECK(ms_since(start) < 600 + kPromptMs);

    // The next one begins with the next event.
    pause(700);
    const auto again = Clock::now();
    REQUIRE(running.write("{\"a\":1}\n"));
    CHECK(running.read_at_least(kOne.size()) == kOne);
    CHECK(ms_since(again) >= 600);
    running.close_in();
    CHECK(running.read_all().empty());
    CHECK(running.wait().status == 0);
  }
}

TEST_CASE("a batch that is full does not wait for the clock") {
  Running running({"batch", "--time", "1h", "--count", "2"});
  const auto start = Clock::now();
  REQUIRE(running.write("{\"a\":1}\n{\"a\":2}\n{\"a\":1}\n"));
  CHECK(running.read_at_least(kTwo.size()) == kTwo);
  CHECK(ms_since(start) < kPromptMs);
  running.send(SIGTERM);
  CHECK(running.read_all() == kOne);
  CHECK(running.wait().status == 143);
}

TEST_CASE("a batch is closed by the clock while the input is never silent") {
  Running running({"filter", "a == 1", "then", "batch", "--time", "300ms"});
  const auto start = Clock::now();
  REQUIRE(running.write("{\"a\":1}\n"));
  // Nothing of this gets as far as the batch.
  std::atomic<bool> enough = false;
  std::thread feeder([&] {
    while (!enough && running.write("{\"a\":0}\n")) continue;
  });
  CHECK(running.read_at_least(kOne.size()) == kOne);
  CHECK(ms_since(start) >= 300);
  CHECK(ms_since(start) < 300 + kPromptMs);
  enough = true;
  feeder.join();
  running.close_in();
  CHECK(running.read_all().empty());
  CHECK(running.wait().status == 0);
}

TEST_CASE("the clock closes a batch that stands above and below others") {
  Running running({"batch", "-t", "200ms", "then", "batch", "-t", "400ms", "then", "tail", "5"});
  REQUIRE(running.write("{\"a\":1}\n"));
  pause(1000);
  REQUIRE(running.write("{\"a\":2}\n"));
  running.close_in();
  CHECK(running.read_all() ==
        "{\"events\":[{\"events\":[{\"a\":1}]}]}\n{\"events\":[{\"events\":[{\"a\":2}]}]}\n");
  CHECK(running.wait().status == 0);
}

TEST_CASE("a batch that nobody wants any more keeps nobody awake") {
  const Scratch scratch;
  Running running(
      {"tee", scratch.path("all"), "then", "batch", "-t", "100ms", "-n", "2", "then", "head", "1"});
  REQUIRE(running.write("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"));
  CHECK(running.read_at_least(kTwo.size()) == kTwo);
  pause(300);
  const int64_t before = cpu_ms(running.pid());
  pause(500);
  const int64_t used = cpu_ms(running.pid()) - before;
  MESSAGE("processor time while nothing happens: " << used << " ms");
  CHECK(used < 100);
  running.close_in();
  CHECK(running.wait().status == 0);
  CHECK(weir::test::read_file(scratch.path("all")) == "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
}

TEST_CASE("a batch of what a queue is followed for is closed by the clock") {
  const Scratch scratch;
  const std::string bus = scratch.path("the.bus");
  Running running({"--bus", bus, "from", "queue:q", "--follow", "then", "batch", "-t", "300ms"});
  Running writer({"--bus", bus, "to", "queue:q"});
  REQUIRE(writer.write("{\"a\":1}\n"));
  const auto start = Clock::now();
  CHECK(running.read_at_least(kOne.size()) == kOne);
  MESSAGE("written to closed: " << ms_since(start) << " ms");
  writer.close_in();
  CHECK(writer.wait().status == 0);
  running.send(SIGINT);
  CHECK(running.wait().status == 130);
}

TEST_CASE("a bot that is killed goes on with the batch that was open, which the clock closes") {
  const Scratch scratch;
  const std::string bus = scratch.path("the.bus");
  const auto add = [&bus](std::string_view event) {
    Running writer({"--bus", bus, "to", "queue:q"});
    CHECK(writer.write(event));
    writer.close_in();
    CHECK(writer.wait().status == 0);
  };
  add("{\"a\":1}\n");
  Running reader({"--bus", bus, "from", "queue:r", "--follow"});
  const std::vector<std::string> words = {"--bus",   bus,        "--as", "b",      "from",
                                          "queue:q", "--follow", "then", "batch",  "-t",
                                          "3s",      "then",     "to",   "queue:r"};
  {
    Running bot(words);
    const auto start = Clock::now();
    CHECK(reader.read_at_least(kOne.size()) == kOne);
    MESSAGE("bot started to batch read: " << ms_since(start) << " ms");
    CHECK(ms_since(start) >= 3000);
    add("{\"a\":1}\n");
    pause(100);
    bot.send(SIGKILL);
    CHECK(bot.wait().status == 137);
  }
  add("{\"a\":2}\n");
  {
    Running again(words);
    CHECK(reader.read_at_least(kTwo.size()) == kTwo);
    again.send(SIGINT);
    CHECK(again.wait().status == 130);
  }
  reader.send(SIGINT);
  CHECK(reader.read_all().empty());
  CHECK(reader.wait().status == 130);
}
