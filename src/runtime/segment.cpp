#include "runtime/segment.h"

namespace weir {

void Segment::run(Batch& batch) const {
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
        step.map->apply(batch);
        break;
    }
  }
}

Result<Pull> SourceLink::next(Batch& batch) {
  batch.reset();
  return source_.next(batch);
}

Result<Pull> SegmentLink::next(Batch& batch) {
  auto pulled = above_->next(batch);
  if (pulled && *pulled == Pull::kBatch) segment_.run(batch);
  return pulled;
}

Result<Pull> OperatorLink::next(Batch& batch) { return operator_.next(feed_, batch); }

Result<Pull> OperatorLink::Feed::next(Batch& batch) { return above_->next(batch); }

Result<void> OperatorLink::Feed::absorb(Batch& batch) {
  for (const uint32_t row : batch.alive) batch.end(row, index_, Fate::kAbsorbed);
  batch.alive.clear();
  return report_.settle(batch, index_);
}

}  // namespace weir
