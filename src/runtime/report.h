// Where what happened to events takes effect: counts, messages, rejects.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/batch.h"
#include "runtime/absent_fields.h"
#include "runtime/ledger.h"
#include "sink/rejects.h"

namespace weir {

/// Receives one line for a person, without a newline.
using Say = std::function<void(std::string_view)>;

/// Settles batches in order. Nothing that a stage noted about a row is counted, said or kept before
/// its batch comes here, so what was cut off before has never happened.
class Report {
 public:
  /// `ledger` is empty so far. `rejects` keeps rejected events and may be null; `kept_in` is what
  /// to call it. With `strict`, the first reject that nothing keeps ends the run.
  Report(Ledger ledger, RejectSink* rejects, std::string kept_in, bool strict, Say say);

  /// True if the first reject ends the run.
  bool stops_at_reject() const { return strict_ && rejects_ == nullptr; }

  /// Forgets all rows behind the first rejected one.
  static void cut_behind_reject(Batch& batch);

  /// Books the batch, whose way ends at stage `last`, and lets its notes take effect (an error
  /// without a reason is only counted: the output shows it). Fails with
  /// kStrict at the first reject (see above), with kMachine if rejects cannot be written or the
  /// batch does not add up.
  Result<void> settle(Batch& batch, uint8_t last);

  /// Ends `count` events that stage `stage` has held.
  void end_held(uint8_t stage, uint64_t count, Fate fate) { ledger_.end_held(stage, count, fate); }

  /// Adds to the time of a stage. Any thread may do so at any time.
  void charge(uint8_t stage, uint64_t nanoseconds) { ledger_.charge(stage, nanoseconds); }
  /// Says how many bytes the sink has written.
  void set_written(uint64_t bytes) { ledger_.set_written(bytes); }

  /// Has `call` called behind every batch that was settled.
  void after_settling(std::function<void()> call) { settled_ = std::move(call); }

  /// Says how many complaints were left out. Called once, at the end; `kept` tells whether the
  /// rejects are safe where they were to be kept.
  void conclude(bool kept);

  /// How much of what comes to it an operator has pulled, once it knows.
  enum class Pulled : uint8_t {
    kUnknown,
    kPart,  ///< it had enough
    kAll,
  };
  void note_pulled(uint8_t stage, Pulled pulled) { pulled_[stage] = pulled; }
  /// Says which fields no event had that a stage expected. Called once, at the end of a run that
  /// ended well; says nothing of a stage that perhaps did not get all events.
  void say_absent_fields();

  const Ledger& ledger() const { return ledger_; }
  /// True if events were rejected (or late) and nothing kept them.
  bool lost_events() const;

 private:
  struct Complaints {
    uint64_t rejects = 0;
    uint64_t errors = 0;
    std::string first_error;  ///< where and why
  };

  bool got_all(size_t stage) const;
  void complain(const Batch& batch, const Note& note);
  void say_spread(const Batch& batch);
  void say_remark(const Batch& batch);
  void conclude_errors(const Account& account, const Complaints& complaints);

  Ledger ledger_;
  RejectSink* rejects_;
  std::string kept_in_;
  bool strict_;
  Say say_;
  std::function<void()> settled_;         ///< may be empty
  std::vector<Complaints> complaints_;    ///< by stage
  std::shared_ptr<const Origin> spread_;  ///< the input that is JSON spread over lines, if one is
  AbsentFields absent_fields_;
  std::vector<Pulled> pulled_;  ///< by stage
  uint64_t spread_inputs_ = 0;  ///< how many were
  uint64_t remarks_ = 0;        ///< on inputs
};

}  // namespace weir
