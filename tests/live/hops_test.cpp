// How long an event takes from one bot to the next, all of them safe on the disk.

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "live/running.h"

using weir::test::Clock;
using weir::test::kPromptMs;
using weir::test::kSanitized;
using weir::test::Running;
using weir::test::Scratch;

namespace {

/// The mark, and what the disk may take for it to be asked for: an event waits for two commits, and
/// for those that were under way when it came.
constexpr double kMarkMs = 50;
constexpr double kPromptDiskMs = 8;

constexpr size_t kEvents = 300;
constexpr std::chrono::milliseconds kApart{4};

double ms_between(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration<double, std::milli>(end - start).count();
}

/// The value that `percent` of all do not exceed.
double percentile(std::vector<double> values, size_t percent) {
  std::sort(values.begin(), values.end());
  return values[(values.size() * percent + 99) / 100 - 1];
}

std::string event(size_t n) { return "{\"n\":" + std::to_string(n) + "}\n"; }

/// What it takes to add a page to a file in the folder and sync it: p99 in milliseconds.
double disk_ms(const Scratch& scratch) {
  const int fd =
      open(scratch.path("bare").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  const std::array<char, 4096> page = {};
  std::vector<double> took;
  for (int i = 0; i < 100; ++i) {
    const auto start = Clock::now();
    REQUIRE(write(fd, page.data(), page.size()) == static_cast<ssize_t>(page.size()));
    REQUIRE(fsync(fd) == 0);
    took.push_back(ms_between(start, Clock::now()));
  }
  close(fd);
  return percentile(took, 99);
}

/// Sends events one at a time over two queues, with a bot between them; what each took.
std::vector<double> send_over_queues(const std::string& bus) {
  Running writer({"--bus", bus, "from", "-", "then", "to", "queue:a"});
  Running bot({"--bus", bus, "--as", "b", "from", "queue:a", "--follow", "then", "to", "queue:b"});
  Running reader({"--bus", bus, "from", "queue:b", "--follow"});
  // All three are there when the first has come.
  REQUIRE(writer.write(event(0)));
  REQUIRE(reader.read_at_least(event(0).size()) == event(0));

  std::string all;
  for (size_t n = 1; n <= kEvents; ++n) all += event(n);
  std::string got;
  std::vector<Clock::time_point> came;
  std::thread watcher([&] {
    while (got.size() < all.size()) {
      const std::string piece = reader.read_at_least(1);
      if (piece.empty()) break;
      const auto lines = std::count(piece.begin(), piece.end(), '\n');
      came.insert(came.end(), static_cast<size_t>(lines), Clock::now());
      got += piece;
    }
  });
  std::vector<Clock::time_point> sent;
  const auto start = Clock::now();
  for (size_t n = 1; n <= kEvents; ++n) {
    std::this_thread::sleep_until(start + n * kApart);
    sent.push_back(Clock::now());
    if (!writer.write(event(n))) break;
  }
  watcher.join();

  writer.close_in();
  CHECK(writer.wait().status == 0);
  CHECK(writer.complaints() == "");
  bot.send(SIGTERM);
  CHECK(bot.wait().status == 143);
  reader.send(SIGTERM);
  got += reader.read_all();
  CHECK(reader.wait().status == 143);
  REQUIRE(got == all);

  std::vector<double> took;
  for (size_t i = 0; i < kEvents; ++i) took.push_back(ms_between(sent[i], came[i]));
  return took;
}

}  // namespace

// Other programs on the machine make a try slower and never faster, so the best one counts.
TEST_CASE("an event is with the next bot at once") {
  double best = 0;
  int on_prompt_disk = 0;
  for (int tries = 0; tries < 6 && on_prompt_disk < 3; ++tries) {
    const Scratch scratch;
    const double disk_before = disk_ms(scratch);
    const std::vector<double> took = send_over_queues(scratch.path("the.bus"));
    const double disk = std::max(disk_before, disk_ms(scratch));
    const double p99 = percentile(took, 99);
    MESSAGE("p50 " << percentile(took, 50) << " ms, p99 " << p99 << " ms, greatest "
                   << percentile(took, 100) << " ms; p99 of an fsync alone " << disk << " ms");
    // On whatever disk.
    CHECK(percentile(took, 50) < static_cast<double>(kPromptMs));
    if (kSanitized || p99 < kMarkMs) return;
    best = tries == 0 ? p99 : std::min(best, p99);
    if (disk < kPromptDiskMs) ++on_prompt_disk;
  }
  if (on_prompt_disk == 3) {
    CHECK(best < kMarkMs);
  } else {
    MESSAGE("the mark is not asked for: an fsync alone takes too long here");
  }
}
