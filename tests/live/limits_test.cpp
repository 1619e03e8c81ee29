// What happens at the machine's limits: an event of 1 GiB, a long queue, a full disk.

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "live/running.h"

using weir::test::Ended;
using weir::test::kMiB;
using weir::test::kSanitized;
using weir::test::Running;
using weir::test::Scratch;

namespace {

constexpr int64_t kMostMemoryKib = 64 * 1024;

// Feeds weir `total` bytes of one line, then an event, then the end.
struct Outcome {
  std::string out;
  std::string err;
  Ended ended;
};
Outcome feed_long_line(std::vector<std::string> arguments, char letter, size_t total) {
  Running running(std::move(arguments));
  std::thread feeder([&] {
    const std::string piece(kMiB, letter);
    for (size_t at = 0; at < total; at += piece.size()) {
      if (!running.write(piece)) break;
    }
    running.write("\n{\"a\":1}\n");
    running.close_in();
  });
  Outcome outcome;
  outcome.out = running.read_all();
  feeder.join();
  outcome.ended = running.wait();
  outcome.err = running.complaints();
  return outcome;
}

}  // namespace

TEST_CASE("one line of 1 GiB is a reject, and memory stays flat") {
  const size_t total = (kSanitized ? 64 : 1024) * kMiB;
  for (const char letter : {'x', '['}) {
    CAPTURE(letter);
    const Scratch scratch;
    const std::string rejects = scratch.path("rejects.ndjson");
    const Outcome outcome =
        feed_long_line({"--errors", rejects, "filter", "a == 1"}, letter, total);
    CHECK_FALSE(outcome.ended.timed_out);
    CHECK(outcome.ended.status == 0);
    CHECK(outcome.out.substr(0, 100) == "{\"a\":1}\n");
    MESSAGE("peak memory: " << outcome.ended.peak_kib / 1024 << " MiB");
    if (!kSanitized) CHECK(outcome.ended.peak_kib < kMostMemoryKib);
    const std::string kept = weir::test::read_file(rejects);
    CHECK(std::count(kept.begin(), kept.end(), '\n') == 1);
    CHECK(kept.size() < 200'000);  // its first 64 KiB and where it was
  }
}

TEST_CASE("a long line that nothing keeps ends with status 1") {
  const Outcome outcome = feed_long_line({"filter", "a == 1"}, 'x', 16 * kMiB);
  CHECK(outcome.ended.status == 1);
  CHECK(outcome.out.substr(0, 100) == "{\"a\":1}\n");
  CHECK_FALSE(outcome.err.empty());
  CHECK(outcome.err.size() < 4096);
}

TEST_CASE("memory is flat over a long stream") {
  Running running({"filter", "a == 2"});
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += "{\"a\":1,\"text\":\"an event that is filtered\"}\n";
  for (int i = 0; i < (kSanitized ? 4 : 40); ++i) REQUIRE(running.write(lines));
  running.close_in();
  CHECK(running.read_all().empty());
  const Ended ended = running.wait();
  CHECK(ended.status == 0);
  MESSAGE("peak memory: " << ended.peak_kib / 1024 << " MiB");
  if (!kSanitized) CHECK(ended.peak_kib < kMostMemoryKib);
}

TEST_CASE("a long queue is read in no more memory than a file") {
  const Scratch scratch;
  const std::vector<std::string> bus = {"-j2", "--bus", scratch.path("the.bus")};
  const auto with_bus = [&](std::initializer_list<std::string> words) {
    std::vector<std::string> all = bus;
    all.insert(all.end(), words);
    return all;
  };
  Running writing(with_bus({"to", "queue:q"}));
  std::string lines;
  for (int i = 0; i < 10'000; ++i) {
    lines += "{\"a\":1,\"text\":\"" + std::string(400, 'x') + "\"}\n";
  }
  const size_t rounds = kSanitized ? 2 : 60;
  for (size_t i = 0; i < rounds; ++i) REQUIRE(writing.write(lines));
  writing.close_in();
  REQUIRE(writing.wait().status == 0);

  Running reading(with_bus({"from", "queue:q", "then", "set", "a = a"}));
  reading.close_in();
  CHECK(reading.read_all().size() == rounds * lines.size());
  const Ended ended = reading.wait();
  CHECK(ended.status == 0);
  MESSAGE("peak memory: " << ended.peak_kib / 1024 << " MiB");
  if (!kSanitized) CHECK(ended.peak_kib < 48 * 1024);
}

TEST_CASE("a device without room is a failure of the sink") {
  Running running({"to", "/dev/full"});
  running.write("{\"a\":1}\n");
  running.close_in();
  CHECK(running.wait().status == 3);
  CHECK(running.complaints().find("/dev/full") != std::string::npos);
}

TEST_CASE("a full disk leaves the earlier file, and what was written beside it") {
  const Scratch scratch;
  // In a mount namespace of our own the small disk goes away with this process.
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("weir-test", scratch.folder().c_str(), "tmpfs", 0, "size=4m") != 0) {
    MESSAGE("skipped: only root can mount a small disk");
    return;
  }
  const std::string path = scratch.path("out.ndjson");
  weir::test::write_file(path, "good\n");
  Running running({"to", path});
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "{\"a\":1,\"text\":\"" + std::string(1000, 'x') + "\"}\n";
  for (int i = 0; i < 16 && running.write(lines); ++i) continue;
  running.close_in();
  const Ended ended = running.wait();
  CHECK_FALSE(ended.timed_out);
  CHECK(ended.status == 3);
  CHECK(running.complaints().find("out.ndjson") != std::string::npos);
  CHECK(weir::test::read_file(path) == "good\n");
  CHECK(weir::test::read_file(path + ".partial").ends_with("x\"}\n"));
  for (const auto& entry : std::filesystem::directory_iterator(scratch.folder())) {
    const std::string name = entry.path().string();
    CHECK((name == path || name == path + ".partial"));
  }
  umount(scratch.folder().c_str());
}
