// What happens to every batch between two operators, and the operators themselves, as things to
// pull.
#pragma once

#include <memory>
#include <new>
#include <optional>
#include <vector>

#include "base/interrupt.h"
#include "base/stopwatch.h"
#include "event/fill.h"
#include "runtime/deadline.h"
#include "runtime/report.h"
#include "source/source.h"
#include "stage/stage.h"

namespace weir {

/// One thing done to a batch: no state, any thread, any order of batches.
struct Step {
  enum class Kind : uint8_t {
    kRuleOut,  ///< a leading filter decides by the raw text
    kFill,     ///< columns are read
    kCheck,    ///< what is left is checked whole
    kApply,    ///< a stage runs
    kPartial,  ///< the operator behind the segment does its share
  };
  Kind kind;
  uint8_t stage;                         ///< on whose behalf rows are rejected
  const Map* map = nullptr;              ///< kRuleOut, kApply
  std::unique_ptr<ColumnFiller> filler;  ///< kFill
  std::vector<int> slots = {};           ///< kFill: what the filler fills
  const Operator* op = nullptr;          ///< kPartial
};

/// A stretch of a pipeline: steps that know nothing but the batch at hand, and behind them an
/// operator, which needs the batches in order.
struct Stretch {
  std::vector<Step> steps;  ///< may be empty
  Operator* op = nullptr;   ///< null where the sink pulls
  uint8_t stage = 0;        ///< the operator's index
};

/// A run of neighbouring Maps with the filling and checking they need. This is the unit that
/// threads share out: nothing in it knows the batch before.
class Segment {
 public:
  /// Of what stage `above` lets go, where it is the source or makes events. With `metered`, what
  /// the steps take and the sizes of rows are noted in the batch.
  Segment(std::vector<Step> steps, uint8_t above, bool metered);
  void run(Batch& batch) const;

 private:
  void run_metered(Batch& batch) const;

  std::vector<Step> steps_;
  Sieve sieve_;  ///< of a filter in front of all
  uint8_t above_;
  bool metered_;
};

/// What ends a run whose segment found no memory for a batch.
std::unexpected<Error> memory_error(const std::bad_alloc& problem);

/// Something batches can be pulled from: the source, a segment, an operator.
class Link {
 public:
  virtual ~Link() = default;
  virtual Result<Pull> next(Batch& batch) = 0;
  /// True if any thread may call `next` at once (Source::reads_on).
  virtual bool reads_on() const { return false; }
  /// The earliest time at which an operator in it or above is to be asked again (Operator::due).
  virtual std::optional<Clock::time_point> due() const { return {}; }
};

/// The source. A signal, or the end of the time for reading, is looked for here, before each read:
/// an operator may pull for hours before anything comes out at the lower end.
class SourceLink final : public Link {
 public:
  /// `report` gets the time that it takes; null: nobody asked.
  SourceLink(Source& source, const Interrupt& interrupt, const Deadline& deadline, Report* report)
      : source_(source), interrupt_(interrupt), deadline_(deadline), report_(report) {}
  Result<Pull> next(Batch& batch) override;
  bool reads_on() const override { return source_.reads_on(); }

 private:
  Source& source_;
  const Interrupt& interrupt_;
  const Deadline& deadline_;
  Report* report_;
  bool stopped_ = false;
};

class SegmentLink final : public Link {
 public:
  SegmentLink(std::unique_ptr<Link> above, Segment segment)
      : above_(std::move(above)), segment_(std::move(segment)) {}
  Result<Pull> next(Batch& batch) override;
  std::optional<Clock::time_point> due() const override { return above_->due(); }

 private:
  std::unique_ptr<Link> above_;
  Segment segment_;
};

class OperatorLink final : public Link {
 public:
  /// With `metered` the report gets the time that the operator takes.
  OperatorLink(std::unique_ptr<Link> above, Operator& stage, uint8_t index, Report& report,
               bool metered)
      : feed_(std::move(above), stage, index, report),
        operator_(stage),
        index_(index),
        report_(report),
        metered_(metered) {}
  Result<Pull> next(Batch& batch) override;
  std::optional<Clock::time_point> due() const override;

 private:
  /// What the operator pulls from.
  class Feed final : public Upstream {
   public:
    Feed(std::unique_ptr<Link> above, const Operator& stage, uint8_t index, Report& report)
        : above_(std::move(above)), stage_(stage), index_(index), report_(report) {}
    Result<Pull> next(Batch& batch) override;
    Result<void> absorb(Batch& batch) override { return end(batch, Fate::kAbsorbed); }
    Result<void> hold(Batch& batch) override { return end(batch, Fate::kHeld); }
    void end_held(uint64_t count, Fate fate) override { report_.end_held(index_, count, fate); }
    Clock::time_point now() const override { return Clock::now(); }
    std::optional<Clock::time_point> due() const { return above_->due(); }
    /// Says that the operator passed the batch on, which it had from `next`.
    void passed_on() { owed_ = false; }
    /// True if nothing is left to be pulled, and the operator knows.
    bool at_end() const { return at_end_; }
    /// How long pulls have taken in all.
    Stopwatch::Time pulling() const { return pulling_; }
    /// An error if the operator still owes the batch that it pulled last: it went neither on nor to
    /// `absorb`, and its events would be missing from the accounts.
    Result<void> check_paid() const;

   private:
    Result<void> end(Batch& batch, Fate fate);

    std::unique_ptr<Link> above_;
    const Operator& stage_;
    uint8_t index_;
    Report& report_;
    bool owed_ = false;
    bool at_end_ = false;
    Stopwatch::Time pulling_{0};
  };

  Feed feed_;
  Operator& operator_;
  uint8_t index_;
  Report& report_;
  bool metered_;
};

}  // namespace weir
