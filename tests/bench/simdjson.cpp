// bench-simdjson: what bare loops over simdjson reach on the jobs of the benchmark, as marks to
// measure weir against.
//
//   bench-simdjson filter         events from stdin whose http.status is 500 or more
//   bench-simdjson rare           events whose message has xylophone-77 in it
//   bench-simdjson pass           events whose http.status is less than 400
//   bench-simdjson project        service and http.status of each event, as CSV
//   bench-simdjson aggregate      n, total, avg and worst of http.latency_ms by service
//   bench-simdjson keys           n by user.id
//   bench-simdjson set            events with secs, a thousandth of http.latency_ms
//   bench-simdjson enrich USERS   events with the account of USERS whose id is user.id
//   bench-simdjson regex          events whose message matches retry.*(timeout|lagging)
//   bench-simdjson pass-checked   as pass
//
// All but the last read by On-Demand, which checks nothing that it skips, so they do less than weir
// promises. The last reads each line by the DOM parser, which checks it whole.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <re2/re2.h>
#include <simdjson.h>
#include <unistd.h>

namespace {

constexpr size_t kChunk = 1 << 20;
constexpr size_t kLongest = 8 << 20;  // bytes of the longest event

using Document = simdjson::ondemand::document;

void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// Reads each line by On-Demand and hands it to `Job`.
template <typename Job>
class OnDemand {
 public:
  explicit OnDemand(Job job = {}) : job_(std::move(job)) {}
  void line(const char* text, size_t length, size_t capacity) {
    Document document;
    if (parser_.iterate(text, length, capacity).get(document) == simdjson::SUCCESS) {
      job_.event(document, std::string_view(text, length + 1));
    }
  }
  void end() { job_.end(); }

 private:
  simdjson::ondemand::parser parser_;
  Job job_;
};

template <int64_t kFrom, int64_t kBelow>
struct Status {
  static void event(Document& document, std::string_view line) {
    int64_t status = 0;
    if (document["http"]["status"].get_int64().get(status) != simdjson::SUCCESS) return;
    if (status >= kFrom && status < kBelow) write(line);
  }
  static void end() {}
};

struct Rare {
  static void event(Document& document, std::string_view line) {
    std::string_view message;
    if (document["message"].get_string().get(message) != simdjson::SUCCESS) return;
    if (message.find("xylophone-77") != std::string_view::npos) write(line);
  }
  static void end() {}
};

struct Project {
  Project() { write("service,http.status\n"); }
  static void event(Document& document, std::string_view) {
    std::string_view service;
    if (document["service"].get_string().get(service) == simdjson::SUCCESS) write(service);
    write(",");
    int64_t status = 0;
    if (document["http"]["status"].get_int64().get(status) == simdjson::SUCCESS) {
      write(std::to_string(status));
    }
    write("\n");
  }
  static void end() {}
};

class Aggregate {
 public:
  void event(Document& document, std::string_view) {
    std::string_view service;
    double latency = 0;
    if (document["service"].get_string().get(service) != simdjson::SUCCESS) return;
    name_.assign(service);
    if (document["http"]["latency_ms"].get_double().get(latency) != simdjson::SUCCESS) return;
    Group& group = groups_[name_];
    ++group.count;
    group.sum += latency;
    group.worst = std::max(group.worst, latency);
  }
  void end() const {
    for (const auto& [name, group] : groups_) {
      std::printf("{\"service\":\"%s\",\"n\":%llu,\"total\":%.17g,\"avg\":%.17g,\"worst\":%.17g}\n",
                  name.c_str(), static_cast<unsigned long long>(group.count), group.sum,
                  group.sum / static_cast<double>(group.count), group.worst);
    }
  }

 private:
  struct Group {
    uint64_t count = 0;
    double sum = 0;
    double worst = 0;
  };
  std::unordered_map<std::string, Group> groups_;
  std::string name_;
};

class Keys {
 public:
  void event(Document& document, std::string_view) {
    std::string_view id;
    // Without one it is null, as a group too.
    if (document["user"]["id"].get_string().get(id) != simdjson::SUCCESS) id = {};
    id_.assign(id);
    ++counts_[id_];
  }
  void end() const {
    for (const auto& [id, count] : counts_) {
      const char* const quote = id.empty() ? "" : "\"";
      std::printf("{\"id\":%s%s%s,\"n\":%llu}\n", quote, id.empty() ? "null" : id.c_str(), quote,
                  static_cast<unsigned long long>(count));
    }
  }

 private:
  std::unordered_map<std::string, uint64_t> counts_;
  std::string id_;
};

/// The event without the brace at its end: one more field follows.
void write_open(std::string_view line) { write(line.substr(0, line.size() - 2)); }

struct Set {
  static void event(Document& document, std::string_view line) {
    double latency = 0;
    if (document["http"]["latency_ms"].get_double().get(latency) != simdjson::SUCCESS) return;
    char text[32];
    const char* const end = std::to_chars(text, text + sizeof text, latency / 1000).ptr;
    write_open(line);
    write(",\"secs\":");
    write({text, static_cast<size_t>(end - text)});
    write("}\n");
  }
  static void end() {}
};

class Enrich {
 public:
  explicit Enrich(const char* users) {
    std::ifstream file(users);
    std::string row;
    std::getline(file, row);
    while (std::getline(file, row)) {
      const size_t plan = row.find(',') + 1;
      const size_t since = row.find(',', plan) + 1;
      accounts_[row.substr(0, plan - 1)] = ",\"account\":{\"plan\":\"" +
                                           row.substr(plan, since - 1 - plan) + "\",\"since\":\"" +
                                           row.substr(since) + "\"}";
    }
  }
  void event(Document& document, std::string_view line) {
    std::string_view id;
    if (document["user"]["id"].get_string().get(id) != simdjson::SUCCESS) return write(line);
    id_.assign(id);
    const auto found = accounts_.find(id_);
    if (found == accounts_.end()) return write(line);
    write_open(line);
    write(found->second);
    write("}\n");
  }
  static void end() {}

 private:
  std::unordered_map<std::string, std::string> accounts_;  ///< by id, as one field more
  std::string id_;
};

class Regex {
 public:
  void event(Document& document, std::string_view line) const {
    std::string_view message;
    if (document["message"].get_string().get(message) != simdjson::SUCCESS) return;
    if (RE2::PartialMatch(re2::StringPiece(message.data(), message.size()), *pattern_)) write(line);
  }
  static void end() {}

 private:
  std::unique_ptr<RE2> pattern_ = std::make_unique<RE2>("retry.*(timeout|lagging)");
};

class PassChecked {
 public:
  void line(const char* text, size_t length, size_t) {
    simdjson::dom::element event;
    int64_t status = 0;
    // The bytes behind the line are the padding: they need no copy.
    if (parser_.parse(text, length, false).get(event) == simdjson::SUCCESS &&
        event["http"]["status"].get_int64().get(status) == simdjson::SUCCESS && status < 400) {
      write({text, length + 1});
    }
  }
  static void end() {}

 private:
  simdjson::dom::parser parser_;
};

// Reads stdin in chunks into one buffer and hands the job each whole line. The bytes behind a line
// (the next lines, or the spare room at the end) are the padding that the parser reads into.
template <typename Job>
int run(Job&& job) {
  const size_t capacity = kLongest + kChunk;
  const auto buffer = std::make_unique<char[]>(capacity + simdjson::SIMDJSON_PADDING);
  size_t held = 0;
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, buffer.get() + held, std::min(kChunk, capacity - held));
    if (got <= 0) break;
    const size_t end = held + static_cast<size_t>(got);
    size_t start = 0;
    const char* newline = nullptr;
    while ((newline = static_cast<const char*>(
                std::memchr(buffer.get() + start, '\n', end - start))) != nullptr) {
      const size_t length = static_cast<size_t>(newline - buffer.get()) - start;
      job.line(buffer.get() + start, length, capacity + simdjson::SIMDJSON_PADDING - start);
      start += length + 1;
    }
    held = end - start;
    std::memmove(buffer.get(), buffer.get() + start, held);
  }
  job.end();
  return std::fflush(stdout) == 0 ? 0 : 3;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view job = argc >= 2 ? argv[1] : "";
  if (job == "filter") return run(OnDemand<Status<500, INT64_MAX>>());
  if (job == "rare") return run(OnDemand<Rare>());
  if (job == "pass") return run(OnDemand<Status<INT64_MIN, 400>>());
  if (job == "project") return run(OnDemand<Project>());
  if (job == "aggregate") return run(OnDemand<Aggregate>());
  if (job == "keys") return run(OnDemand<Keys>());
  if (job == "set") return run(OnDemand<Set>());
  if (job == "enrich" && argc == 3) return run(OnDemand(Enrich(argv[2])));
  if (job == "regex") return run(OnDemand<Regex>());
  if (job == "pass-checked") return run(PassChecked());
  std::fputs("usage: bench-simdjson JOB [USERS] < EVENTS\n", stderr);
  return 2;
}
