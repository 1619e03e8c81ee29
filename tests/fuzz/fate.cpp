// What becomes of a line, and the text of what passes: the same whichever way a filter at the front
// takes, be the lines cut into rows or sifted before that, in batches of any size; and what is well
// formed ends as an event that was checked first. The input is an expression, a line feed and
// lines; or a # and bytes that both are made of.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fake_files.h"
#include "event/fill.h"
#include "event/kernels.h"
#include "make_event.h"
#include "make_expression.h"
#include "require.h"
#include "runtime/above.h"
#include "runtime/parallel_segment.h"
#include "runtime/plan.h"
#include "source/files.h"
#include "stage/verbs.h"

namespace {

using namespace weir;

/// So many lines are rows in the first batch, which is never left uncut.
constexpr size_t kFirstRows = 64;

struct Fates {
  std::vector<std::string> all;  ///< an event's text if it passes, else "filtered" or "rejected"
  size_t unread = 0;             ///< events of which no row was made
};

void add_fates(const Batch& batch, Fates& fates) {
  auto run = batch.ruled_out.begin();
  for (uint32_t row = 0; row <= batch.rows.size(); ++row) {
    for (; run != batch.ruled_out.end() && run->row == row; ++run) {
      fates.all.insert(fates.all.end(), run->events, "filtered");
      fates.unread += run->events;
    }
    if (row == batch.rows.size()) break;
    const Row& event = batch.rows[row];
    const bool alive = event.fate == Fate::kAlive;
    fates.all.push_back(alive                           ? std::string(event.json())
                        : event.fate == Fate::kFiltered ? "filtered"
                                                        : "rejected");
  }
}

struct Way {
  std::string_view name;
  bool uncut = false;
  size_t threads = 1;
  size_t batch_rows = 0;
};

Fates fates_of(const std::string& lines, std::vector<Step> steps, const Way& way) {
  FakeFiles files;
  files.input = lines;
  const SourceOptions options = {.format = Format::kNdjson, .batch_rows = way.batch_rows};
  const auto source = make_file_source({*parse_endpoint("-")}, options, files);
  require((*source)->open().has_value(), "the source does not open");
  if (way.uncut) (*source)->leave_uncut();
  ParallelSegmentLink link(std::make_unique<Above>(**source), Segment(std::move(steps), 0, false),
                           way.threads);
  Fates fates;
  Batch batch;
  while (true) {
    const auto pulled = link.next(batch);
    require(pulled.has_value(), "the run fails", pulled ? "" : pulled.error().message);
    if (*pulled == Pull::kEnd) return fates;
    add_fates(batch, fates);
  }
}

/// Every line is checked before the filter sees it.
std::vector<Step> checked_first(const Pipeline& pipeline) {
  const auto* const filter = dynamic_cast<const Map*>(pipeline.stages.front().get());
  std::vector<Step> steps;
  steps.push_back({.kind = Step::Kind::kCheck, .stage = 0, .filler = nullptr});
  steps.push_back({.kind = Step::Kind::kFill,
                   .stage = 1,
                   .filler = std::make_unique<ColumnFiller>(pipeline.paths, filter->reads())});
  steps.push_back({.kind = Step::Kind::kApply, .stage = 1, .map = filter, .filler = nullptr});
  return steps;
}

void require_same_fates(const std::string& source, const Fates& wanted, const Fates& found,
                        bool broken_may_be_filtered) {
  require(wanted.all.size() == found.all.size(), "events are lost or made", source);
  for (size_t i = 0; i < wanted.all.size(); ++i) {
    const std::string& one = wanted.all[i];
    if (broken_may_be_filtered && one == "rejected" && found.all[i] == "filtered") continue;
    require(one == found.all[i], source, one, found.all[i]);
  }
}

void try_out(const std::string& expression, const std::string& lines) {
  PipelineRequest request;
  request.stages.push_back({.verb = &kFilter, .arguments = {}});
  request.stages.front().arguments.positionals.push_back(expression);
  request.limits = {.steps = 100'000, .memory = uint64_t{8} << 20};
  const auto pipeline = plan(request);
  if (!pipeline) return;
  const auto steps = [&] { return std::move(schedule(**pipeline).front().steps); };

  const Fates wanted = fates_of(lines, steps(), {.name = "cut"});
  require_same_fates(expression + ": checked first, and at the front",
                     fates_of(lines, checked_first(**pipeline), {.name = "checked"}), wanted, true);
  for (const Way& way :
       {Way{.name = "row by row", .batch_rows = 1},
        Way{.name = "uncut", .uncut = true, .batch_rows = kFirstRows},
        Way{.name = "uncut, row by row", .uncut = true, .batch_rows = 1},
        Way{.name = "uncut, threads", .uncut = true, .threads = 2, .batch_rows = 7}}) {
    require_same_fates(expression + ": cut, and " + std::string(way.name), wanted,
                       fates_of(lines, steps(), way), false);
  }
}

/// One that a line can be ruled out by unread, more often than not.
std::string filter_for(Decisions& decisions) {
  constexpr std::array<std::string_view, 6> kNames = {"a", "b", "x", "a.b", "int", "x.y"};
  constexpr std::array<std::string_view, 6> kOrders = {"==", "<", "<=", ">", ">=", "!="};
  std::string text;
  for (size_t left = 1 + decisions.below(2); left > 0; --left) {
    if (!text.empty()) text += decisions.below(4) == 0 ? " || " : " && ";
    const std::string name = decisions.of(kNames);
    switch (decisions.below(5)) {
      case 0:
        text += name + " == \"" + std::string(1 + decisions.below(3), 'a') + "\"";
        break;
      case 1:
        text += name + ".contains(\"a\")";
        break;
      case 2:
        text += "(" + Maker(decisions).expression() + ")";
        break;
      default:
        text += name + " " + decisions.of(kOrders) + " " + std::to_string(decisions.below(9));
        break;
    }
  }
  return text;
}

/// Events, some of them many times, some damaged.
std::string lines_of(Decisions& decisions) {
  std::string lines;
  for (size_t count = 0; count < 24 && (count == 0 || decisions.left()); ++count) {
    std::string event = EventMaker(decisions).event();
    constexpr std::string_view kBytes = "\"\\{}[],:0a\r u";
    for (size_t damage = decisions.below(8); damage > 6 && !event.empty(); --damage) {
      const size_t at = decisions.below(event.size());
      if (decisions.below(2) == 0) {
        event.erase(at, 1);
      } else {
        event.insert(at, 1, kBytes[decisions.below(kBytes.size())]);
      }
    }
    for (size_t times = 1 + decisions.below(4) * decisions.below(9); times > 0; --times) {
      lines += event + "\n";
    }
  }
  return lines;
}

}  // namespace

/// That lines are ruled out unread here is what the rest is for.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  std::string lines;
  for (size_t i = 0; i < 4 * kFirstRows; ++i) lines += "{\"a\":4}\n";
  PipelineRequest request;
  request.stages.push_back({.verb = &kFilter, .arguments = {}});
  request.stages.front().arguments.positionals.emplace_back("a > 4");
  const auto pipeline = plan(request);
  const Way way = {.name = "uncut", .uncut = true, .batch_rows = kFirstRows};
  const Fates fates = fates_of(lines, std::move(schedule(**pipeline).front().steps), way);
  require(fates.unread > 0 || best_kernels() == nullptr, "no line is ruled out unread");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string expression;
  std::string lines;
  for (size_t i = 0; i < kFirstRows; ++i) lines += "{}\n";
  if (size > 0 && data[0] == '#') {
    Decisions decisions(data + 1, size - 1);
    expression = filter_for(decisions);
    lines += lines_of(decisions);
  } else {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const size_t end = std::min(input.find('\n'), input.size());
    expression = input.substr(0, end);
    lines += input.substr(std::min(size, end + 1));
  }
  try_out(expression, lines);
  return 0;
}
