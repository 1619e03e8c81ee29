// What is about to be gone is shown on a terminal, and asked for.

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "live/running.h"
#include "live/terminal.h"

using weir::test::Command;
using weir::test::Ended;
using weir::test::kPatience;
using weir::test::Process;
using weir::test::Running;
using weir::test::Scratch;
using weir::test::Terminal;

namespace {

/// A bus with three events that a bot has read.
struct Bus {
  Bus() {
    Running fill({"--bus", path(), "to", "queue:q"});
    fill.write("1\n2\n3\n");
    fill.close_in();
    REQUIRE(fill.wait().status == 0);
    Running bot({"--bus", path(), "--as", "b", "from", "queue:q", "then", "to", "queue:r"});
    REQUIRE(bot.wait().status == 0);
  }
  std::string path() const { return scratch.path("the.bus"); }
  /// What weir writes to standard output.
  std::string say(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--bus", path()});
    Running run(words);
    const std::string text = run.read_all();
    REQUIRE(run.wait().status == 0);
    return text;
  }

  Scratch scratch;
};

/// Runs weir on a terminal, and types `answer` when it asks. Answers what the terminal shows.
std::string ask(const Bus& bus, std::vector<std::string> words, const std::string& answer,
                int& status) {
  Terminal terminal(80);
  Command command;
  command.words = {std::getenv("WEIR"), "--bus", bus.path()};
  command.words.insert(command.words.end(), words.begin(), words.end());
  command.in = command.out = command.err = terminal.end();
  Process process(command);
  terminal.close_end();
  CHECK(terminal.read_until("do it? [y/N] "));
  terminal.type(answer);
  CHECK(terminal.read_until(""));
  status = process.wait(kPatience).status;
  std::string seen = terminal.seen();
  // Times differ.
  for (size_t at = seen.find("z/"); at != std::string::npos; at = seen.find("z/", at)) {
    seen.replace(at, seen.find_first_not_of("z0123456789/-", at) - at, "EID");
  }
  return seen;
}

}  // namespace

TEST_CASE("bot reset asks on a terminal, and does nothing without a yes") {
  const Bus bus;
  int status = 0;
  const std::string question =
      "b in queue:q: from EID to the beginning, 3 events to be read again\n"
      "bot reset: do it? [y/N]";
  for (const std::string answer : {"n\n", "\n", "yo\n", "\x04"}) {
    CAPTURE(answer);
    const std::string seen = ask(bus, {"bot", "reset", "b"}, answer, status);
    CHECK(seen.starts_with(question));
    CHECK(seen.ends_with("nothing was changed\n"));
    CHECK(status == 1);
  }
  CHECK(bus.say({"lag", "--format", "json"}).find("\"events\":0,") != std::string::npos);
  CHECK(ask(bus, {"bot", "reset", "b"}, "y\n", status) == question + " y\n");
  CHECK(status == 0);
  CHECK(bus.say({"lag", "--format", "json"}).find("\"events\":3,") != std::string::npos);
}

TEST_CASE("bot rm, queue trim and queue rm ask as well") {
  const Bus bus;
  int status = 0;
  CHECK(ask(bus, {"queue", "trim", "q", "--max-events", "0"}, "yes\n", status) ==
        "queue q: 3 events in 1 block, up to EID, would be gone, and 0 left\n"
        "queue trim: do it? [y/N] yes\nqueue q: 3 events removed, 0 left\n");
  CHECK(status == 0);
  CHECK(ask(bus, {"queue", "rm", "r"}, "no\n", status) ==
        "queue r: 3 events in 1 block, up to EID, would be gone, and 0 left\n"
        "queue rm: do it? [y/N] no\nnothing was changed\n");
  CHECK(status == 1);
  CHECK(bus.say({"from", "queue:r"}) == "1\n2\n3\n");
  CHECK(ask(bus, {"queue", "rm", "r"}, "Y\n", status)
            .ends_with("do it? [y/N] Y\nqueue r: 3 events removed, and the queue with them\n"));
  CHECK(bus.say({"queue", "ls", "--format", "json"}).find("\"r\"") == std::string::npos);
  CHECK(ask(bus, {"bot", "rm", "b"}, "y\n", status) ==
        "b in queue:q: from EID to the beginning, 0 events to be read again\n"
        "what b remembers would be gone, and it would begin anew\n"
        "bot rm: do it? [y/N] y\n");
  CHECK(bus.say({"bot", "ls"}).empty());
}
