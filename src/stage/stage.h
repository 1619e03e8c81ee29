// The contract of a verb: what every file in this folder implements.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "base/option.h"
#include "base/result.h"
#include "event/batch.h"
#include "event/path.h"
#include "source/source.h"

namespace weir {

/// What stages have to say beside what is in the batches: each text is one line for a person.
using Warnings = std::vector<std::string>;

/// What a stage is told while the pipeline is planned.
struct PlanContext {
  PathTable& paths;     ///< where to ask for the slots of the paths it reads
  uint8_t index = 0;    ///< its own place in the pipeline: 0 is `from`, the first stage is 1
  bool strict = false;  ///< --strict: whatever would be quiet is a reject
  MemoryBudget* memory = nullptr;  ///< what stages with state share; outlives them
  Warnings* warnings = nullptr;    ///< where a stage says what a person should know; outlives it
};

/// One step of a pipeline. Planned (constructed), then opened, then run. Timed and counted by the
/// runtime, never by itself: what becomes of a row stands in the batch.
class Stage {
 public:
  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Opens what the stage needs (tables, engines). Called once, before the first event.
  virtual Result<void> open() { return {}; }

  /// The slots whose columns it reads. They are filled for every alive row before it runs.
  const std::vector<int>& reads() const { return reads_; }

 protected:
  explicit Stage(const PlanContext& plan) : index_(plan.index), strict_(plan.strict) {}

  uint8_t index_;
  bool strict_;
  std::vector<int> reads_;
};

/// A stage without memory: the same row gives the same result, in any batch, on any thread.
class Map : public Stage {
 public:
  virtual void apply(Batch& batch) const = 0;

  /// Takes out rows that their raw text decides, before any column is filled. Called only where the
  /// stage stands in front of the check, so the rows may be no JSON at all.
  virtual void rule_out(Batch&) const {}
  /// True for a stage that may see rows before they are checked: it keeps or filters, by its paths.
  virtual bool may_lead() const { return false; }

 protected:
  using Stage::Stage;
};

/// Where an operator gets its batches from.
class Upstream {
 public:
  virtual ~Upstream() = default;
  /// The next batch, in order (see Source::next for the answers). `batch` is reset first.
  virtual Result<Pull> next(Batch& batch) = 0;
  /// Ends the batch here: its alive rows are absorbed by the operator, and what is known about all
  /// of its rows takes effect. Every batch that the operator does not pass on ends this way. Fails
  /// when --strict ends the run.
  virtual Result<void> absorb(Batch& batch) = 0;
};

/// A stage with memory. It sees the rows in order and owns the pace: it pulls.
class Operator : public Stage {
 public:
  /// Answers a batch (passed on, or made by this stage), idle, or end.
  virtual Result<Pull> next(Upstream& upstream, Batch& out) = 0;
  /// True if the events that leave are not those that came.
  virtual bool makes_events() const { return false; }

 protected:
  using Stage::Stage;
};

/// A verb as people write it. One constant of this type stands in the verb's file and one line in
/// stage/table.cpp.
struct Verb {
  Command command;
  /// Checks the arguments and builds the stage; opens nothing.
  Result<std::unique_ptr<Stage>> (*make)(const Arguments&, const PlanContext&);
};

}  // namespace weir
