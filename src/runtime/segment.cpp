#include "runtime/segment.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/memory_budget.h"
#include "runtime/absent_fields.h"

namespace weir {

namespace {

void take_step(const Step& step, Batch& batch) {
  switch (step.kind) {
    case Step::Kind::kRuleOut:
      step.map->rule_out(batch);
      break;
    case Step::Kind::kFill:
      step.filler->fill(batch, step.stage);
      break;
    case Step::Kind::kCheck:
      check_rows(batch, step.stage);
      break;
    case Step::Kind::kApply:
      look_for_fields(batch, *step.map, step.stage);
      step.map->apply(batch);
      break;
    case Step::Kind::kPartial:
      // Before it rejects what it cannot take: those rows were read as well.
      look_for_fields(batch, *step.op, step.stage);
      step.op->partial_step(batch);
      break;
  }
}

/// Notes how large the events are that leave a stage.
void note_sizes(Batch& batch, uint8_t stage) {
  std::vector<std::vector<uint32_t>>& bytes = batch.meter.bytes;
  if (bytes.size() <= stage) bytes.resize(stage + size_t{1});
  bytes[stage].resize(batch.rows.size());
  for (uint32_t row = 0; row < batch.rows.size(); ++row) {
    bytes[stage][row] = batch.rows[row].bytes();
  }
}

void note_time(Batch& batch, uint8_t stage, Stopwatch& watch) {
  std::vector<uint64_t>& times = batch.meter.nanoseconds;
  if (times.size() <= stage) times.resize(stage + size_t{1});
  times[stage] += static_cast<uint64_t>(watch.lap().count());
}

}  // namespace

Segment::Segment(std::vector<Step> steps, uint8_t above, bool metered)
    : steps_(std::move(steps)), above_(above), metered_(metered) {
  if (steps_.empty() || steps_.front().kind != Step::Kind::kRuleOut) return;
  const Step& first = steps_.front();
  sieve_ = {.needle = first.map->needle(),
            .judge = first.map->judge(),
            .number = first.map->number_needle(),
            .stage = first.stage};
}

void Segment::run(Batch& batch) const {
  if (metered_) return run_metered(batch);
  if (!batch.uncut.text.empty()) {
    batch.uncut.cutter->sift(batch, sieve_);
    batch.uncut.cutter->cut(batch);
  }
  for (const Step& step : steps_) take_step(step, batch);
}

void Segment::run_metered(Batch& batch) const {
  Stopwatch watch;
  if (!batch.uncut.text.empty()) {
    batch.uncut.cutter->sift(batch, sieve_);
    note_time(batch, sieve_.stage, watch);
    batch.uncut.cutter->cut(batch);
    note_time(batch, above_, watch);
  }
  note_sizes(batch, above_);
  for (const Step& step : steps_) {
    take_step(step, batch);
    note_time(batch, step.stage, watch);
    if (step.kind == Step::Kind::kApply) note_sizes(batch, step.stage);
  }
}

Result<Pull> SourceLink::next(Batch& batch) {
  const bool ends = interrupt_.signal() != 0 || deadline_.passed();
  if (ends && !std::exchange(stopped_, true)) source_.stop();
  batch.reset();
  if (report_ == nullptr) return source_.next(batch);
  Stopwatch watch;
  auto pulled = source_.next(batch);
  report_->charge(0, static_cast<uint64_t>(watch.lap().count()));
  return pulled;
}

std::unexpected<Error> memory_error(const std::bad_alloc& problem) {
  const bool says_why = dynamic_cast<const BatchTooLarge*>(&problem) != nullptr;
  return machine_error(says_why ? problem.what() : "no memory is left");
}

Result<Pull> SegmentLink::next(Batch& batch) {
  auto pulled = above_->next(batch);
  if (!pulled || *pulled != Pull::kBatch) return pulled;
  try {
    segment_.run(batch);
  } catch (const std::bad_alloc& problem) {
    return memory_error(problem);
  }
  return pulled;
}

Result<Pull> OperatorLink::next(Batch& batch) {
  Stopwatch watch;
  const Stopwatch::Time before = feed_.pulling();
  auto pulled = operator_.next(feed_, batch);
  if (metered_) {
    const Stopwatch::Time own = watch.lap() - (feed_.pulling() - before);
    report_.charge(index_, static_cast<uint64_t>(own.count()));
  }
  if (!pulled) return pulled;
  if (*pulled == Pull::kBatch && operator_.passes_rows_on()) feed_.passed_on();
  if (feed_.at_end()) {
    report_.note_pulled(index_, Report::Pulled::kAll);
  } else if (*pulled == Pull::kEnd) {
    report_.note_pulled(index_, Report::Pulled::kPart);
  }
  if (auto paid = feed_.check_paid(); !paid) return std::unexpected(paid.error());
  return pulled;
}

std::optional<Clock::time_point> OperatorLink::due() const {
  const auto own = operator_.due();
  const auto above = feed_.due();
  if (own && above) return std::min(*own, *above);
  return own ? own : above;
}

Result<Pull> OperatorLink::Feed::next(Batch& batch) {
  if (auto paid = check_paid(); !paid) return std::unexpected(paid.error());
  Stopwatch watch;
  auto pulled = above_->next(batch);
  pulling_ += watch.lap();
  owed_ = pulled && *pulled == Pull::kBatch;
  at_end_ = pulled && *pulled == Pull::kEnd;
  if (!owed_ || stage_.has_partial_step()) return pulled;
  // What is behind the reject at which the run stops is not for the operator to see.
  if (report_.stops_at_reject()) Report::cut_behind_reject(batch);
  look_for_fields(batch, stage_, index_);
  return pulled;
}

Result<void> OperatorLink::Feed::check_paid() const {
  if (!owed_) return {};
  return machine_error("the events do not add up: stage '" +
                       report_.ledger().accounts()[index_].stage +
                       "' dropped a batch; this is a fault in weir");
}

Result<void> OperatorLink::Feed::end(Batch& batch, Fate fate) {
  owed_ = false;
  for (const uint32_t row : batch.alive) batch.end(row, index_, fate);
  batch.alive.clear();
  return report_.settle(batch, index_);
}

}  // namespace weir
