// From what a person wrote to a pipeline that can run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "base/option.h"
#include "base/result.h"
#include "event/path.h"
#include "runtime/ends.h"
#include "runtime/interrupt.h"
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
  std::string errors;  ///< --errors ENDPOINT, or empty
  bool strict = false;
  size_t memory = 0;  ///< bytes; 0: half of the machine's
};

/// A planned pipeline: everything is checked and nothing is open. Stages stand at 1 to N, `from` at
/// 0, `to` at N + 1.
struct Pipeline {
  PathTable paths;
  std::unique_ptr<MemoryBudget> memory;
  std::unique_ptr<Source> source;
  std::vector<std::unique_ptr<Stage>> stages;
  std::unique_ptr<Sink> sink;
  std::unique_ptr<RejectSink> rejects;  ///< may be null
  std::vector<std::string> names;       ///< of all stages, the ends included
  std::string errors;                   ///< where rejects go, as it was written
  bool strict = false;
  Warnings warnings;  ///< what stages have to say once they are open

  Pipeline() = default;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
};

/// Plans a pipeline. Errors are of kind kUsage: nothing was opened, nothing was read.
Result<std::unique_ptr<Pipeline>> plan(const PipelineRequest& request);

/// The links to pull, made of an open pipeline: demand is added up from the sink back to the
/// source, and every filling and checking gets its place.
std::unique_ptr<Link> link_up(Pipeline& pipeline, Report& report, const Interrupt& interrupt);

}  // namespace weir
