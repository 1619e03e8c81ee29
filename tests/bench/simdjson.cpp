// bench-simdjson: what bare loops over simdjson reach on the jobs of the benchmark, as marks to
// measure weir against.
//
//   bench-simdjson filter      events from stdin whose http.status is 500 or more
//   bench-simdjson rare        events whose message has xylophone-77 in it
//   bench-simdjson project     service and http.status of each event, as CSV
//   bench-simdjson aggregate   n, total, avg and worst of http.latency_ms by service
//   bench-simdjson pass        events whose http.status is less than 400
//
// All but the last read by On-Demand, which checks nothing that it skips, so they do less than weir
// promises. The last reads each line by the DOM parser, which checks it whole.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

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

struct Filter {
  static void event(Document& document, std::string_view line) {
    int64_t status = 0;
    if (document["http"]["status"].get_int64().get(status) != simdjson::SUCCESS) return;
    if (status >= 500) write(line);
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

class Pass {
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
int run(Job job) {
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
  const std::string_view job = argc == 2 ? argv[1] : "";
  if (job == "filter") return run(OnDemand<Filter>());
  if (job == "rare") return run(OnDemand<Rare>());
  if (job == "project") return run(OnDemand<Project>());
  if (job == "aggregate") return run(OnDemand<Aggregate>());
  if (job == "pass") return run(Pass());
  std::fputs("usage: bench-simdjson filter|rare|project|aggregate|pass < EVENTS\n", stderr);
  return 2;
}
