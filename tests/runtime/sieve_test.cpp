// A filter rules lines out before they are rows, by its needle, their fields or a number, and
// nothing else changes by that.

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_files.h"
#include "codec/framing.h"
#include "event/line_judge.h"
#include "event/needle.h"
#include "event/number_needle.h"
#include "event/random_event.h"
#include "runtime/above.h"
#include "runtime/parallel_segment.h"
#include "source/files.h"

using namespace weir;

namespace {

PathTable no_paths;

/// A filter that lets texts through that have the needle as they stand.
class NeedleFilter final : public Map {
 public:
  explicit NeedleFilter(std::string needle)
      : Map(PlanContext{.paths = no_paths, .index = 1}), needle_(std::move(needle)) {}
  void apply(Batch&) const override {}
  const Needle* needle() const override { return &needle_; }
  void rule_out(Batch& batch) const override {
    batch.retain([&](uint32_t row) {
      if (needle_.may_be_in(batch.rows[row].json())) return true;
      batch.end(row, index_, Fate::kFiltered);
      return false;
    });
  }

 private:
  Needle needle_;
};

/// A filter that lets events through whose field `n` is no whole number below 5; or that need a
/// number for that which is not below.
class NumberFilter final : public Map {
 public:
  explicit NumberFilter(bool has_needle)
      : Map(PlanContext{.paths = no_paths, .index = 1}), has_needle_(has_needle) {}
  void apply(Batch&) const override {}
  const LineJudge* judge() const override { return &judge_; }
  const NumberNeedle* number_needle() const override { return has_needle_ ? &needle_ : nullptr; }
  void rule_out(Batch& batch) const override {
    batch.retain([&](uint32_t row) {
      Value value;
      const std::string broken =
          scanner_.scan(batch.rows[row].json(), {&value, 1}, batch.arena, nullptr);
      const bool lacks = has_needle_ && needle_.is_lacked_by(batch.rows[row].json());
      if (!lacks && (!broken.empty() || !is_small(value))) return true;
      batch.end(row, index_, Fate::kFiltered);
      return false;
    });
  }

 private:
  static bool is_small(const Value& value) { return value.kind == Kind::kInt && value.integer < 5; }

  class Judge final : public LineJudge {
   public:
    using LineJudge::LineJudge;

   private:
    bool is_ruled_out_by(Reading& reading) const override {
      return is_small(reading.columns[0][0]);
    }
  };

  bool has_needle_;
  NumberNeedle needle_ = *NumberNeedle::of(Path::single("n"), 5, 99);
  PathTable paths_;
  Judge judge_{paths_, {paths_.slot(Path::single("n"))}};
  PathScanner scanner_{std::vector<Path>{Path::single("n")}};
};

/// What became of all events: a line for each that was not filtered, and for those filtered
/// between, how many.
struct Found {
  std::vector<std::string> lines;
  size_t filtered = 0;
  size_t spared = 0;  ///< of them, those that never were rows

  void end_run() {
    if (run_ > 0) lines.push_back(std::to_string(run_) + " filtered");
    run_ = 0;
  }
  void filter(size_t count) {
    run_ += count;
    filtered += count;
  }
  void add(const Batch& batch) {
    const std::vector<std::string> described = describe_rows(batch);
    auto run = batch.ruled_out.begin();
    for (uint32_t row = 0; row <= batch.rows.size(); ++row) {
      for (; run != batch.ruled_out.end() && run->row == row; ++run) {
        CHECK(run->stage == 1);
        CHECK(run->events == std::ranges::count(run->text, '\n'));
        CHECK(run->bytes() == static_cast<size_t>(std::ranges::count_if(
                                  run->text, [](char c) { return c != '\n'; })));
        filter(run->events);
        spared += run->events;
      }
      if (row == batch.rows.size()) break;
      if (batch.rows[row].fate == Fate::kFiltered) {
        filter(1);
      } else {
        end_run();
        lines.push_back(std::to_string(batch.offset_of(row)) + ": " + described[row]);
      }
    }
    CHECK(run == batch.ruled_out.end());
  }

 private:
  size_t run_ = 0;
};

struct Way {
  bool uncut = false;
  size_t threads = 1;
  size_t batch_rows = 0;
  size_t max_event = size_t{1} << 20;
};

Found filter_lines(const Map& filter, const std::string& input, const Way& way) {
  FakeFiles files;
  files.input = input;
  const SourceOptions options = {
      .format = Format::kNdjson, .max_event = way.max_event, .batch_rows = way.batch_rows};
  const auto source = make_file_source({*parse_endpoint("-")}, options, files);
  REQUIRE((*source)->open());
  if (way.uncut) (*source)->leave_uncut();
  std::vector<Step> steps;
  steps.push_back({.kind = Step::Kind::kRuleOut, .stage = 1, .map = &filter, .filler = nullptr});
  ParallelSegmentLink link(std::make_unique<Above>(**source), Segment(std::move(steps), 0, false),
                           way.threads);
  Found found;
  while (true) {
    Batch batch;
    const auto pulled = link.next(batch);
    REQUIRE(pulled.has_value());
    if (*pulled == Pull::kEnd) break;
    found.add(batch);
  }
  found.end_run();
  return found;
}

/// Lines some of which have the needle, or an escape that could spell a letter of it, or a number,
/// once or twice, or are blank, broken or long.
std::string random_lines(weir::test::Random& random) {
  std::string text;
  const uint64_t rare = 1 + random.below(100);
  const bool has_blanks = random.below(3) == 0;
  const std::string end = random.below(4) == 0 ? "\r\n" : "\n";
  for (size_t line = random.below(600); line > 0; --line) {
    std::string event = "{\"a\":\"" + std::string(random.below(150), 'n') + "\"}";
    if (random.below(rare) != 0) event.insert(1, "\"n\":4,");
    if (random.below(rare) == 0) event.insert(1, "\"n\":" + std::to_string(random.below(9)) + ",");
    if (random.below(rare) == 0) event.erase(random.below(event.size()), 1);
    if (random.below(rare) == 0) event.insert(random.below(event.size()), "needle");
    if (random.below(rare) == 0) event.insert(random.below(event.size()), "\\u006e");
    if (has_blanks && random.below(20) == 0) event = random.below(2) == 0 ? "" : " \t";
    text += event + (line == 1 && random.below(2) == 0 ? "" : end);
  }
  return text;
}

}  // namespace

TEST_CASE("the same lines get through, with or without a sieve in front") {
  weir::test::Random random(83);
  const NeedleFilter needle("needle");
  const NumberFilter fields(false);
  const NumberFilter number(true);
  for (const Map* const filter : std::initializer_list<const Map*>{&needle, &fields, &number}) {
    size_t spared = 0;
    for (int round = 0; round < 40; ++round) {
      const std::string input = random_lines(random);
      for (const size_t max_event : {size_t{1} << 20, size_t{160}}) {
        const Found wanted = filter_lines(*filter, input, {.max_event = max_event});
        CHECK(wanted.spared == 0);
        for (const size_t threads : {size_t{1}, size_t{3}}) {
          for (const size_t batch_rows : {size_t{1}, size_t{7}, size_t{100}}) {
            const Found found = filter_lines(*filter, input,
                                             {.uncut = true,
                                              .threads = threads,
                                              .batch_rows = batch_rows,
                                              .max_event = max_event});
            CAPTURE(input);
            CAPTURE(batch_rows);
            REQUIRE(found.lines == wanted.lines);
            REQUIRE(found.filtered == wanted.filtered);
            spared += found.spared;
          }
        }
      }
    }
    // Without kernels nothing judges lines.
    CHECK((spared > 6'000 || (filter != &needle && best_kernels() == nullptr)));
  }
}

TEST_CASE("a sieve that lets most lines through gives way") {
  const NeedleFilter needle("needle");
  const NumberFilter fields(false);
  const NumberFilter number(true);
  for (const Map* const filter : std::initializer_list<const Map*>{&needle, &fields, &number}) {
    std::string input;
    for (int i = 0; i < 5000; ++i) {
      input += i % 4 == 0 ? "{\"n\":1}\n" : "{\"needle\":1,\"n\":7}\n";
    }
    // The first batch is cut by the source.
    const Found found = filter_lines(*filter, input, {.uncut = true, .batch_rows = 1000});
    CHECK(found.filtered == 1250);
    CHECK((found.spared > 0 || (filter != &needle && best_kernels() == nullptr)));
    CHECK(found.spared < 100);
  }
}
