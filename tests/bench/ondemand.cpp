// bench-ondemand: what a bare loop over simdjson's On-Demand parser reaches on the jobs of the
// benchmark, as a mark to measure weir against. It checks nothing that it skips, so it does less
// than weir promises.
//
//   bench-ondemand filter      events from stdin whose http.status is 500 or more
//   bench-ondemand aggregate   n, avg and worst of http.latency_ms by service

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

struct Group {
  uint64_t count = 0;
  double sum = 0;
  double worst = 0;
};

class Filter {
 public:
  void event(simdjson::ondemand::document& document, std::string_view line) {
    int64_t status = 0;
    if (document["http"]["status"].get_int64().get(status) != simdjson::SUCCESS) return;
    if (status >= 500) std::fwrite(line.data(), 1, line.size(), stdout);
  }
  void end() {}
};

class Aggregate {
 public:
  void event(simdjson::ondemand::document& document, std::string_view) {
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
  void end() {
    for (const auto& [name, group] : groups_) {
      std::printf("{\"service\":\"%s\",\"n\":%llu,\"avg\":%.17g,\"worst\":%.17g}\n", name.c_str(),
                  static_cast<unsigned long long>(group.count),
                  group.sum / static_cast<double>(group.count), group.worst);
    }
  }

 private:
  std::unordered_map<std::string, Group> groups_;
  std::string name_;
};

// Reads stdin in chunks into one buffer and hands the job each whole line. The bytes behind a line
// (the next lines, or the spare room at the end) are the padding that the parser reads into.
template <typename Job>
int run(Job job) {
  const size_t capacity = kLongest + kChunk;
  const auto buffer = std::make_unique<char[]>(capacity + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::parser parser;
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
      simdjson::ondemand::document document;
      if (parser
              .iterate(buffer.get() + start, length, capacity + simdjson::SIMDJSON_PADDING - start)
              .get(document) == simdjson::SUCCESS) {
        job.event(document, std::string_view(buffer.get() + start, length + 1));
      }
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
  if (job == "filter") return run(Filter());
  if (job == "aggregate") return run(Aggregate());
  std::fputs("usage: bench-ondemand filter|aggregate < EVENTS\n", stderr);
  return 2;
}
