// What evaluating an expression costs an event, beyond the scan: the columns are filled before the
// clock runs. Google Benchmark; build the target bench-expr, and see `per event` (of CPU time).
// Many events, so that a branch is not simply remembered.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/fill.h"
#include "expr/expr.h"

namespace {

using namespace weir;

constexpr uint32_t kEvents = 1'000;

std::string make_event(uint32_t number) {
  static constexpr std::string_view kServices[] = {"cart", "search", "health", "checkout", "mail"};
  const std::string n = std::to_string(number * 2654435761U % 1000);
  return R"({"ts":"2026-11-24T10:00:00.)" + n + R"(Z","service":")" +
         std::string(kServices[number * 2654435761U % 5]) + R"(","status":)" + n + R"(,"took":)" +
         n + R"(.5,"path":"/v1/items/)" + n + R"(/view","tags":["a)" + n + R"(","b","c","d"]})";
}

/// The events in one batch, with the columns that the expression reads.
class Bench {
 public:
  explicit Bench(std::string_view source) {
    auto node = expr::parse(source);
    auto program = node ? expr::Program::compile(**node, source, paths_)
                        : Result<expr::Program>(std::unexpected(node.error()));
    if (!program) {
      std::fprintf(stderr, "%s\n", program.error().message.c_str());
      std::exit(1);
    }
    program_.push_back(std::move(*program));
    std::string all;
    std::vector<size_t> ends;
    for (uint32_t i = 0; i < kEvents; ++i) {
      all += make_event(i);
      ends.push_back(all.size());
    }
    batch_.buffer = Buffer(all.size());
    all.copy(batch_.buffer.data(), all.size());
    size_t begin = 0;
    for (const size_t end : ends) {
      batch_.add_text({batch_.buffer.data() + begin, end - begin}, 0);
      begin = end;
    }
    ColumnFiller(paths_, program_[0].slots()).fill(batch_, 0);
    batch_.columns.resize(static_cast<size_t>(paths_.size()));
  }

  void run(benchmark::State& state) {
    Arena scratch;
    uint64_t yes = 0;
    for (auto _ : state) {
      for (uint32_t row = 0; row < kEvents; ++row) {
        scratch.reset();
        const Value value = program_[0].eval({batch_.columns, row, scratch});
        yes += value.kind == Kind::kBool && value.boolean ? 1 : 0;
      }
    }
    benchmark::DoNotOptimize(yes);
    state.counters["per event"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * kEvents,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  }

 private:
  Batch batch_;
  PathTable paths_;
  std::vector<expr::Program> program_;  ///< one
};

struct Named {
  const char* name;
  const char* source;
};

constexpr Named kExpressions[] = {
    {"field compare", "status >= 500"},
    {"double compare", "took < 250.0"},
    {"string equality", "service == 'cart'"},
    {"two conditions", "status >= 500 && service != 'health'"},
    {"has", "has(status)"},
    {"in list", "service in ['cart', 'search', 'mail']"},
    {"in numbers", "status in [200, 404, 500, 503]"},
    {"matches", "path.matches('^/v[0-9]+/items/1')"},
    {"startsWith", "service.startsWith('ca')"},
    {"contains", "path.contains('items/5')"},
    {"arithmetic", "status * 2 + 1 > 1000"},
    {"division", "took / 1000 > 0.5"},
    {"conditional", "(status < 400 ? took : 0.0) > 100.0"},
    {"exists", "tags.exists(t, t == 'c')"},
    {"timestamp compare", "timestamp(ts) < timestamp('2026-11-24T10:00:00.5Z')"},
    {"convert", "int(status) == 7"},
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  for (const Named& one : kExpressions) {
    benchmark::RegisterBenchmark(
        one.name, [source = one.source](benchmark::State& state) { Bench(source).run(state); });
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
