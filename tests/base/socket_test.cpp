#include "base/socket.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/scratch.h"

using namespace weir;

namespace {

/// The next connection, which is on its way.
Listener::Accepted accept_next(Listener& listener) {
  Listener::Accepted accepted;
  pollfd waiting{.fd = listener.fd(), .events = POLLIN, .revents = 0};
  REQUIRE(poll(&waiting, 1, 20'000) == 1);
  REQUIRE(listener.accept(accepted) == 0);
  return accepted;
}

std::string read_some(int fd) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  REQUIRE(poll(&waiting, 1, 20'000) == 1);
  char bytes[100];
  const ssize_t got = read(fd, bytes, sizeof bytes);
  return got < 0 ? "error " + std::to_string(errno) : std::string(bytes, static_cast<size_t>(got));
}

std::string error_of(const auto& result) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == ErrorKind::kMachine);
  return result.error().message;
}

}  // namespace

TEST_CASE("both ends of a connection") {
  const Scratch scratch;
  for (const std::string& text : {std::string("tcp://:0"), "unix:" + scratch.path("socket")}) {
    CAPTURE(text);
    auto listener = Listener::at(*parse_endpoint(text, true));
    REQUIRE(listener.has_value());
    Listener::Accepted accepted;
    CHECK(listener->accept(accepted) == -EAGAIN);
    const auto client = connect_to(*parse_endpoint(listener->name()));
    REQUIRE(client.has_value());
    accepted = accept_next(*listener);
    CHECK(accepted.peer.starts_with(text == "tcp://:0" ? "tcp://127.0.0.1:" : text + "#1"));
    REQUIRE(write(client->fd(), "there", 5) == 5);
    CHECK(read_some(accepted.socket.fd()) == "there");
    REQUIRE(write(accepted.socket.fd(), "back", 4) == 4);
    CHECK(read_some(client->fd()) == "back");
  }
}

TEST_CASE("an empty host is this machine only") {
  auto listener = Listener::at(*parse_endpoint("tcp://:0", true));
  REQUIRE(listener.has_value());
  CHECK(listener->name().starts_with("tcp://127.0.0.1:"));
  CHECK_FALSE(listener->name().ends_with(":0"));
  auto everywhere = Listener::at(*parse_endpoint("tcp://0.0.0.0:0", true));
  REQUIRE(everywhere.has_value());
  CHECK(everywhere->name().starts_with("tcp://0.0.0.0:"));
}

TEST_CASE("IPv6 addresses stand in brackets") {
  auto listener = Listener::at(*parse_endpoint("tcp://[::1]:0", true));
  if (!listener) {
    MESSAGE("skipped: no IPv6 here");
    return;
  }
  CHECK(listener->name().starts_with("tcp://[::1]:"));
  const auto client = connect_to(*parse_endpoint(listener->name()));
  REQUIRE(client.has_value());
  CHECK(accept_next(*listener).peer.starts_with("tcp://[::1]:"));
}

TEST_CASE("a port that is taken, and one where nobody listens") {
  auto listener = Listener::at(*parse_endpoint("tcp://:0", true));
  REQUIRE(listener.has_value());
  const std::string name = listener->name();
  CHECK(error_of(Listener::at(*parse_endpoint(name, true))) ==
        name + ": cannot be listened at: address already in use");
  { const Listener gone = std::move(*listener); }
  CHECK(error_of(connect_to(*parse_endpoint(name))) ==
        name + ": cannot be connected: connection refused");
  CHECK(Listener::at(*parse_endpoint(name, true)).has_value());
}

TEST_CASE("a Unix socket is its owner's, and goes away with its listener") {
  const Scratch scratch;
  const std::string path = scratch.path("socket");
  const Endpoint endpoint = *parse_endpoint("unix:" + path, true);
  struct stat status {};
  {
    const auto listener = Listener::at(endpoint);
    REQUIRE(listener.has_value());
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(error_of(Listener::at(endpoint)) == "unix:" + path + ": is listened at already");
  }
  CHECK(stat(path.c_str(), &status) != 0);
  CHECK(error_of(connect_to(*parse_endpoint("unix:" + path))) ==
        "unix:" + path + ": cannot be connected: no such file or directory");
}

TEST_CASE("what a dead process left is replaced, and nothing else is") {
  const Scratch scratch;
  const std::string path = scratch.path("socket");
  const Endpoint endpoint = *parse_endpoint("unix:" + path, true);
  {
    auto listener = Listener::at(endpoint);
    REQUIRE(listener.has_value());
    // As if the process had died: another name keeps the file.
    REQUIRE(link(path.c_str(), scratch.path("left").c_str()) == 0);
  }
  REQUIRE(rename(scratch.path("left").c_str(), path.c_str()) == 0);
  CHECK(Listener::at(endpoint).has_value());

  scratch.write("socket", "a file");
  CHECK(error_of(Listener::at(endpoint)) ==
        "unix:" + path + ": there is something else than a socket");
  CHECK(scratch.read("socket") == "a file");
}

TEST_CASE("a listener leaves alone what took the place of its socket") {
  const Scratch scratch;
  {
    const auto listener = Listener::at(*parse_endpoint("unix:" + scratch.path("socket"), true));
    REQUIRE(listener.has_value());
    std::filesystem::remove(scratch.path("socket"));
    scratch.write("socket", "a file");
  }
  CHECK(scratch.read("socket") == "a file");
}

TEST_CASE("closing tells whether the other end has had all") {
  const Scratch scratch;
  for (const std::string& text : {std::string("tcp://:0"), "unix:" + scratch.path("socket")}) {
    CAPTURE(text);
    auto listener = Listener::at(*parse_endpoint(text, true));
    REQUIRE(listener.has_value());
    const auto connected = [&] {
      auto client = connect_to(*parse_endpoint(listener->name()));
      REQUIRE(client.has_value());
      return std::pair(std::move(*client), accept_next(*listener).socket);
    };
    {
      auto [client, server] = connected();
      REQUIRE(write(client.fd(), "there", 5) == 5);
      CHECK(read_some(server.fd()) == "there");
      server.close();
      CHECK(close_when_read(client.fd()) == 0);
    }
    {
      // Nobody read it.
      auto [client, server] = connected();
      REQUIRE(write(client.fd(), "there", 5) == 5);
      server.close();
      CHECK(close_when_read(client.fd()) < 0);
    }
    {
      // Nobody was there any more.
      auto [client, server] = connected();
      server.close();
      const ssize_t written = send(client.fd(), "there", 5, MSG_NOSIGNAL);
      if (written == 5) CHECK(close_when_read(client.fd()) < 0);
    }
    {
      // The other end has all, and goes on.
      auto [client, server] = connected();
      REQUIRE(write(client.fd(), "there", 5) == 5);
      CHECK(read_some(server.fd()) == "there");
      CHECK(close_when_read(client.fd()) == 0);
      CHECK(read_some(server.fd()).empty());
    }
  }
}
