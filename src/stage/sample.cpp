// sample: a part of the events, chosen by chance that anyone can repeat.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <string>
#include <utility>

#include "base/hash.h"
#include "base/units.h"
#include "event/json_value.h"
#include "event/kept_row.h"
#include "event/key.h"
#include "expr/expr.h"
#include "stage/held.h"
#include "stage/per_run.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr OptionRow kOptions[] = {
    {.name = "--rate",
     .short_name = 'r',
     .type = OptionType::kText,
     .metavar = "RATE",
     .help = "choose this part of the events, from 0 to 1",
     .detail = "Each event is chosen or not for itself, so the number of those chosen is near to "
               "the rate and not exact."},
    {.name = "--by",
     .short_name = 'b',
     .type = OptionType::kText,
     .metavar = "EXPRESSION",
     .help = "with --rate: choose by this key, all events of a key or none",
     .detail = "A missing key counts as null."},
    {.name = "--count",
     .short_name = 'n',
     .type = OptionType::kNumber,
     .metavar = "COUNT",
     .help = "choose so many of all events, each with the same chance",
     .detail = "They are held, and leave at the end in their order."},
    {.name = "--seed",
     .short_name = 's',
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "another number gives another sample; 0 if left out"},
    kPerRun,
};

/// Which numbers of SplitMix64 are chosen: those below a bound. A greater rate chooses all that a
/// smaller one does.
class Chance {
 public:
  Chance(double rate, uint64_t seed)
      : all_(rate >= 1), bound_(all_ ? 0 : static_cast<uint64_t>(rate * 0x1p64)), seed_(seed) {}
  bool choose(uint64_t n) const { return all_ || split_mix(seed_, n) < bound_; }

 private:
  bool all_;
  uint64_t bound_;
  uint64_t seed_;
};

/// Appends the text that a key is hashed by, the same for equal keys however they are spelled.
/// Answers an empty text, or why the value is no key.
std::string append_key_text(const Value& key, std::string& text) {
  switch (key.kind) {
    case Kind::kString:
      text += key.text();
      return {};
    case Kind::kInt:
      text += std::to_string(key.integer);
      return {};
    case Kind::kUint:
      text += std::to_string(key.unsigned_integer);
      return {};
    case Kind::kDouble:
      if (!std::isfinite(key.real)) return "the key is no finite number";
      append_shortest(key.real, text);
      return {};
    case Kind::kBool:
      text += key.boolean ? "true" : "false";
      return {};
    case Kind::kNull:
    case Kind::kMissing:
      text += "null";
      return {};
    default:
      return append_key(key, text);
  }
}

/// By the hash of a key: no memory, any thread.
class SampleByKey final : public Map {
 public:
  SampleByKey(const PlanContext& plan, Chance chance, expr::Program key)
      : Map(plan), chance_(chance), key_(std::move(key)) {
    reads_ = key_.slots();
    for (const int slot : key_.expected_slots()) {
      expects_.push_back({slot, plan.paths.path(slot)});
    }
  }

  Fields fields(const Fields& before) const override { return before; }
  void apply(Batch& batch) const override {
    Arena scratch;
    std::string text;
    batch.retain([&](uint32_t row) {
      scratch.reset();
      text.clear();
      const Value key = key_.eval({batch.columns, row, scratch});
      std::string problem =
          strict_ && key.is_missing() ? "the key is missing" : append_key_text(key, text);
      if (!problem.empty()) {
        batch.reject(row, index_, std::move(problem));
        return false;
      }
      if (chance_.choose(fnv1a(text))) return true;
      batch.end(row, index_, Fate::kFiltered);
      return false;
    });
  }

 private:
  Chance chance_;
  expr::Program key_;
};

/// By the number of the event: the same events give the same sample. A bot goes on counting, unless
/// it is to answer per run.
class SampleByNumber final : public Operator {
 public:
  SampleByNumber(const PlanContext& plan, Chance chance, bool per_run)
      : Operator(plan), chance_(chance), per_run_(per_run) {}

  Fields fields(const Fields& before) const override { return before; }
  Keeps keeps() const override { return Keeps::kState; }

  void save(std::vector<StateChange>& changes) override {
    if (seen_ == saved_ || (per_run_ && saved_ == 0)) return;
    saved_ = per_run_ ? 0 : seen_;
    StateChange& seen = changes.emplace_back();
    seen = {.stage = index_, .key = std::string(kSeen), .value = {}};
    if (!per_run_) seen.value = std::to_string(seen_);
  }

  bool load(std::span<StateEntry> entries) override {
    if (entries.size() != 1 || entries.front().key != kSeen) return false;
    const std::string& text = entries.front().value;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), saved_);
    if (!per_run_) seen_ = saved_;
    return problem == std::errc() && end == text.data() + text.size();
  }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    auto pulled = upstream.next(out);
    if (!pulled || *pulled != Pull::kBatch) return pulled;
    out.retain([&](uint32_t row) {
      if (chance_.choose(seen_++)) return true;
      out.end(row, index_, Fate::kFiltered);
      return false;
    });
    return pulled;
  }

 private:
  static constexpr std::string_view kSeen = "seen";

  Chance chance_;
  bool per_run_;
  uint64_t seen_ = 0;
  uint64_t saved_ = 0;  ///< what of it is saved
};

/// So many of all: Algorithm R (Vitter, Random sampling with a reservoir, 1985).
class Reservoir final : public Operator {
 public:
  Reservoir(const PlanContext& plan, uint64_t count, uint64_t seed)
      : Operator(plan), count_(count), seed_(seed), memory_(*plan.memory) {}
  Fields fields(const Fields& before) const override { return before; }

  std::string holds() const override {
    return format_count(count_) + " events that are chosen so far, within --memory";
  }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    while (!ended_) {
      auto pulled = upstream.next(input_);
      if (!pulled || *pulled == Pull::kIdle) return pulled;
      ended_ = *pulled == Pull::kEnd;
      if (ended_) break;
      if (auto taken = take(upstream); !taken) return std::unexpected(taken.error());
    }
    if (!chosen_.empty()) put_in_order();
    if (leaving_.empty()) return Pull::kEnd;
    out.reset();
    out.held_at = index_;
    move_to_batch(leaving_, out);
    return Pull::kBatch;
  }

 private:
  struct Chosen {
    uint64_t number;
    KeptRow event;
  };

  Result<void> take(Upstream& upstream) {
    uint64_t replaced = 0;
    bool too_much = false;
    input_.retain([&](uint32_t row) {
      const uint64_t number = seen_++;
      const uint64_t place = number < count_ ? number : split_mix(seed_, number) % (number + 1);
      if (place >= count_) {
        input_.end(row, index_, Fate::kFiltered);
        return false;
      }
      Chosen chosen{number, KeptRow(input_, row)};
      too_much = memory_.exceeded_with(chosen.event.bytes()) || too_much;
      if (place == chosen_.size()) {
        chosen_.push_back(std::move(chosen));
      } else {
        chosen_[place] = std::move(chosen);
        ++replaced;
      }
      return true;
    });
    auto held = upstream.hold(input_);
    upstream.end_held(replaced, Fate::kFiltered);
    if (held && too_much) return holds_too_much("sample", chosen_.size(), memory_);
    return held;
  }

  void put_in_order() {
    std::ranges::sort(chosen_, {}, &Chosen::number);
    for (Chosen& chosen : chosen_) leaving_.push_back(std::move(chosen.event));
    chosen_.clear();
  }

  uint64_t count_;
  uint64_t seed_;
  MemoryWatch memory_;
  Batch input_;
  std::vector<Chosen> chosen_;
  std::deque<KeptRow> leaving_;
  uint64_t seen_ = 0;
  bool ended_ = false;
};

uint64_t whole_number(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  const uint64_t seed = whole_number(arguments.get("--seed", "0"));
  if (arguments.has("--rate") == arguments.has("--count")) {
    return usage_error("sample needs --rate or --count, and not both");
  }
  if (arguments.has("--count")) {
    if (arguments.has("--by"))
      return usage_error("sample: --by goes with --rate, not with --count");
    return std::make_unique<Reservoir>(plan, whole_number(arguments.get("--count")), seed);
  }
  const std::string_view text = arguments.get("--rate");
  double rate = -1;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (problem != std::errc() || end != text.data() + text.size() || !(rate >= 0 && rate <= 1)) {
    return usage_error("sample: --rate takes a number from 0 to 1, such as 0.1, not '" +
                       std::string(text) + "'");
  }
  const Chance chance(rate, seed);
  if (!arguments.has("--by")) {
    return std::make_unique<SampleByNumber>(plan, chance, answers_per_run(arguments));
  }
  auto key = expr::Program::of(arguments.get("--by"), plan.paths, plan.limits);
  if (!key) return std::unexpected(key.error());
  return std::make_unique<SampleByKey>(plan, chance, std::move(*key));
}

}  // namespace

const Verb kSample = {
    .command = {.name = "sample",
                .summary = "choose a part of the events by chance that can be repeated",
                .positionals = {},
                .options = kOptions},
    .make = make,
    .answers_per_run = answers_per_run,
};

}  // namespace weir
