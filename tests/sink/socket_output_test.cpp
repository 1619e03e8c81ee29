#include "sink/socket_output.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "base/scratch.h"
#include "sink/files.h"

using namespace weir;

namespace {

std::string read_some(const OpenFile& from) {
  pollfd waiting{.fd = from.fd(), .events = POLLIN, .revents = 0};
  REQUIRE(poll(&waiting, 1, 20'000) == 1);
  char bytes[100];
  const ssize_t got = read(from.fd(), bytes, sizeof bytes);
  return {bytes, got < 0 ? 0 : static_cast<size_t>(got)};
}

std::string error_of(const Result<void>& result) {
  return result ? std::string() : result.error().message;
}

/// An open output to a reader of ours.
struct Connected {
  Scratch scratch;
  std::string place = "unix:" + scratch.path("s");
  Listener::Accepted reader;
  SocketOutput output{*parse_endpoint(place), system_files()};

  Connected() {
    std::signal(SIGPIPE, SIG_IGN);
    auto listener = Listener::at(*parse_endpoint(place, true));
    REQUIRE(listener.has_value());
    REQUIRE(output.open().has_value());
    REQUIRE(listener->accept(reader) == 0);
    REQUIRE(output.await_reader().has_value());
  }
};

}  // namespace

TEST_CASE("a reader that has all, and closes") {
  Connected both;
  CHECK(both.output.message().empty());
  REQUIRE(both.output.write("{}\n").has_value());
  CHECK(read_some(both.reader.socket) == "{}\n");
  both.reader.socket.close();
  CHECK(both.output.finish(Outcome::kComplete).has_value());
}

TEST_CASE("a reader that goes away has not taken all, or is written to in vain") {
  {
    Connected both;
    REQUIRE(both.output.write("{}\n").has_value());
    both.reader.socket.close();
    CHECK(error_of(both.output.finish(Outcome::kComplete)) ==
          both.place + ": the reader closed the connection and has not taken all");
  }
  {
    Connected both;
    both.reader.socket.close();
    CHECK(error_of(both.output.write("{}\n")) == both.place + ": the reader closed the connection");
    // It was told once.
    CHECK(both.output.write("{}\n").has_value());
    CHECK(both.output.finish(Outcome::kComplete).has_value());
  }
  {
    // A run that failed does not wait for it.
    Connected both;
    REQUIRE(both.output.write("{}\n").has_value());
    CHECK(both.output.finish(Outcome::kFailed).has_value());
    CHECK(read_some(both.reader.socket) == "{}\n");
    CHECK(read_some(both.reader.socket).empty());
  }
}

TEST_CASE("that a reader is gone shows at its descriptor, and is an error") {
  Connected both;
  both.reader.socket.close();
  pollfd waiting{.fd = both.output.error_fd(), .events = 0, .revents = 0};
  CHECK(poll(&waiting, 1, 20'000) == 1);
  CHECK(both.output.reader_gone().kind == ErrorKind::kMachine);
  CHECK(both.output.reader_gone().message == both.place + ": the reader closed the connection");
}

TEST_CASE("the first who connects to an output that listens is its reader") {
  const Scratch scratch;
  const std::string place = "unix:" + scratch.path("s");
  SocketOutput output(*parse_endpoint(place, true), system_files());
  REQUIRE(output.open().has_value());
  CHECK(output.message() == "listening on " + place + " for a reader");
  auto first = connect_to(*parse_endpoint(place));
  REQUIRE(first.has_value());
  REQUIRE(output.await_reader().has_value());
  CHECK(output.message().empty());
  CHECK_FALSE(connect_to(*parse_endpoint(place)).has_value());
  CHECK_FALSE(scratch.has("s"));
  REQUIRE(output.write("{}\n").has_value());
  CHECK(read_some(*first) == "{}\n");
}

TEST_CASE("the name of a socket says nothing of a format") {
  const auto sink = make_sink(*parse_endpoint("unix:a.csv.gz"), {});
  REQUIRE(sink.has_value());
  CHECK((*sink)->describe() == "unix:a.csv.gz: ndjson");
}
