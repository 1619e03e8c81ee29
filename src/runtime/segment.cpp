#include "runtime/segment.h"

#include <string>
#include <utility>

#include "base/memory_budget.h"
#include "runtime/absent_fields.h"

namespace weir {

void Segment::run(Batch& batch) const {
  if (!batch.uncut.text.empty()) batch.uncut.cutter->cut(batch);
  for (const Step& step : steps_) {
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
        step.op->partial_step(batch);
        break;
    }
  }
}

Result<Pull> SourceLink::next(Batch& batch) {
  if (interrupt_.signal() != 0 && !std::exchange(stopped_, true)) source_.stop();
  batch.reset();
  return source_.next(batch);
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
  auto pulled = operator_.next(feed_, batch);
  if (!pulled) return pulled;
  if (*pulled == Pull::kBatch && !operator_.makes_events()) feed_.passed_on();
  if (*pulled == Pull::kEnd && !feed_.at_end()) report_.note_unread();
  if (auto paid = feed_.check_paid(); !paid) return std::unexpected(paid.error());
  return pulled;
}

Result<Pull> OperatorLink::Feed::next(Batch& batch) {
  if (auto paid = check_paid(); !paid) return std::unexpected(paid.error());
  auto pulled = above_->next(batch);
  owed_ = pulled && *pulled == Pull::kBatch;
  at_end_ = pulled && *pulled == Pull::kEnd;
  if (owed_) look_for_fields(batch, stage_, index_);
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
