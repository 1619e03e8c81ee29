#include "bench/queues.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "bench/programs.h"
#include "runner/process.h"

namespace weir::bench {

namespace {

using Clock = std::chrono::steady_clock;
using test::Command;
using test::Process;
using Words = std::vector<std::string>;

constexpr std::chrono::minutes kLimit{10};
constexpr int kMany = 100;

/// A way to keep events. Words run in the scratch folder and find the events as their input.
struct Way {
  std::string name;
  std::vector<std::string> programs;  ///< that it needs
  Words empty;                        ///< makes the store new; not measured
  Words append;
  Words read = {};          ///< none: it only appends
  std::string stored = {};  ///< the file whose size counts
  std::string feed = {};    ///< what it gets instead of the events
  bool slow = false;
  bool starts_one = true;  ///< the process that is started does the work itself
};

Words shell(const std::string& script) { return {"sh", "-c", script}; }

std::vector<Way> ways() {
  std::vector<Way> all;
  for (const char* const threads : {"-j1", "-j2"}) {
    all.push_back({.name = std::string("weir ") + threads,
                   .programs = {"weir"},
                   .empty = shell("rm -f the.bus*"),
                   .append = {"weir", threads, "--bus", "the.bus", "to", "queue:q"},
                   .read = {"weir", threads, "--bus", "the.bus", "from", "queue:q"},
                   .stored = "the.bus"});
  }
  for (const char* const level : {"-1", "-3"}) {
    const std::string made = std::string("made") + level + ".zst";
    all.push_back(
        {.name = std::string("zstd ") + level,
         .programs = {"zstd"},
         .empty = shell("rm -f " + made),
         .append = shell(std::string("zstd -q -T1 ") + level + " -o " + made + " && sync " + made),
         .read = level == std::string("-1") ? Words{"zstd", "-dcq", made} : Words{},
         .stored = made});
  }
  // Each line in one column, in one transaction: quotes mean nothing in the ASCII mode.
  all.push_back(
      {.name = "sqlite3",
       .programs = {"sqlite3"},
       .empty = shell("rm -f table.db*; sqlite3 table.db 'PRAGMA journal_mode=WAL; "
                      "CREATE TABLE events(event TEXT)'"),
       .append = {"sqlite3", "table.db", "-cmd", "PRAGMA synchronous=FULL", "-cmd", ".mode ascii",
                  "-cmd", ".separator \"\\037\" \"\\n\"", ".import /dev/stdin events"},
       .read = {"sqlite3", "table.db", "SELECT event FROM events ORDER BY rowid"},
       .stored = "table.db",
       .slow = true});
  all.push_back({.name = "Redis",
                 .programs = {"redis-server", "redis-cli"},
                 .empty = shell("redis-cli -s redis.sock flushall > flushed"),
                 .append = shell("redis-cli -s redis.sock --pipe > piped"),
                 .read = shell("redis-cli -s redis.sock --raw xrange q - + | sed -n '3~3p'"),
                 .feed = "commands",
                 .slow = true,
                 .starts_one = false});
  return all;
}

/// A run in the scratch folder. Answers how long it took, in seconds.
double run(const std::string& folder, const Words& words, const std::string& in,
           const std::string& out, int64_t* peak_kib = nullptr) {
  Command command;
  command.words = words;
  command.directory = folder;
  command.in = open(in.c_str(), O_RDONLY | O_CLOEXEC);
  command.out = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  command.err = STDERR_FILENO;
  if (command.in < 0 || command.out < 0) throw std::runtime_error("cannot open " + in);
  const auto start = Clock::now();
  Process process(command);
  const test::Ended ended = process.wait(kLimit);
  const std::chrono::duration<double> took = Clock::now() - start;
  close(command.in);
  close(command.out);
  if (ended.timed_out || ended.status != 0) {
    throw std::runtime_error(words[0] + " ended with status " + std::to_string(ended.status));
  }
  if (peak_kib != nullptr) *peak_kib = std::max(*peak_kib, ended.peak_kib);
  return took.count();
}

double run(const std::string& folder, const Words& words) {
  return run(folder, words, "/dev/null", "/dev/null");
}

/// Whether two files have the same bytes; `lines` of them.
bool same(const std::string& a, const std::string& b, uint64_t& lines) {
  std::ifstream one(a, std::ios::binary);
  std::ifstream two(b, std::ios::binary);
  std::string left(size_t{1} << 16, '\0');
  std::string right(left.size(), '\0');
  lines = 0;
  while (one && two) {
    one.read(left.data(), static_cast<std::streamsize>(left.size()));
    two.read(right.data(), static_cast<std::streamsize>(right.size()));
    const auto size = static_cast<size_t>(one.gcount());
    if (one.gcount() != two.gcount() || left.compare(0, size, right, 0, size) != 0) return false;
    lines += static_cast<uint64_t>(std::count(left.begin(), left.begin() + one.gcount(), '\n'));
  }
  return !one && !two;
}

/// What `redis-cli --pipe` reads (the Redis serialization protocol): an XADD for each event.
void write_commands(const std::string& events, const std::string& to) {
  std::ifstream in(events, std::ios::binary);
  std::ofstream out(to, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    out << "*5\r\n$4\r\nXADD\r\n$1\r\nq\r\n$1\r\n*\r\n$5\r\nevent\r\n$" << line.size() << "\r\n"
        << line << "\r\n";
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + to);
}

/// A Redis of our own that nobody else can reach, with the durability that Redis recommends: it may
/// lose the last second.
std::unique_ptr<Process> start_redis(const std::string& folder) {
  Command command;
  command.words = {"redis-server",
                   "--port",
                   "0",
                   "--unixsocket",
                   "redis.sock",
                   "--appendonly",
                   "yes",
                   "--appendfsync",
                   "everysec",
                   "--save",
                   "",
                   "--daemonize",
                   "no"};
  command.directory = folder;
  auto server = std::make_unique<Process>(command);
  for (int tries = 0; tries < 100; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    try {
      run(folder, shell("redis-cli -s redis.sock ping | grep -q PONG"));
      return server;
    } catch (const std::runtime_error&) {
      // It is not there yet.
    }
  }
  return nullptr;
}

/// One round of one way: all is appended to an empty store and read from it.
void keep(const QueueSettings& settings, const Way& way, bool first, Kept& kept, uint64_t& events) {
  const std::string folder = settings.folder;
  const std::string& all = way.slow ? settings.cut : settings.events;
  const std::string feed = way.feed.empty() ? all : folder + "/" + way.feed;
  run(folder, way.empty);
  kept.append.push_back(run(folder, way.append, feed, "/dev/null", &kept.append_peak_kib));
  if (!way.stored.empty()) {
    kept.stored_bytes = static_cast<double>(std::filesystem::file_size(folder + "/" + way.stored));
  }
  if (way.read.empty()) return;
  kept.read.push_back(run(folder, way.read, "/dev/null", "/dev/null", &kept.read_peak_kib));
  if (!first) return;
  const std::string back = folder + "/back";
  run(folder, way.read, "/dev/null", back);
  uint64_t lines = 0;
  if (!same(all, back, lines)) throw std::runtime_error("does not give back what it got");
  std::filesystem::remove(back);
  if (!way.slow) events = lines;
}

std::string output_of(const std::string& folder, const Words& words) {
  run(folder, words, "/dev/null", folder + "/told");
  return test::read_file(folder + "/told");
}

/// The milliseconds in the eid that stands behind `name` in what `queue ls` tells.
int64_t ms_of(const std::string& told, const std::string& name) {
  const size_t at = told.find('"' + name + "\":\"z/");
  const size_t dash = at == std::string::npos ? at : told.find('-', at);
  if (dash == std::string::npos) throw std::runtime_error("weir queue ls tells no " + name);
  return std::strtoll(told.c_str() + told.rfind('/', dash) + 1, nullptr, 10);
}

/// The first eid of a millisecond.
std::string eid_of(int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm at{};
  gmtime_r(&seconds, &at);
  char text[40];
  std::strftime(text, sizeof text, "z/%Y/%m/%d/%H/%M/", &at);
  return text + std::to_string(ms) + "-0000000";
}

/// Milliseconds to the first event behind places all over a long queue.
double measure_since(const QueueSettings& settings) {
  const std::string& folder = settings.folder;
  run(folder, shell("rm -f long.bus*; weir-generate events --shape tiny --count " +
                    std::to_string(settings.long_queue) + " | weir --bus long.bus to queue:q"));
  const std::string told =
      output_of(folder, {"weir", "--bus", "long.bus", "queue", "ls", "--format", "json"});
  const int64_t first = ms_of(told, "first");
  const int64_t last = ms_of(told, "last");
  std::vector<double> took;
  constexpr int kPlaces = 21;
  for (int place = 0; place < kPlaces; ++place) {
    const std::string since = eid_of(first + (last - first) * place / kPlaces);
    took.push_back(1000 * run(folder,
                              {"weir", "--bus", "long.bus", "from", "queue:q", "--since", since,
                               "--limit", "1"},
                              "/dev/null", folder + "/told"));
    if (test::read_file(folder + "/told").empty()) {
      throw std::runtime_error("--since " + since + " finds nothing");
    }
  }
  run(folder, shell("rm -f long.bus*"));
  return median(took);
}

/// Milliseconds that `weir lag` takes where each of many bots is in the middle of its queue.
double measure_lag(const QueueSettings& settings) {
  const std::string& folder = settings.folder;
  run(folder, shell("rm -f lag.bus*; head -n 5000 '" + settings.events +
                    "' > some; for i in $(seq " + std::to_string(kMany) +
                    "); do weir --bus lag.bus from some then to queue:q$i; "
                    "weir --bus lag.bus --as bot$i from queue:q$i --limit 3333 then "
                    "to queue:out$i; done"));
  std::vector<double> took;
  for (int round = 0; round < 21; ++round) {
    took.push_back(1000 * run(folder, {"weir", "--bus", "lag.bus", "lag", "--format", "json"},
                              "/dev/null", folder + "/told"));
  }
  const std::string told = test::read_file(folder + "/told");
  size_t lines = 0;
  for (size_t at = told.find("\"events\":1667,"); at != std::string::npos;
       at = told.find("\"events\":1667,", at + 1)) {
    ++lines;
  }
  if (lines != kMany) throw std::runtime_error("weir lag does not tell how far each bot is");
  return median(took);
}

}  // namespace

QueueFigures measure_queues(const QueueSettings& settings) {
  const std::string& folder = settings.folder;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  QueueFigures figures;
  std::unique_ptr<Process> redis;
  std::vector<Way> here;
  for (Way& way : ways()) {
    const bool there = std::ranges::all_of(way.programs, installed);
    if (there && way.name == "Redis") {
      write_commands(settings.cut, folder + "/" + way.feed);
      redis = start_redis(folder);
    }
    if (there && (way.name != "Redis" || redis != nullptr)) {
      Kept kept;
      kept.name = way.name;
      kept.slow = way.slow;
      kept.bytes = static_cast<double>(
          std::filesystem::file_size(way.slow ? settings.cut : settings.events));
      figures.kept.push_back(std::move(kept));
      here.push_back(std::move(way));
    } else {
      figures.absent += (figures.absent.empty() ? "" : ", ") + way.name;
    }
  }
  for (int round = 0; round < settings.rounds; ++round) {
    for (size_t i = 0; i < here.size(); ++i) {
      Kept& kept = figures.kept[i];
      if (!kept.problem.empty() || (kept.slow && round >= settings.slow_rounds)) continue;
      try {
        keep(settings, here[i], round == 0, kept, figures.events);
      } catch (const std::exception& error) {
        kept.problem = error.what();
      }
      if (!here[i].starts_one) kept.append_peak_kib = kept.read_peak_kib = 0;
    }
  }
  if (redis != nullptr) {
    run(folder, shell("redis-cli -s redis.sock shutdown nosave"));
    redis->wait(std::chrono::seconds(30));
    redis.reset();
  }
  figures.long_queue = settings.long_queue;
  if (settings.long_queue > 0) figures.since_ms = measure_since(settings);
  figures.lag_ms = measure_lag(settings);
  std::filesystem::remove_all(folder);
  return figures;
}

}  // namespace weir::bench
