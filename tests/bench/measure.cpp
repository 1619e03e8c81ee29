// bench-measure: weir beside its peers on the same events, in interleaved rounds, as a table.
//
//   bench-measure --events FILE --cut FILE --scratch DIR --rounds N [--json FILE]
//
// FILE --events is read by the quick programs; the slow ones read --cut, the first part of it, and
// are compared by bytes a second. Each answer is held against weir's on the same file, so that a
// fast wrong answer is an error. weir, jq, mlr, wc and bench-ondemand are looked up on PATH; peers
// that are not installed are left out. Exit status: 0, or 1 if answers differ.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "runner/process.h"

namespace {

using weir::test::Command;
using weir::test::Process;

constexpr std::chrono::minutes kLimit{10};
// A slow peer shows its speed in few rounds.
constexpr int kSlowRounds = 3;

struct Contender {
  std::string name;
  std::vector<std::string> words;
  bool slow;
  std::string count_key;  // see answer_of; empty: the answer is the number of lines
  bool answers = true;    // false: it reads the events and does another job (wc)
};

struct Job {
  std::string name;
  std::vector<Contender> contenders;  // the first is weir on one thread
};

struct Measured {
  std::vector<double> seconds;
  int64_t peak_kib = 0;
};

struct Options {
  std::string events;
  std::string cut;
  std::string scratch;
  std::string json;
  int rounds = 5;
};

std::vector<Job> jobs() {
  const std::string jq_groups =
      "reduce inputs as $e ({}; .[$e.service] |= {n: (.n + 1), sum: (.sum + $e.http.latency_ms), "
      "worst: ([.worst, $e.http.latency_ms] | max)}) | to_entries[] | "
      "{service: .key, n: .value.n, avg: (.value.sum / .value.n), worst: .value.worst}";
  return {
      {"filter 'http.status >= 500'",
       {{"weir -j1", {"weir", "-j1", "filter", "http.status >= 500"}, false, ""},
        {"weir -j2", {"weir", "-j2", "filter", "http.status >= 500"}, false, ""},
        {"On-Demand", {"bench-ondemand", "filter"}, false, ""},
        {"wc -l", {"wc", "-l"}, false, "", false},
        {"jq", {"jq", "-c", "select(.http.status >= 500)"}, true, ""},
        {"Miller",
         {"mlr", "--ijsonl", "--ojsonl", "filter", "$http[\"status\"] >= 500"},
         true,
         ""}}},
      {"aggregate --by service (count, mean, max of http.latency_ms)",
       {{"weir -j1",
         {"weir", "-j1", "aggregate", "--by", "service", "n = count()",
          "avg = mean(http.latency_ms)", "worst = max(http.latency_ms)"},
         false,
         "n"},
        {"weir -j2",
         {"weir", "-j2", "aggregate", "--by", "service", "n = count()",
          "avg = mean(http.latency_ms)", "worst = max(http.latency_ms)"},
         false,
         "n"},
        {"On-Demand", {"bench-ondemand", "aggregate"}, false, "n"},
        {"wc -l", {"wc", "-l"}, false, "", false},
        {"jq", {"jq", "-nc", jq_groups}, true, "n"},
        {"Miller",
         {"mlr", "--ijsonl", "--ojsonl", "flatten", "then", "stats1", "-a", "count,mean,max", "-f",
          "http.latency_ms", "-g", "service"},
         true,
         "http.latency_ms_count"}}},
  };
}

bool installed(const std::string& program) {
  const char* variable = std::getenv("PATH");
  std::string_view path = variable == nullptr ? "" : variable;
  while (!path.empty()) {
    const size_t end = std::min(path.find(':'), path.size());
    if (access((std::string(path.substr(0, end)) + "/" + program).c_str(), X_OK) == 0) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

// The number of lines in the file; with a key also the sum of the whole numbers behind it: "20
// lines, 1000000 events". Read line by line: a child's peak memory is counted from this process's
// size on, which therefore must stay small.
std::string answer_of(const std::string& path, const std::string& key) {
  std::ifstream file(path, std::ios::binary);
  const std::string quoted = "\"" + key + "\":";
  uint64_t lines = 0;
  uint64_t sum = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const size_t at = key.empty() ? std::string::npos : line.find(quoted);
    if (at != std::string::npos) {
      sum += std::strtoull(line.c_str() + at + quoted.size(), nullptr, 10);
    }
  }
  const std::string answer = std::to_string(lines) + " lines";
  return key.empty() ? answer : answer + ", " + std::to_string(sum) + " events";
}

// One run over `input`. The output goes to a file, as a user's would.
std::string run_once(const Options& options, const Contender& contender, const std::string& input,
                     Measured& measured) {
  const std::string out = options.scratch + "/out";
  Command command;
  command.words = contender.words;
  command.in = open(input.c_str(), O_RDONLY | O_CLOEXEC);
  command.out = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  command.err = STDERR_FILENO;
  if (command.in < 0 || command.out < 0) throw std::runtime_error("cannot open " + input);
  const auto start = std::chrono::steady_clock::now();
  Process process(command);
  const weir::test::Ended ended = process.wait(kLimit);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  close(command.in);
  close(command.out);
  if (ended.timed_out || ended.status != 0) {
    throw std::runtime_error(contender.name + " ended with status " + std::to_string(ended.status));
  }
  measured.seconds.push_back(took.count());
  measured.peak_kib = std::max(measured.peak_kib, ended.peak_kib);
  const std::string answer = contender.answers ? answer_of(out, contender.count_key) : "";
  std::filesystem::remove(out);
  return answer;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Runs one job, prints its table, adds to the JSON. False if an answer differs from weir's.
bool measure(const Options& options, const Job& job, std::string& json) {
  std::vector<Contender> contenders;
  for (const Contender& contender : job.contenders) {
    if (installed(contender.words[0])) contenders.push_back(contender);
  }
  if (contenders.empty() || contenders[0].words[0] != "weir")
    throw std::runtime_error("no weir on PATH");

  // The answers by which the others are judged, and at the same time the round that warms up
  // caches.
  Measured warm_up;
  const std::string whole = run_once(options, contenders[0], options.events, warm_up);
  const std::string cut = run_once(options, contenders[0], options.cut, warm_up);

  bool right = true;
  std::vector<Measured> measured(contenders.size());
  for (int round = 0; round < options.rounds; ++round) {
    for (size_t i = 0; i < contenders.size(); ++i) {
      const Contender& contender = contenders[i];
      if (contender.slow && round >= kSlowRounds) continue;
      const std::string answer =
          run_once(options, contender, contender.slow ? options.cut : options.events, measured[i]);
      const std::string& wanted = contender.slow ? cut : whole;
      if (contender.answers && answer != wanted) {
        std::printf("%s: %s gives %s, weir gives %s\n", job.name.c_str(), contender.name.c_str(),
                    answer.c_str(), wanted.c_str());
        right = false;
      }
    }
  }

  std::vector<double> speeds;  // MB/s
  double jq = 0;
  for (size_t i = 0; i < contenders.size(); ++i) {
    const std::string& file = contenders[i].slow ? options.cut : options.events;
    const double bytes = static_cast<double>(std::filesystem::file_size(file));
    speeds.push_back(bytes / 1e6 / median(measured[i].seconds));
    if (contenders[i].name == "jq") jq = speeds.back();
  }

  std::printf("\n%s: %s\n\n", job.name.c_str(), whole.c_str());
  std::printf("  %-10s %9s %9s %9s %9s\n", "", "MB/s", "x jq", "of -j1", "MiB peak");
  for (size_t i = 0; i < contenders.size(); ++i) {
    char ratio[32] = "";
    if (jq > 0) std::snprintf(ratio, sizeof ratio, "%.1f", speeds[i] / jq);
    std::printf("  %-10s %9.0f %9s %8.1f%% %9.1f%s\n", contenders[i].name.c_str(), speeds[i], ratio,
                100 * speeds[i] / speeds[0], static_cast<double>(measured[i].peak_kib) / 1024,
                contenders[i].slow ? "  (first part only)" : "");
    char line[512];
    std::snprintf(line, sizeof line,
                  "%s\n  {\"job\":\"%s\",\"program\":\"%s\",\"mb_per_s\":%.1f,\"times_jq\":%.2f,"
                  "\"peak_kib\":%lld,\"rounds\":%zu}",
                  json.empty() ? "" : ",", job.name.substr(0, job.name.find(' ')).c_str(),
                  contenders[i].name.c_str(), speeds[i], jq > 0 ? speeds[i] / jq : 0.0,
                  static_cast<long long>(measured[i].peak_kib), measured[i].seconds.size());
    json += line;
  }
  return right;
}

int run(const std::vector<std::string>& words) {
  Options options;
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    const std::string& value = words[i + 1];
    if (words[i] == "--events") options.events = value;
    if (words[i] == "--cut") options.cut = value;
    if (words[i] == "--scratch") options.scratch = value;
    if (words[i] == "--json") options.json = value;
    if (words[i] == "--rounds") options.rounds = std::max(1, std::atoi(value.c_str()));
  }
  if (options.events.empty() || options.cut.empty() || options.scratch.empty()) {
    std::fputs(
        "usage: bench-measure --events FILE --cut FILE --scratch DIR --rounds N "
        "[--json FILE]\n",
        stderr);
    return 2;
  }
  std::printf(
      "%.0f MB of events; the slow programs read the first %.0f MB. Medians of %d rounds (%d "
      "for the slow ones),\ninterleaved, input in the page cache, output to a file.\n",
      static_cast<double>(std::filesystem::file_size(options.events)) / 1e6,
      static_cast<double>(std::filesystem::file_size(options.cut)) / 1e6, options.rounds,
      std::min(options.rounds, kSlowRounds));
  bool right = true;
  std::string json;
  for (const Job& job : jobs()) right = measure(options, job, json) && right;
  if (!options.json.empty()) weir::test::write_file(options.json, "[" + json + "\n]\n");
  return right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-measure: %s\n", error.what());
    return 1;
  }
}
