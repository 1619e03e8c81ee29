// Sockets: many clients at once, back-pressure, signals, ends that break off.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "live/peer.h"
#include "live/running.h"

using weir::test::address_of;
using weir::test::Clock;
using weir::test::Ended;
using weir::test::kMiB;
using weir::test::kPromptMs;
using weir::test::kSanitized;
using weir::test::ms_since;
using weir::test::Peer;
using weir::test::Running;
using weir::test::Scratch;
using weir::test::Server;

namespace {

constexpr std::string_view kLine = "{\"a\":1}\n";

size_t count_lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool says(const Running& running, std::string_view text) {
  return running.complaints().find(text) != std::string::npos;
}

/// Waits until weir has said `text`.
bool comes_to_say(const Running& running, std::string_view text) {
  const auto start = Clock::now();
  while (!says(running, text)) {
    if (ms_since(start) > weir::test::kPatience.count()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// A server of each kind, one at a time: `test` gets it.
template <typename Test>
void for_each_server(Test&& test) {
  const Scratch scratch;
  for (const std::string& endpoint :
       {std::string("tcp://127.0.0.1:0"), "unix:" + scratch.path("s")}) {
    CAPTURE(endpoint);
    test(Server(endpoint));
  }
}

}  // namespace

TEST_CASE("several clients at once, and each event knows whose it is") {
  const Scratch scratch;
  for (const std::string& endpoint : {std::string("tcp://:0"), "unix:" + scratch.path("s")}) {
    CAPTURE(endpoint);
    Running running({"from", "--listen", "--accept", "3", endpoint, "then", "set",
                     "text = meta.peer + ':' + string(meta.line)", "file = has(meta.file)"});
    const std::string address = address_of(running);
    std::vector<Peer> clients;
    for (int i = 0; i < 3; ++i) clients.emplace_back(address);
    // In turns, and each is heard while all are open.
    std::string out;
    for (int line = 1; line <= 2; ++line) {
      for (Peer& client : clients) {
        REQUIRE(client.send("{}\n"));
        const std::string event = running.read_at_least(1);
        CHECK(event.find(address == endpoint ? address + "#" : "tcp://127.0.0.1:") !=
              std::string::npos);
        CHECK(event.ends_with(":" + std::to_string(line) + "\",\"file\":false}\n"));
        out += event;
      }
    }
    CHECK(count_lines(out) == 6);
    clients.clear();
    CHECK(running.read_all().empty());
    CHECK(running.wait().status == 0);
    CHECK(running.complaints() == "weir: listening on " + address + "\n");
  }
}

TEST_CASE("1,000 connections at once") {
  // Both ends of each are counted here and there.
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < 1200) {
    MESSAGE("skipped: this process may not have 1,000 connections");
    return;
  }
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  constexpr size_t kClients = 1000;
  const auto start = Clock::now();
  Running running({"from", "--listen", "--accept", std::to_string(kClients), "tcp://:0", "then",
                   "aggregate", "--by", "a", "n = count()"});
  const std::string address = address_of(running);
  std::vector<Peer> clients;
  for (size_t i = 0; i < kClients; ++i) clients.emplace_back(address);
  for (int round = 0; round < 3; ++round) {
    for (Peer& client : clients) REQUIRE(client.send(kLine));
  }
  // The last event of each needs no line end.
  for (Peer& client : clients) REQUIRE(client.send("{\"a\":2}"));
  clients.clear();
  CHECK(running.read_all() == "{\"a\":1,\"n\":3000}\n{\"a\":2,\"n\":1000}\n");
  const Ended ended = running.wait();
  CHECK(ended.status == 0);
  MESSAGE("1,000 connections: " << ms_since(start) << " ms, " << ended.peak_kib / 1024 << " MiB");
  if (!kSanitized) CHECK(ended.peak_kib < 64 * 1024);
}

TEST_CASE("who floods does not keep the others from being heard") {
  Running running({"from", "--listen", "tcp://:0", "then", "filter", "who == 'trickle'"});
  const std::string address = address_of(running);
  std::atomic<bool> enough{false};
  std::vector<std::thread> floods;
  for (int i = 0; i < 3; ++i) {
    floods.emplace_back([&enough, flood = Peer(address)]() mutable {
      std::string text;
      while (text.size() < kMiB)
        text += "{\"who\":\"flood\",\"text\":\"" + std::string(200, 'x') + "\"}\n";
      while (!enough && flood.send(text)) continue;
    });
  }
  Peer trickle(address);
  constexpr std::string_view kEvent = "{\"who\":\"trickle\"}\n";
  int64_t longest = 0;
  for (int i = 0; i < 20; ++i) {
    const auto start = Clock::now();
    REQUIRE(trickle.send(kEvent));
    CHECK(running.read_at_least(kEvent.size()) == kEvent);
    longest = std::max(longest, ms_since(start));
  }
  MESSAGE("longest way of a trickling event beside floods: " << longest << " ms");
  CHECK(longest < kPromptMs);
  running.send(SIGTERM);
  enough = true;
  for (std::thread& flood : floods) flood.join();
  CHECK(running.wait().status == 143);
}

TEST_CASE("who sends faster than is read has to wait, and memory stays flat") {
  const Scratch scratch;
  for (const std::string& endpoint : {std::string("tcp://:0"), "unix:" + scratch.path("s")}) {
    CAPTURE(endpoint);
    Running running({"from", "--listen", "--accept", "1", endpoint});
    Peer client(address_of(running));
    const std::string line = "{\"text\":\"" + std::string(1014, 'x') + "\"}\n";
    std::string lines;
    while (lines.size() < kMiB) lines += line;
    // Nobody reads what weir writes.
    size_t sent = 0;
    constexpr std::chrono::milliseconds kStuck{500};
    while (sent < 256 * kMiB) {
      const size_t some = client.send_some(lines, kStuck);
      sent += some;
      if (some < lines.size()) break;
    }
    MESSAGE(endpoint << ": taken before the sender had to wait: " << sent / 1024 << " KiB");
    CHECK(sent < 64 * kMiB);
    // It goes on as soon as somebody reads.
    size_t got = 0;
    std::thread reader([&] {
      for (std::string some; !(some = running.read_at_least(kMiB)).empty();) got += some.size();
    });
    const std::string_view rest = std::string_view(lines).substr(sent % lines.size());
    size_t wanted = sent;
    if (rest.size() < lines.size() && client.send(rest)) wanted += rest.size();
    for (int i = 0; i < 40; ++i) {
      if (client.send(lines)) wanted += lines.size();
    }
    client.close();
    reader.join();
    CHECK(got == wanted);
    const Ended ended = running.wait();
    CHECK(ended.status == 0);
    MESSAGE("peak memory: " << ended.peak_kib / 1024 << " MiB");
    if (!kSanitized) CHECK(ended.peak_kib < 64 * 1024);
  }
}

TEST_CASE("many connections with large events unfinished share a bounded memory") {
  constexpr size_t kClients = 20;
  const size_t size = (kSanitized ? 1 : 6) * kMiB;
  // 64 MiB for events of up to 16: four at a time.
  Running running({"--max-event", "16MiB", "from", "--listen", "--accept", std::to_string(kClients),
                   "tcp://:0", "then", "aggregate", "n = count()", "bytes = sum(size(text))"});
  const std::string address = address_of(running);
  // Each has sent half of its event before any sends more, as far as weir takes it.
  std::atomic<size_t> halves{0};
  std::vector<std::thread> clients;
  for (size_t i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      Peer client(address);
      const std::string event = "{\"text\":\"" + std::string(size, 'x') + "\"}\n";
      const size_t sent = client.send_some(event.substr(0, size / 2), std::chrono::seconds(1));
      ++halves;
      while (halves < kClients) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      // Whoever has to wait waits for all others.
      client.send_some(std::string_view(event).substr(sent), kClients * weir::test::kPatience);
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(running.read_all() == "{\"n\":20,\"bytes\":" + std::to_string(kClients * size) + "}\n");
  const Ended ended = running.wait();
  CHECK(ended.status == 0);
  MESSAGE("peak memory: " << ended.peak_kib / 1024 << " MiB");
  if (!kSanitized) CHECK(ended.peak_kib < 112 * 1024);
}

TEST_CASE("--max-event holds for each connection") {
  Running running({"--max-event", "1MiB", "from", "--listen", "--accept", "2", "tcp://:0"});
  const std::string address = address_of(running);
  Peer large(address);
  Peer small(address);
  const std::string piece(kMiB / 2, 'x');
  for (int i = 0; i < 6; ++i) {
    REQUIRE(large.send(piece));
    REQUIRE(small.send(kLine));
    CHECK(running.read_at_least(kLine.size()) == kLine);
  }
  REQUIRE(large.send("\n{\"a\":2}\n"));
  CHECK(running.read_at_least(kLine.size()) == "{\"a\":2}\n");
  large.close();
  small.close();
  CHECK(running.read_all().empty());
  CHECK(running.wait().status == 1);
  CHECK(says(running, ":1: rejected by from: event of 3145728 bytes is longer than --max-event"));
}

TEST_CASE("a signal ends a run that listens, and says what it has done") {
  for (const auto& [signal, status] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    CAPTURE(signal);
    const Scratch scratch;
    const std::string path = scratch.path("s");
    Running running({"from", "--listen", "unix:" + path, "then", "aggregate", "n = count()"});
    Peer client(address_of(running));
    REQUIRE(client.send("{\"a\":1}\n{\"a\":2}\n{\"a\""));
    // Nothing tells from outside that an aggregate has taken its events in.
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto start = Clock::now();
    running.send(signal);
    // What was read of the third is an event that is broken.
    CHECK(running.read_all() == "{\"n\":2}\n");
    CHECK(running.wait().status == status);
    MESSAGE("signal to the end: " << ms_since(start) << " ms");
    CHECK(ms_since(start) < kPromptMs);
    CHECK(running.complaints() == "weir: listening on unix:" + path + "\nweir: unix:" + path +
                                      "#1:3: rejected by from: byte 5: the event ends too early\n"
                                      "weir: interrupted: 3 events in, 1 out, 1 rejected\n");
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE("a second signal stops at once") {
  Running running({"from", "--listen", "tcp://:0"});
  Peer client(address_of(running));
  // Nobody reads weir's output, so it cannot write what it has read.
  std::string lines;
  while (lines.size() < 8 * kMiB) lines += kLine;
  client.send_some(lines, std::chrono::milliseconds(500));
  running.send(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto start = Clock::now();
  running.send(SIGINT);
  CHECK(running.wait().status == 130);
  CHECK(ms_since(start) < kPromptMs);
  CHECK_FALSE(says(running, "interrupted:"));
}

TEST_CASE("a client that breaks off is a message, and the others go on") {
  Running running({"from", "--listen", "tcp://:0"});
  const std::string address = address_of(running);
  Peer breaks(address);
  REQUIRE(breaks.send("{\"a\":1}\n{\"a\":2}\n{\"a\":"));
  CHECK(running.read_at_least(2 * kLine.size()) == "{\"a\":1}\n{\"a\":2}\n");
  breaks.reset();
  CHECK(comes_to_say(running, ": cannot be read on: connection reset by peer; 2 lines were read"));
  // Formats that are not for sockets are such a client's fault as well.
  Peer packed(address);
  REQUIRE(packed.send("\x1f\x8b\x08\x01"));
  CHECK(
      comes_to_say(running, ": is gzip data, which weir reads from files only, not from sockets"));
  Peer other(address);
  REQUIRE(other.send("{\"a\":3}"));
  other.close();
  CHECK(running.read_at_least(kLine.size()) == "{\"a\":3}\n");
  running.send(SIGINT);
  CHECK(running.wait().status == 130);
  CHECK(says(running, "weir: interrupted: 3 events in, 3 out\n"));
}

TEST_CASE("connections that break off by the hundred are counted") {
  Running running({"from", "--listen", "--accept", "30", "tcp://:0"});
  const std::string address = address_of(running);
  for (int i = 0; i < 30; ++i) Peer(address).reset();
  CHECK(running.wait().status == 0);
  CHECK(count_lines(running.complaints()) == 7);
  CHECK(says(running, "weir: 25 more connections could not be read to their end\n"));
}

TEST_CASE("without descriptors others have to wait, and are not lost" * doctest::skip(kSanitized)) {
  Running running(
      {"from", "--listen", "--accept", "40", "tcp://:0", "then", "aggregate", "n = count()"});
  const std::string address = address_of(running);
  const rlimit few{.rlim_cur = 24, .rlim_max = 24};
  REQUIRE(prlimit(running.pid(), RLIMIT_NOFILE, &few, nullptr) == 0);
  std::vector<Peer> clients;
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back(address);
    REQUIRE(clients.back().send(kLine));
  }
  CHECK(comes_to_say(running, " connections are open: others have to wait until one is closed\n"));
  clients.clear();
  CHECK(running.read_all() == "{\"n\":40}\n");
  CHECK(running.wait().status == 0);
}

TEST_CASE("where not even one can be accepted, the run fails" * doctest::skip(kSanitized)) {
  Running running({"from", "--listen", "tcp://:0"});
  const std::string address = address_of(running);
  const rlimit none{.rlim_cur = 4, .rlim_max = 4};
  REQUIRE(prlimit(running.pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
  const Peer client(address);
  CHECK(running.wait().status == 3);
  CHECK(says(running, "weir: no connection can be accepted: too many open files\n"));
}

TEST_CASE("a signal ends the wait for somebody who does not answer") {
  const Scratch scratch;
  const Server server("unix:" + scratch.path("s"), 0);
  // Its queue is full, and it accepts nobody.
  const Peer first(server.address());
  Running running({"from", server.address()});
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  running.send(SIGTERM);
  CHECK(running.wait().status == 143);
  CHECK(running.complaints() == "weir: " + server.address() + ": interrupted while connecting\n");
}

TEST_CASE("from connects, and reads until the other end closes") {
  const Scratch scratch;
  for (const std::string& endpoint :
       {std::string("tcp://127.0.0.1:0"), "unix:" + scratch.path("s")}) {
    const Server server(endpoint);
    Running running({"from", server.address(), "then", "set", "peer = meta.peer"});
    Peer peer = server.accept();
    REQUIRE(peer.send("{}\n{}"));
    peer.close();
    const std::string event = "{\"peer\":\"" + server.address() + "\"}\n";
    CHECK(running.read_all() == event + event);
    CHECK(running.wait().status == 0);
    CHECK(running.complaints().empty());
  }
}

TEST_CASE("a connection that was asked for and breaks off is a failure") {
  const Server server;
  Running running({"from", server.address()});
  Peer peer = server.accept();
  REQUIRE(peer.send("{\"a\":1}\n{\"a\":"));
  CHECK(running.read_at_least(kLine.size()) == kLine);
  peer.reset();
  CHECK(running.wait().status == 3);
  CHECK(running.complaints() == "weir: " + server.address() +
                                    ": cannot be read on: connection reset by peer; "
                                    "1 line was read before\n");
}

TEST_CASE("to writes a socket: promptly, and all of it") {
  for_each_server([](const Server& server) {
    Running running({"to", server.address()});
    Peer reader = server.accept();
    const auto start = Clock::now();
    REQUIRE(running.write(kLine));
    CHECK(reader.read_at_least(kLine.size()) == kLine);
    CHECK(ms_since(start) < kPromptMs);
    std::string lines;
    while (lines.size() < 16 * kMiB) lines += kLine;
    std::thread feeder([&] {
      CHECK(running.write(lines));
      running.close_in();
    });
    CHECK(reader.read_at_least(SIZE_MAX).size() == lines.size());
    feeder.join();
    reader.close();
    CHECK(running.wait().status == 0);
    CHECK(running.complaints().empty());
  });
}

TEST_CASE("a socket that nobody reads any more is a failure") {
  for_each_server([](const Server& server) {
    {
      // It reads a part, and is gone.
      Running running({"to", server.address()});
      Peer reader = server.accept();
      std::string lines;
      while (lines.size() < kMiB) lines += kLine;
      REQUIRE(running.write(lines));
      CHECK_FALSE(reader.read_at_least(1).empty());
      reader.close();
      running.close_in();
      CHECK(running.wait().status == 3);
      CHECK(says(running, "weir: " + server.address() + ": "));
    }
    {
      // It has read all so far, and there would be more.
      Running running({"to", server.address()});
      Peer reader = server.accept();
      REQUIRE(running.write(kLine));
      CHECK(reader.read_at_least(kLine.size()) == kLine);
      reader.reset();
      CHECK(running.wait().status == 3);
      CHECK(says(running, "weir: " + server.address() + ": the reader closed the connection\n"));
    }
  });
}

TEST_CASE("to --listen waits for its reader before it reads anything") {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  Running running({"to", "--listen", "unix:" + path});
  CHECK(address_of(running) == "unix:" + path);
  REQUIRE(running.write(kLine));
  running.close_in();
  {
    Peer reader("unix:" + path);
    CHECK(reader.read_at_least(SIZE_MAX) == kLine);
  }
  CHECK(running.wait().status == 0);
  CHECK(running.complaints() == "weir: listening on unix:" + path + " for a reader\n");
  CHECK_FALSE(std::filesystem::exists(path));

  for (const auto& [signal, status] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    Running waits({"to", "--listen", "tcp://:0"});
    address_of(waits);
    waits.send(signal);
    CHECK(waits.wait().status == status);
    CHECK(says(waits, "weir: tcp://:0: interrupted before anybody read it\n"));
  }
}

TEST_CASE("a tee and --errors write to sockets as well") {
  const Scratch scratch;
  const Server branch("unix:" + scratch.path("branch"));
  const Server errors("unix:" + scratch.path("errors"));
  Running running({"--errors", errors.address(), "tee", branch.address(), "then", "head", "1"});
  Peer seen = branch.accept();
  Peer rejected = errors.accept();
  REQUIRE(running.write("{\"a\":1}\n{\"a\"\n{\"a\":2}\n"));
  running.close_in();
  CHECK(seen.read_at_least(SIZE_MAX) == "{\"a\":1}\n{\"a\":2}\n");
  seen.close();
  CHECK(rejected.read_at_least(SIZE_MAX).find("\"text\":\"{\\\"a\\\"\"") != std::string::npos);
  rejected.close();
  CHECK(running.read_all() == "{\"a\":1}\n");
  CHECK(running.wait().status == 0);
}

TEST_CASE("what a client sends badly is kept with its name") {
  const Scratch scratch;
  const std::string path = scratch.path("s");
  Running running(
      {"--errors", scratch.path("rejects"), "from", "--listen", "--accept", "1", "unix:" + path});
  {
    Peer client(address_of(running));
    REQUIRE(client.send("{\"a\":1}\n{\"a\":\n"));
  }
  CHECK(running.read_all() == kLine);
  CHECK(running.wait().status == 0);
  CHECK(
      weir::test::read_file(scratch.path("rejects")) ==
      "{\"peer\":\"unix:" + path +
          "#1\",\"line\":2,\"offset\":8,\"stage\":\"from\",\"reason\":\"byte 6: the event ends too "
          "early\",\"text\":\"{\\\"a\\\":\"}\n");
}
