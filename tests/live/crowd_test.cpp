// Eight who write to one bus and eight who read from it, all at once.

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "live/running.h"

using weir::test::Clock;
using weir::test::kPatience;
using weir::test::kSanitized;
using weir::test::ms_since;
using weir::test::Running;
using weir::test::Scratch;

namespace {

using std::chrono::milliseconds;

/// How many events a writer is given at a time, and how long it then has nothing to do, in
/// microseconds.
struct Pace {
  int events;
  int pause;
};

/// Half of the writers commit each event by itself, the others up to more than fits in a block. A
/// slow machine must keep up with all of them, or bots wait for events and not for their turn.
constexpr int kMany = kSanitized ? 25 : 100;
constexpr std::array kPaces = {Pace{1, 200},
                               Pace{1, 500},
                               Pace{1, 1'000},
                               Pace{1, 5'000},
                               Pace{kMany, 10'000},
                               Pace{5 * kMany, 50'000},
                               Pace{20 * kMany, 200'000},
                               Pace{100 * kMany, 1'000'000}};
constexpr size_t kWriters = kPaces.size();

/// Of the readers, these are bots that run through, and these end again and again; the others, as
/// many as both, remember nothing.
constexpr size_t kBots = 2;
constexpr size_t kCronBots = 2;
constexpr size_t kPlain = 4;

/// Nobody waits longer for a turn. On a quiet machine it is the pause of the slowest writer.
constexpr int64_t kLongestWaitMs = kSanitized ? 10'000 : 3'000;

/// How long the writers write: the variable makes it a minute.
milliseconds load_time() {
  const char* seconds = std::getenv("WEIR_CROWD_SECONDS");
  return std::chrono::seconds(seconds == nullptr ? (kSanitized ? 6 : 12)
                                                 : std::max(1, std::atoi(seconds)));
}

/// Milliseconds since 1970, as in an eid.
int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

/// When the load began and ended.
struct Span {
  int64_t start = 0;
  int64_t end = 0;
};

/// Moments, in order.
class Moments {
 public:
  void add(int64_t ms) {
    if (ms_.empty() || ms_.back() != ms) ms_.push_back(ms);
  }

  /// The longest time of the span in which none of them is.
  int64_t longest_wait(Span span) const {
    int64_t last = span.start;
    int64_t longest = 0;
    for (const int64_t ms : ms_) {
      const int64_t at = std::clamp(ms, last, span.end);
      longest = std::max(longest, at - last);
      last = at;
    }
    return std::max(longest, span.end - last);
  }

 private:
  std::vector<int64_t> ms_;
};

using Counts = std::array<int64_t, kWriters>;

int64_t sum(const Counts& counts) {
  int64_t all = 0;
  for (const int64_t count : counts) all += count;
  return all;
}

/// Takes what came out of a queue, {"w":WRITER,"n":NUMBER} a line: of each writer the numbers 0, 1,
/// 2 and so on. Behind them may stand when the event was committed, "at".
class Judge {
 public:
  /// Text that ends anywhere, and when it came.
  void take(std::string_view text, int64_t came_ms) {
    rest_ += text;
    size_t start = 0;
    for (size_t end = 0; (end = rest_.find('\n', start)) != std::string::npos; start = end + 1) {
      take_line(std::string_view(rest_).substr(start, end - start), came_ms);
    }
    rest_.erase(0, start);
  }

  /// What is wrong with it, given how many each writer wrote; empty: nothing.
  std::string fault(const Counts& written) const {
    if (!fault_.empty()) return fault_;
    if (!rest_.empty()) return "ends in the middle of a line: " + rest_;
    for (size_t w = 0; w < kWriters; ++w) {
      if (seen_[w] == written[w]) continue;
      return "of writer " + std::to_string(w) + " " + std::to_string(seen_[w]) + " of " +
             std::to_string(written[w]) + " events";
    }
    return "";
  }

  /// How many events came. For other threads, too.
  int64_t events() const { return events_; }
  /// When any event came or was committed, and those of one writer.
  const Moments& moments() const { return moments_; }
  const Moments& moments(size_t writer) const { return of_writer_[writer]; }

 private:
  void take_line(std::string_view line, int64_t came_ms) {
    std::string_view left = line;
    const size_t writer = static_cast<size_t>(number(left, "{\"w\":"));
    const int64_t n = number(left, ",\"n\":");
    const int64_t at = left == "}" ? came_ms : number(left, ",\"at\":");
    if (left != "}" || writer >= kWriters) return complain("no event of ours: ", line);
    if (n != seen_[writer]) {
      complain("where " + std::to_string(seen_[writer]) + " was due came ", line);
    }
    seen_[writer] = n + 1;
    moments_.add(at);
    of_writer_[writer].add(at);
    ++events_;
  }

  /// The number behind `name`, both of which `left` loses; -1 if they are not there.
  static int64_t number(std::string_view& left, std::string_view name) {
    int64_t value = -1;
    if (!left.starts_with(name)) return value;
    left.remove_prefix(name.size());
    const char* end = left.data() + left.size();
    const char* stopped = std::from_chars(left.data(), end, value).ptr;
    left.remove_prefix(static_cast<size_t>(stopped - left.data()));
    return value;
  }

  void complain(const std::string& what, std::string_view line) {
    if (fault_.empty()) fault_ = what + std::string(line);
  }

  std::string rest_;
  std::string fault_;
  Counts seen_ = {};
  std::atomic<int64_t> events_ = 0;
  Moments moments_;
  std::array<Moments, kWriters> of_writer_;
};

/// Text that does not get smaller by much.
std::string make_noise() {
  std::mt19937 random(1);
  std::string noise(1 << 20, ' ');
  for (char& c : noise) c = static_cast<char>('0' + random() % 64);
  std::replace(noise.begin(), noise.end(), '\\', '~');
  return noise;
}

/// Gives a writer its events until it is over, counts them, and ends its input.
void feed(Running& writer, size_t number, const std::atomic<bool>& over, int64_t& written) {
  static const std::string noise = make_noise();
  constexpr size_t kText = 100;
  const Pace pace = kPaces[number];
  const std::string head = "{\"w\":" + std::to_string(number) + ",\"n\":";
  std::string text;
  while (!over) {
    text.clear();
    for (int i = 0; i < pace.events; ++i) {
      const int64_t n = written + i;
      text += head;
      text += std::to_string(n);
      text += ",\"text\":\"";
      text.append(noise, static_cast<size_t>(n) * kText % (noise.size() - kText), kText);
      text += "\"}\n";
    }
    if (!writer.write(text)) break;
    written += pace.events;
    std::this_thread::sleep_for(std::chrono::microseconds(pace.pause));
  }
  writer.close_in();
}

/// The lines that weir said and that are not these: whom it waits for, and that it was interrupted.
std::string unexpected(const Running& running) {
  std::istringstream said(running.complaints());
  std::string lines;
  for (std::string line; std::getline(said, line);) {
    const bool expected = line.find(": is waited for: ") != std::string::npos ||
                          line.starts_with("weir: interrupted: ");
    if (!expected) lines += line + "\n";
  }
  return lines;
}

/// Reads a queue from its beginning to its end.
void judge_queue(const std::string& bus, const std::string& queue, Judge& judge) {
  Running reader({"--bus", bus, "from", queue, "then", "set", "at = meta.timestamp", "then",
                  "select", "w", "n", "at"});
  for (std::string text; !(text = reader.read_at_least(1)).empty();) judge.take(text, 0);
  CHECK(reader.wait().status == 0);
  CHECK(unexpected(reader) == "");
}

std::vector<std::string> bot_words(const std::string& bus, const std::string& bot) {
  // Under load a bot otherwise commits what is 8 MiB only, whosever turn it is.
  return {"--bus", bus, "--as", bot, "--commit-every", "200ms", "from", "queue:crowd"};
}

std::vector<std::string> operator+(std::vector<std::string> words,
                                   const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("eight writers and eight readers share a bus") {
  const Scratch scratch;
  const std::string bus = scratch.path("the.bus");
  std::atomic<bool> over = false;
  std::vector<std::function<void()>> work;

  // All begin at once, with neither bus nor queue.
  Span load{.start = now_ms()};
  std::vector<std::unique_ptr<Running>> plain;
  std::array<Judge, kPlain> seen;
  for (size_t i = 0; i < kPlain; ++i) {
    plain.push_back(std::make_unique<Running>(std::vector<std::string>{
        "--bus", bus, "from", "queue:crowd", "--follow", "then", "select", "w", "n"}));
    work.emplace_back([&reader = *plain[i], &judge = seen[i]] {
      for (std::string text; !(text = reader.read_at_least(1)).empty();) {
        judge.take(text, now_ms());
      }
    });
  }

  std::vector<std::string> names;
  for (size_t i = 0; i < kBots + kCronBots; ++i) names.push_back("bot" + std::to_string(i));
  const auto output = [](const std::string& bot) {
    return std::vector<std::string>{"then", "select", "w", "n", "then", "to", "queue:" + bot};
  };
  std::vector<std::unique_ptr<Running>> bots;
  for (size_t i = 0; i < kBots; ++i) {
    bots.push_back(std::make_unique<Running>(
        bot_words(bus, names[i]) + std::vector<std::string>{"--follow"} + output(names[i])));
  }
  std::array<std::string, kCronBots> cron_faults;
  std::array<int, kCronBots> cron_runs = {};
  for (size_t i = 0; i < kCronBots; ++i) {
    work.emplace_back([&, i] {
      const std::string& name = names[kBots + i];
      while (!over && cron_faults[i].empty()) {
        Running run(bot_words(bus, name) +
                    std::vector<std::string>{"--follow", "--run-time", "700ms"} + output(name));
        const int status = run.wait().status;
        cron_faults[i] = unexpected(run);
        if (status != 0) cron_faults[i] += "status " + std::to_string(status);
        ++cron_runs[i];
      }
    });
  }

  std::vector<std::unique_ptr<Running>> writers;
  Counts written = {};
  for (size_t i = 0; i < kWriters; ++i) {
    writers.push_back(
        std::make_unique<Running>(std::vector<std::string>{"--bus", bus, "to", "queue:crowd"}));
    work.emplace_back([&, i] { feed(*writers[i], i, over, written[i]); });
  }

  std::vector<std::thread> threads;
  for (const auto& one : work) threads.emplace_back(one);
  std::this_thread::sleep_for(load_time());
  load.end = now_ms();
  over = true;
  for (size_t i = kPlain; i < threads.size(); ++i) threads[i].join();

  for (const auto& writer : writers) {
    CHECK(writer->wait().status == 0);
    CHECK(writer->complaints() == "");
  }
  for (const auto& bot : bots) {
    bot->send(SIGTERM);
    CHECK(bot->wait().status == 143);
    CHECK(unexpected(*bot) == "");
  }
  for (size_t i = 0; i < kCronBots; ++i) {
    CHECK(cron_faults[i] == "");
    CHECK(cron_runs[i] > 1);
  }

  // Who follows has all in the end, without being told that it is the end.
  for (size_t i = 0; i < kPlain; ++i) {
    CAPTURE(i);
    int64_t before = 0;
    for (auto since = Clock::now(); seen[i].events() < sum(written);) {
      if (ms_since(since) > kPatience.count()) break;
      if (const int64_t events = seen[i].events(); events != before) {
        before = events;
        since = Clock::now();
      }
      std::this_thread::sleep_for(milliseconds(5));
    }
    plain[i]->send(SIGINT);
    threads[i].join();
    CHECK(plain[i]->wait().status == 130);
    CHECK(unexpected(*plain[i]) == "");
    CHECK(seen[i].fault(written) == "");
    CHECK(seen[i].moments().longest_wait(load) < kLongestWaitMs);
  }

  int64_t reader_waited = 0;
  for (const Judge& judge : seen) {
    reader_waited = std::max(reader_waited, judge.moments().longest_wait(load));
  }
  int64_t bot_waited = 0;
  for (const std::string& name : names) {
    CAPTURE(name);
    // What was written after the signal, or after the last run.
    Running rest(bot_words(bus, name) + output(name));
    CHECK(rest.wait().status == 0);
    CHECK(unexpected(rest) == "");
    Judge judge;
    judge_queue(bus, "queue:" + name, judge);
    CHECK(judge.fault(written) == "");
    const int64_t waited = judge.moments().longest_wait(load);
    CHECK(waited < kLongestWaitMs);
    bot_waited = std::max(bot_waited, waited);
  }

  Judge judge;
  judge_queue(bus, "queue:crowd", judge);
  CHECK(judge.fault(written) == "");
  int64_t writer_waited = 0;
  for (size_t w = 0; w < kWriters; ++w) {
    CAPTURE(w);
    const int64_t waited = judge.moments(w).longest_wait(load);
    CHECK(waited < kLongestWaitMs);
    writer_waited = std::max(writer_waited, waited);
  }
  MESSAGE("events: " << sum(written) << "; longest wait of a writer " << writer_waited
                     << " ms, of a reader " << reader_waited << " ms, of a bot " << bot_waited
                     << " ms");
}
