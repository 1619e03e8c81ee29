// Running a pipeline: the sink pulls until there is no more.
#pragma once

#include <optional>

#include "base/interrupt.h"
#include "runtime/plan.h"
#include "runtime/report.h"

namespace weir {

/// How a run ended.
struct RunResult {
  int status = 0;                ///< the exit status (see weir(1), EXIT STATUS)
  std::optional<Ledger> ledger;  ///< what became of the events; none if nothing could be opened
};

/// Opens the pipeline, runs it to its end and closes it. Says everything a person should know
/// through `say`, one line at a time, as it happens.
RunResult run(Pipeline& pipeline, const Interrupt& interrupt, const Say& say);

}  // namespace weir
