// Where what happened to events takes effect: counts, messages, rejects.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/batch.h"
#include "runtime/ledger.h"
#include "sink/rejects.h"

namespace weir {

/// Receives one line for a person, without a newline.
using Say = std::function<void(std::string_view)>;

/// Settles batches in order. Nothing that a stage noted about a row is counted, said or kept before
/// its batch comes here, so what was cut off before has never happened.
class Report {
 public:
  /// `rejects` keeps rejected events and may be null; `kept_in` is what to call it. With `strict`,
  /// the first reject that nothing keeps ends the run.
  Report(std::vector<std::string> stages, RejectSink* rejects, std::string kept_in, bool strict,
         Say say);

  /// True if the first reject ends the run.
  bool stops_at_reject() const { return strict_ && rejects_ == nullptr; }

  /// Forgets all rows behind the first rejected one.
  static void cut_behind_reject(Batch& batch);

  /// Books the batch, whose way ends at stage `last`, and lets its notes take effect. Fails with
  /// kStrict at the first reject (see above), with kMachine if rejects cannot be written or the
  /// batch does not add up.
  Result<void> settle(Batch& batch, uint8_t last);

  /// Says how many complaints were left out. Called once, at the end; `kept` tells whether the
  /// rejects are safe where they were to be kept.
  void conclude(bool kept);

  const Ledger& ledger() const { return ledger_; }
  /// True if events were rejected (or late) and nothing kept them.
  bool lost_events() const;

 private:
  void complain(const Batch& batch, const Note& note);

  Ledger ledger_;
  RejectSink* rejects_;
  std::string kept_in_;
  bool strict_;
  Say say_;
  struct Complaints {
    uint64_t rejects = 0;
    uint64_t errors = 0;
  };
  std::vector<Complaints> complaints_;  ///< by stage
};

}  // namespace weir
