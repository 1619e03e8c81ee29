#include "runtime/run.h"

#include <poll.h>

#include <array>
#include <utility>

namespace weir {

namespace {

/// One run of an open pipeline.
class Run {
 public:
  Run(Pipeline& pipeline, Report& report, const Interrupt& interrupt)
      : pipeline_(pipeline),
        report_(report),
        interrupt_(interrupt),
        last_(static_cast<uint8_t>(pipeline.stages.size() + 1)),
        link_(link_up(pipeline, report, interrupt)) {}

  /// Pulls until the end. An error is what ended the run early.
  Result<void> pull() {
    Batch batch;
    while (true) {
      auto pulled = link_->next(batch);
      if (!pulled) return std::unexpected(pulled.error());
      Result<void> done;
      switch (*pulled) {
        case Pull::kEnd:
          return {};
        case Pull::kIdle:
          done = wait();
          break;
        case Pull::kBatch:
          done = report_.stops_at_reject() ? write_strictly(batch) : write(batch);
          break;
      }
      if (!done) return done;
    }
  }

 private:
  Result<void> write(Batch& batch) {
    auto written = pipeline_.sink->write(batch);
    if (!written) return written;
    return report_.settle(batch, last_);
  }

  /// Writes no row behind the first reject, be it a stage's or the sink's own: the run ends there,
  /// wherever batches begin and end.
  Result<void> write_strictly(Batch& batch) {
    Report::cut_behind_reject(batch);
    std::vector<uint32_t> written;
    const std::vector<uint32_t> rows = std::exchange(batch.alive, {});
    for (const uint32_t row : rows) {
      batch.alive = {row};
      auto done = pipeline_.sink->write(batch);
      if (!done) return done;
      if (batch.alive.empty()) {
        batch.truncate(row + 1);
        break;
      }
      written.push_back(row);
    }
    batch.alive = std::move(written);
    return report_.settle(batch, last_);
  }

  /// Hands on what is held back, and sleeps until the source, a signal or the reader of our output
  /// has something to say.
  Result<void> wait() {
    if (auto flushed = pipeline_.sink->flush(); !flushed) return flushed;
    if (pipeline_.rejects != nullptr) {
      if (auto flushed = pipeline_.rejects->flush(); !flushed) return flushed;
    }
    std::array<pollfd, 3> fds = {
        pollfd{.fd = pipeline_.source->wait_fd(), .events = POLLIN, .revents = 0},
        pollfd{.fd = interrupt_.fd(), .events = POLLIN, .revents = 0},
        // No events: that the last reader is gone comes unasked.
        pollfd{.fd = pipeline_.sink->error_fd(), .events = 0, .revents = 0}};
    // The signal was passed on to the source already: it would only wake us again and again.
    if (interrupt_.signal() != 0) fds[1].fd = -1;
    constexpr int kGone = POLLERR | POLLHUP | POLLNVAL;
    if (poll(fds.data(), fds.size(), -1) > 0 && (fds[2].revents & kGone) != 0) {
      return std::unexpected(Error{ErrorKind::kClosed, {}});
    }
    return {};
  }

  Pipeline& pipeline_;
  Report& report_;
  const Interrupt& interrupt_;
  uint8_t last_;
  std::unique_ptr<Link> link_;
};

Result<void> open(Pipeline& pipeline) {
  // The outputs come last: where an input is missing, no file is touched.
  if (auto opened = pipeline.source->open(); !opened) return opened;
  for (const std::unique_ptr<Stage>& stage : pipeline.stages) {
    if (auto opened = stage->open(); !opened) return opened;
  }
  if (auto opened = pipeline.sink->open(); !opened) return opened;
  if (pipeline.rejects != nullptr) return pipeline.rejects->open();
  return {};
}

Outcome outcome_of(const Result<void>& ran, int signal) {
  if (ran || ran.error().kind == ErrorKind::kClosed) {
    return signal == 0 ? Outcome::kComplete : Outcome::kInterrupted;
  }
  return Outcome::kFailed;
}

/// Ends an output; the first thing that went wrong is what counts.
template <typename Output>
void finish(Output& output, Outcome outcome, Result<void>& ran, const Say& say) {
  auto finished = output.finish(outcome);
  if (!finished && (ran || ran.error().kind == ErrorKind::kClosed)) ran = finished;
  if (const std::string message = output.message(); !message.empty()) say(message);
}

int status_of(const Result<void>& ran, const Report& report, int signal) {
  if (!ran) {
    switch (ran.error().kind) {
      case ErrorKind::kUsage:
        return 2;
      case ErrorKind::kMachine:
        return 3;
      case ErrorKind::kStrict:
        return 1;
      case ErrorKind::kClosed:
        return 0;
    }
  }
  if (signal != 0) return 128 + signal;
  return report.lost_events() ? 1 : 0;
}

}  // namespace

RunResult run(Pipeline& pipeline, const Interrupt& interrupt, const Say& say) {
  Report report(pipeline.names, pipeline.rejects.get(), pipeline.errors, pipeline.strict, say);
  if (auto opened = open(pipeline); !opened) {
    say(opened.error().message);
    if (interrupt.signal() != 0) return {.status = 128 + interrupt.signal(), .stats = {}};
    return {.status = opened.error().kind == ErrorKind::kUsage ? 2 : 3, .stats = {}};
  }
  for (const std::string& warning : pipeline.warnings) say(warning);

  Result<void> ran = Run(pipeline, report, interrupt).pull();
  const Outcome outcome = outcome_of(ran, interrupt.signal());
  finish(*pipeline.sink, outcome, ran, say);
  if (pipeline.rejects != nullptr) finish(*pipeline.rejects, outcome, ran, say);
  report.conclude(ran || ran.error().kind == ErrorKind::kClosed);
  if (!ran && ran.error().kind != ErrorKind::kClosed) say(ran.error().message);
  return {.status = status_of(ran, report, interrupt.signal()), .stats = report.ledger().to_json()};
}

}  // namespace weir
