// From what a person wrote to a pipeline that can run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/interrupt.h"
#include "base/memory_budget.h"
#include "base/option.h"
#include "base/result.h"
#include "event/path.h"
#include "event/time.h"
#include "expr/limits.h"
#include "runtime/deadline.h"
#include "runtime/ends.h"
#include "runtime/segment.h"
#include "sink/rejects.h"
#include "stage/stage.h"

namespace weir {

/// One stage as it was written.
struct StageRequest {
  const Verb* verb = nullptr;
  Arguments arguments;
};

/// A whole pipeline as it was written.
struct PipelineRequest {
  Arguments from;  ///< without positionals: stdin
  std::vector<StageRequest> stages;
  Arguments to;  ///< without positionals: stdout
  EndSettings ends;
  std::string errors;    ///< --errors ENDPOINT, or empty
  std::string bus;       ///< where queues are
  std::string bot;       ///< --as BOT, or empty
  bool dry_run = false;  ///< the bot commits nothing
  bool strict = false;
  bool progress = false;  ///< --progress: show how far the run has come, if there is a terminal
  bool metered = false;   ///< --stats: bytes and times are measured
  expr::Limits limits;    ///< of expressions
  size_t memory = 0;      ///< bytes; 0: half of the machine's
  size_t jobs = 0;        ///< threads, the main one included; 0: the cores, at most 4
  std::optional<Timestamp> now;  ///< --now TIME
};

/// A planned pipeline: everything is checked and nothing is open. Stages stand at 1 to N, `from` at
/// 0, `to` at N + 1.
struct Pipeline {
  PathTable paths;
  std::unique_ptr<MemoryBudget> memory;
  std::shared_ptr<BusSession> bus;  ///< not open so far
  std::unique_ptr<Source> source;
  std::vector<std::unique_ptr<Stage>> stages;
  std::vector<Branch*> branches;  ///< of the stages, from the source down
  std::unique_ptr<Sink> sink;
  std::unique_ptr<RejectSink> rejects;  ///< may be null
  std::vector<std::string> names;       ///< of all stages, the ends included
  std::string errors;                   ///< where rejects go, as it was written
  bool strict = false;
  bool progress = false;     ///< show on stderr how far the run has come, if that is a terminal
  bool metered = false;      ///< bytes and times are measured
  size_t jobs = 1;           ///< threads, the main one included
  Deadline deadline;         ///< of reading
  bool errors_fail = false;  ///< an expression that failed on an event makes the exit status 1
  std::vector<BranchAccount> branch_accounts;  ///< of `branches`, empty so far
  Warnings warnings;                           ///< what stages have to say once they are open
  std::vector<std::string> written;            ///< the stages alone, each as one would write it
  uint64_t state_version = 0;                  ///< of what the bot holds, once it is open
  std::string replaced_input;  ///< the input that the output replaces, once they are open

  Pipeline() = default;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
};

/// The error with the stage's name in front of its message, unless that says it already.
Error about(std::string_view stage, Error error);

/// An open pipeline as something to pull.
struct Links {
  std::unique_ptr<Link> bottom;  ///< what the sink pulls
  std::vector<Link*>
      branching;  ///< the stages with a branch, from the source down; part of `bottom`
};

/// True if the source may leave lines uncut: no stage reads the number of one.
bool takes_uncut_lines(const Pipeline& pipeline);

/// Plans a pipeline. Errors are of kind kUsage: nothing was opened, nothing was read.
Result<std::unique_ptr<Pipeline>> plan(const PipelineRequest& request);

/// The order of work, from the source to the sink: demand is added up from the sink back to the
/// source, and every filling and checking gets its place. The steps borrow from the pipeline, which
/// need not be open. At least one stretch; only the last one has no operator. All threads share in
/// the steps of the first: no operator stands above them, so nothing takes effect before their
/// batches are in order again.
std::vector<Stretch> schedule(const Pipeline& pipeline);

/// The links to pull, made of an open pipeline: its schedule, as things that run.
Links link_up(Pipeline& pipeline, Report& report, const Interrupt& interrupt);

}  // namespace weir
