// bench-measure: weir beside its peers on the same events, in interleaved rounds, as tables.
//
//   bench-measure --folder DIR --scripts DIR --rounds N [--jobs LETTERS] [--json FILE]
//                 [--long-queue N]
//
// The folder holds the inputs that scripts/bench makes, and gets what the programs write; --scripts
// is where the peers' scripts are. weir, bench-simdjson and the peers are looked up on PATH, Node's
// packages by NODE_PATH; who is not there is left out with a word. The quick programs read all
// events, the slow ones the first quarter, and are compared by bytes a second, of compressed inputs
// by those of the decompressed ones. Each one's answer is held against weir's on the same input, so
// that a fast wrong answer is an error. Exit status: 0, or 1 if answers differ or a program fails;
// whether the marks are met is told and decides nothing.

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "bench/answer.h"
#include "bench/jobs.h"
#include "bench/programs.h"
#include "bench/queues.h"
#include "bench/short_jobs.h"
#include "runner/process.h"

namespace weir::bench {
namespace {

using test::Command;
using test::Process;

constexpr std::chrono::minutes kLimit{10};
/// A slow peer shows its speed in few rounds.
constexpr int kSlowRounds = 3;
/// What streams may take at -j2.
constexpr double kMostMiB = 48;

struct Options {
  std::string folder;
  std::string scripts;
  std::string jobs;  ///< letters; empty: all
  std::string json;
  int rounds = 5;
  uint64_t long_queue = 0;  ///< how many events there are in the queue for --since
};

/// A file of events, and the part that the slow read.
struct Events {
  std::string whole;
  std::string cut;
  double bytes;  ///< of the whole when it is decompressed
};

struct Measured {
  std::vector<double> seconds;
  int64_t peak_kib = 0;
  std::string problem;  ///< why it is out of the race
};

/// What the tables say once more, and the marks look up.
struct Results {
  std::map<std::string, double> speeds;     ///< MB/s by "job/contender"
  std::map<std::string, double> peaks_mib;  ///< the same way
  std::vector<std::string> json;            ///< an object each
  bool right = true;
};

Events events_of(const Options& options, Input input) {
  const std::string usual = options.folder + "/events.ndjson";
  const auto plain = [&](const char* name) {
    const std::string path = options.folder + "/" + name;
    return Events{path, "", static_cast<double>(std::filesystem::file_size(path))};
  };
  switch (input) {
    case Input::kWide:
      return plain("wide.ndjson");
    case Input::kTiny:
      return plain("tiny.ndjson");
    case Input::kLast:
      return plain("last.ndjson");
    default:
      break;
  }
  Events events = plain("events.ndjson");
  events.cut = options.folder + "/cut.ndjson";
  if (input == Input::kZstd) events.whole += ".zst";
  if (input == Input::kGzip) events.whole += ".gz";
  return events;
}

bool is_there(const Contender& contender) {
  const bool node = contender.words[0] == "node";
  return installed(contender.words[0]) && (!node || std::getenv("NODE_PATH") != nullptr);
}

void replace(std::string& word, std::string_view what, const std::string& with) {
  const size_t at = word.find(what);
  if (at != std::string::npos) word.replace(at, what.size(), with);
}

/// What a run has answered, and the bytes that it did so with.
struct Told {
  std::string answer;
  uint64_t bytes = 0;
};

/// Writes that many bytes to a file and removes it. A machine may take memory back that is not in
/// use for a while, and let whoever touches it next pay for that: without this it is the first
/// quick program behind the slow ones, twice what it takes else.
void warm_memory(const std::string& path, double bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) throw std::runtime_error("cannot open " + path);
  const std::string zeros(size_t{1} << 20, '\0');
  for (double written = 0; written < bytes; written += static_cast<double>(zeros.size())) {
    if (write(file, zeros.data(), zeros.size()) < 0)
      throw std::runtime_error("cannot write " + path);
  }
  close(file);
  std::filesystem::remove(path);
}

/// One run over `input`. The output goes to a file, as a user's would, or to nowhere where it is no
/// answer. Tells the answer if `asked`.
Told run_once(const Options& options, const Contender& contender, const std::string& input,
              AnswerKind kind, bool asked, Measured& measured) {
  const std::string out = contender.answers ? options.folder + "/out" : std::string("/dev/null");
  Command command;
  command.words = contender.words;
  for (std::string& word : command.words) {
    replace(word, "{in}", input);
    replace(word, "{users}", options.folder + "/users.csv");
    replace(word, "{scripts}", options.scripts);
  }
  command.in = open(input.c_str(), O_RDONLY | O_CLOEXEC);
  command.out = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  command.err = STDERR_FILENO;
  if (command.in < 0 || command.out < 0) throw std::runtime_error("cannot open " + input);
  const auto start = std::chrono::steady_clock::now();
  Process process(command);
  const test::Ended ended = process.wait(kLimit);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  close(command.in);
  close(command.out);
  if (ended.timed_out || ended.status != 0) {
    throw std::runtime_error("it ended with status " + std::to_string(ended.status));
  }
  measured.seconds.push_back(took.count());
  measured.peak_kib = std::max(measured.peak_kib, ended.peak_kib);
  if (!contender.answers) return {};
  Told told;
  if (asked) told = {.answer = answer_of(out, kind), .bytes = hash_of_bytes(out)};
  // Else the next run would share the machine with the writing of this one's output to the disk.
  std::filesystem::remove(out);
  return told;
}

/// The rounds of one job. False if an answer differs from weir's or a program fails.
bool run_rounds(const Options& options, const Job& job, const Events& events,
                const std::vector<Contender>& contenders, std::vector<Measured>& measured,
                std::string& answer) {
  // The answers by which the others are judged, and at the same time what warms up caches.
  Measured warm_up;
  const Told first = run_once(options, contenders[0], events.whole, job.answer, true, warm_up);
  answer = first.answer;
  const bool has_slow = std::ranges::find(contenders, true, &Contender::slow) != contenders.end();
  std::string of_cut;
  if (has_slow) {
    of_cut = run_once(options, contenders[0], events.cut, job.answer, true, warm_up).answer;
  }
  for (int round = 0; round < options.rounds; ++round) {
    for (size_t i = 0; i < contenders.size(); ++i) {
      const Contender& contender = contenders[i];
      if ((contender.slow && round >= kSlowRounds) || !measured[i].problem.empty()) continue;
      try {
        if (!contender.slow) warm_memory(options.folder + "/out", events.bytes);
        const Told told = run_once(options, contender, contender.slow ? events.cut : events.whole,
                                   job.answer, round == 0, measured[i]);
        const std::string& wanted = contender.slow ? of_cut : answer;
        if (round > 0 || !contender.answers) continue;
        if (told.answer != wanted) {
          measured[i].problem = "answers " + told.answer + ", weir " + wanted;
        } else if (contender.words.front() == "weir" && told.bytes != first.bytes) {
          measured[i].problem = "answers with other bytes than " + contenders[0].name;
        }
      } catch (const std::exception& error) {
        measured[i].problem = error.what();
      }
    }
  }
  return std::ranges::all_of(measured, [](const Measured& m) { return m.problem.empty(); });
}

/// Runs one job and prints its table.
void measure(const Options& options, const Job& job, Results& results) {
  std::vector<Contender> contenders;
  std::string absent;
  for (const Contender& contender : job.contenders) {
    if (is_there(contender)) {
      contenders.push_back(contender);
    } else {
      absent += (absent.empty() ? "" : ", ") + contender.name;
    }
  }
  const Events events = events_of(options, job.input);
  std::vector<Measured> measured(contenders.size());
  std::string answer;
  results.right = run_rounds(options, job, events, contenders, measured, answer) && results.right;

  std::printf("\n%s: %s: %s\n\n  %-12s %9s %12s %9s\n", job.id.c_str(), job.name.c_str(),
              answer.c_str(), "", "MB/s", "weir -j1 is", "MiB peak");
  for (size_t i = 0; i < contenders.size(); ++i) {
    const Contender& contender = contenders[i];
    if (!measured[i].problem.empty()) {
      std::printf("  %-12s %s\n", contender.name.c_str(), measured[i].problem.c_str());
      continue;
    }
    const double bytes =
        contender.slow ? static_cast<double>(std::filesystem::file_size(events.cut)) : events.bytes;
    const double speed = bytes / 1e6 / median(measured[i].seconds);
    const double peak = static_cast<double>(measured[i].peak_kib) / 1024;
    results.speeds[job.id + "/" + contender.name] = speed;
    results.peaks_mib[job.id + "/" + contender.name] = peak;
    const double ratio = results.speeds[job.id + "/weir -j1"] / speed;
    std::printf("  %-12s %9.0f %11.2fx %9.1f%s\n", contender.name.c_str(), speed, ratio, peak,
                contender.slow ? "  (first quarter)" : "");
    char line[256];
    std::snprintf(line, sizeof line,
                  "{\"job\":\"%s\",\"program\":\"%s\",\"mb_per_s\":%.1f,\"weir_j1_is\":%.2f,"
                  "\"peak_mib\":%.1f,\"rounds\":%zu}",
                  job.id.c_str(), contender.name.c_str(), speed, ratio, peak,
                  measured[i].seconds.size());
    results.json.emplace_back(line);
  }
  if (!absent.empty()) std::printf("  not here: %s\n", absent.c_str());
  std::fflush(stdout);
}

void say_mark(const char* text, double wanted, double found, bool met, Results& results) {
  std::printf("  %-52s %8.2f %8.2f  %s\n", text, wanted, found, met ? "yes" : "no");
  char line[256];
  std::snprintf(line, sizeof line, "{\"mark\":\"%s\",\"wanted\":%.2f,\"found\":%.2f,\"met\":%s}",
                text, wanted, found, met ? "true" : "false");
  results.json.emplace_back(line);
}

/// The ratio that a mark asks for, if all whom it names were measured.
std::optional<double> ratio_of(const Mark& mark, const Results& results) {
  const auto who = results.speeds.find(mark.job + "/" + mark.who);
  if (who == results.speeds.end()) return std::nullopt;
  double least = 0;
  for (const std::string& other : mark.others) {
    const bool elsewhere = other.find('/') != std::string::npos;
    const auto speed = results.speeds.find(elsewhere ? other : mark.job + "/" + other);
    if (speed == results.speeds.end()) return std::nullopt;
    least = least == 0 ? speed->second : std::min(least, speed->second);
  }
  return who->second / least;
}

void say_marks(const std::vector<Started>& starts, const std::vector<Passed>& delays,
               Results& results) {
  std::printf("\nmarks:\n\n  %-52s %8s %8s\n", "", "wanted", "found");
  for (const Mark& mark : marks()) {
    const std::optional<double> ratio = ratio_of(mark, results);
    if (!ratio) continue;
    std::string text = mark.job + ": " + mark.who + " over ";
    for (size_t i = 0; i < mark.others.size(); ++i) {
      text += (i > 0 ? " or " : "") + mark.others[i];
    }
    say_mark(text.c_str(), mark.at_least, *ratio, *ratio >= mark.at_least, results);
  }
  double peak = 0;
  for (const auto& [name, mib] : results.peaks_mib) {
    // A million groups are held, and not streamed.
    if (name.ends_with("/weir -j2") && name[0] != 'g') peak = std::max(peak, mib);
  }
  if (peak > 0) say_mark("MiB at -j2, at most", kMostMiB, peak, peak <= kMostMiB, results);
  if (!starts.empty()) {
    say_mark("l: ms of CPU, at most", 5, starts[0].cpu_ms, starts[0].cpu_ms < 5, results);
  }
  if (!delays.empty()) {
    say_mark("m: ms at p99, at most", 1, delays[0].p99_ms, delays[0].p99_ms < 1, results);
  }
}

void say_starts(const std::vector<Started>& starts, Results& results) {
  std::printf("\nl: one event\n\n  %-12s %9s %9s\n", "", "ms of CPU", "ms");
  for (const Started& start : starts) {
    std::printf("  %-12s %9.2f %9.2f\n", start.name.c_str(), start.cpu_ms, start.wall_ms);
    char line[128];
    std::snprintf(line, sizeof line,
                  "{\"job\":\"l\",\"program\":\"%s\",\"cpu_ms\":%.2f,\"wall_ms\":%.2f}",
                  start.name.c_str(), start.cpu_ms, start.wall_ms);
    results.json.emplace_back(line);
  }
}

void say_delays(const std::vector<Passed>& delays, Results& results) {
  std::printf("\nm: a line to the other end of a slow pipe\n\n  %-12s %9s %9s\n", "", "ms, p50",
              "p99");
  for (const Passed& delay : delays) {
    std::printf("  %-12s %9.3f %9.3f\n", delay.name.c_str(), delay.p50_ms, delay.p99_ms);
    char line[128];
    std::snprintf(line, sizeof line,
                  "{\"job\":\"m\",\"program\":\"%s\",\"p50_ms\":%.3f,\"p99_ms\":%.3f}",
                  delay.name.c_str(), delay.p50_ms, delay.p99_ms);
    results.json.emplace_back(line);
  }
}

/// The table of q, what is appended, or r, what is read.
void say_kept(const QueueFigures& figures, char job, Results& results) {
  const bool appends = job == 'q';
  std::printf("\n%c: %" PRIu64 " events, %s\n\n  %-12s %9s %12s %9s %9s\n", job, figures.events,
              appends ? "appended, and on the disk (Redis: within a second)" : "read back", "",
              "MB/s", "weir -j1 is", "MiB peak", appends ? "MB stored" : "");
  const std::string letter(1, job);
  for (const Kept& kept : figures.kept) {
    if (!kept.problem.empty()) {
      std::printf("  %-12s %s\n", kept.name.c_str(), kept.problem.c_str());
      results.right = false;
      continue;
    }
    const std::vector<double>& seconds = appends ? kept.append : kept.read;
    if (seconds.empty()) continue;
    const std::string name = !appends && kept.name == "zstd -1" ? "zstd -dc" : kept.name;
    const double speed = kept.bytes / 1e6 / median(seconds);
    const double peak =
        static_cast<double>(appends ? kept.append_peak_kib : kept.read_peak_kib) / 1024;
    results.speeds[letter + "/" + name] = speed;
    results.peaks_mib[letter + "/" + name] = peak;
    std::printf("  %-12s %9.0f %11.2fx", name.c_str(), speed,
                results.speeds[letter + "/weir -j1"] / speed);
    // Redis does its work in another process than the one that is measured.
    if (peak > 0 || kept.stored_bytes > 0) std::printf(" %9.1f", peak);
    if (appends && kept.stored_bytes > 0) std::printf(" %9.1f", kept.stored_bytes / 1e6);
    std::printf("%s\n", kept.slow ? "  (first quarter)" : "");
    char line[256];
    std::snprintf(line, sizeof line,
                  "{\"job\":\"%c\",\"program\":\"%s\",\"mb_per_s\":%.1f,\"peak_mib\":%.1f,"
                  "\"stored_mb\":%.1f,\"rounds\":%zu}",
                  job, name.c_str(), speed, peak, kept.stored_bytes / 1e6, seconds.size());
    results.json.emplace_back(line);
  }
  if (!figures.absent.empty()) std::printf("  not here: %s\n", figures.absent.c_str());
  std::fflush(stdout);
}

void say_queues(const QueueFigures& figures, Results& results) {
  say_kept(figures, 'q', results);
  say_kept(figures, 'r', results);
}

void say_queue_marks(const QueueFigures& figures, Results& results) {
  double bus = 0;
  double file = 0;
  for (const Kept& kept : figures.kept) {
    if (kept.name == "weir -j1") bus = kept.stored_bytes;
    if (kept.name == "zstd -1") file = kept.stored_bytes;
  }
  if (bus > 0 && file > 0) {
    say_mark("q: room of the bus over zstd -1's, at most", 1.05, bus / file, bus <= 1.05 * file,
             results);
  }
  if (figures.since_ms >= 0) {
    const std::string text =
        "r: --since, " + std::to_string(figures.long_queue) + " events, ms, at most";
    say_mark(text.c_str(), 20, figures.since_ms, figures.since_ms < 20, results);
  }
  if (figures.lag_ms >= 0) {
    say_mark("r: lag, 100 bots and queues, ms, at most", 50, figures.lag_ms, figures.lag_ms < 50,
             results);
  }
}

int run(const std::vector<std::string>& words) {
  Options options;
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    const std::string& value = words[i + 1];
    if (words[i] == "--folder") options.folder = value;
    if (words[i] == "--scripts") options.scripts = value;
    if (words[i] == "--jobs") options.jobs = value;
    if (words[i] == "--json") options.json = value;
    if (words[i] == "--long-queue") options.long_queue = std::strtoull(value.c_str(), nullptr, 10);
    if (words[i] == "--rounds") options.rounds = std::max(1, std::atoi(value.c_str()));
  }
  if (options.folder.empty() || options.scripts.empty()) {
    std::fputs(
        "usage: bench-measure --folder DIR --scripts DIR --rounds N [--jobs LETTERS] [--json "
        "FILE] [--long-queue N]\n",
        stderr);
    return 2;
  }
  if (!installed("weir")) throw std::runtime_error("no weir on PATH");
  const auto chosen = [&](char letter) {
    return options.jobs.empty() || options.jobs.find(letter) != std::string::npos;
  };
  std::printf(
      "%.0f MB of events. Medians of %d rounds (%d for the slow ones), interleaved, input in the "
      "page\ncache, output to a file. \"weir -j1 is\" says how many times as fast.\n",
      events_of(options, Input::kUsual).bytes / 1e6, options.rounds,
      std::min(options.rounds, kSlowRounds));
  Results results;
  for (const Job& job : jobs()) {
    if (chosen(job.id[0])) measure(options, job, results);
  }
  std::filesystem::remove(options.folder + "/out");
  std::vector<Started> starts;
  if (chosen('l')) starts = measure_starts(options.folder, 8 * options.rounds + 1);
  if (!starts.empty()) say_starts(starts, results);
  std::vector<Passed> delays;
  if (chosen('m')) delays = measure_delays(100 * options.rounds);
  if (!delays.empty()) say_delays(delays, results);
  QueueFigures queues;
  if (chosen('q') || chosen('r')) {
    queues = measure_queues({.folder = options.folder + "/queues",
                             .events = events_of(options, Input::kUsual).whole,
                             .cut = events_of(options, Input::kUsual).cut,
                             .rounds = options.rounds,
                             .slow_rounds = kSlowRounds,
                             .long_queue = options.long_queue});
    say_queues(queues, results);
  }
  say_marks(starts, delays, results);
  say_queue_marks(queues, results);
  if (!options.json.empty()) {
    std::string json;
    for (const std::string& line : results.json) json += (json.empty() ? "\n  " : ",\n  ") + line;
    test::write_file(options.json, "[" + json + "\n]\n");
  }
  return results.right ? 0 : 1;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  try {
    return weir::bench::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-measure: %s\n", error.what());
    return 1;
  }
}
