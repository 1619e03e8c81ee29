#include "runtime/run.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "base/stopwatch.h"
#include "base/terminal.h"
#include "runtime/bot.h"
#include "runtime/progress.h"

namespace weir {

namespace {

/// How long an output may hold back events while others keep coming.
constexpr std::chrono::milliseconds kHeldAtMost{20};

/// The lesser of a timeout of poll(2) and the time that is left until `due`. It is rounded up: who
/// is asked too early would have us come back at once.
int sooner(int timeout, Clock::time_point due) {
  constexpr std::chrono::milliseconds kLongest{1'000'000'000};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
  const auto wait =
      static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongest).count());
  return timeout < 0 ? wait : std::min(timeout, wait);
}

/// Without the error that nobody reads any more: the run goes on for its other outputs.
Result<void> quiet(Result<void> written) {
  if (!written && written.error().kind == ErrorKind::kClosed) return {};
  return written;
}

/// One run of an open pipeline.
class Run {
 public:
  /// `progress` is what is to be shown meanwhile, if anything.
  Run(Pipeline& pipeline, Report& report, const Interrupt& interrupt, const Say& say,
      std::optional<Progress>& progress)
      : pipeline_(pipeline),
        report_(report),
        interrupt_(interrupt),
        say_(say),
        progress_(progress),
        last_(static_cast<uint8_t>(pipeline.stages.size() + 1)),
        links_(link_up(pipeline, report, interrupt)) {}

  /// Pulls until the end. An error is what ended the run early.
  Result<void> pull() {
    Result<void> ran = pull_from(*links_.bottom, [this](Batch& batch) {
      make_way(batch);
      return report_.stops_at_reject() ? write_strictly(batch) : write(batch);
    });
    const bool sated = ran || ran.error().kind == ErrorKind::kClosed;
    return sated && !links_.branching.empty() ? pull_for_branches() : ran;
  }

 private:
  template <typename Take>
  Result<void> pull_from(Link& link, Take&& take) {
    Batch batch;
    while (true) {
      // A signal that comes from here on is perhaps not seen by the source before it says idle.
      const bool source_knows = interrupt_.signal() != 0;
      const bool time_is_over = pipeline_.deadline.passed();
      auto pulled = link.next(batch);
      for (const std::string& message : pipeline_.source->take_messages()) say_(message);
      if (!pulled) return std::unexpected(pulled.error());
      if (*pulled == Pull::kEnd) return {};
      auto done =
          *pulled == Pull::kIdle ? wait(source_knows, time_is_over, link.due()) : take(batch);
      if (done && *pulled == Pull::kBatch) done = hand_on_in_time();
      if (!done) return done;
    }
  }

  /// Events that are about to be written to a terminal must not run into the line of progress.
  void make_way(const Batch& batch) {
    if (!progress_ || batch.alive.empty()) return;
    bool to_terminal = is_terminal(pipeline_.sink->error_fd());
    for (Branch* branch : pipeline_.branches) {
      to_terminal = to_terminal || is_terminal(branch->sink->error_fd());
    }
    if (to_terminal) progress_.reset();
  }

  /// The sink wants no more, be it that an operator has had enough or that nobody reads standard
  /// output. Branches above still get all there is; behind them the events are cut off.
  Result<void> pull_for_branches() {
    sink_has_all_ = true;
    if (auto flushed = quiet(pipeline_.sink->flush()); !flushed) return flushed;
    if (auto settled = settle_left(); !settled) return settled;
    // The lowest first: what it pulls passes all others above it.
    for (size_t i = links_.branching.size(); i-- > 0;) {
      const uint8_t stage = pipeline_.branch_accounts[i].stage;
      auto done = pull_from(*links_.branching[i], [&](Batch& batch) {
        batch.truncate(0);
        return report_.settle(batch, stage);
      });
      if (!done) return done;
    }
    return {};
  }

  /// Ends what stages below a branch still have of what it has written. The lowest has the oldest.
  Result<void> settle_left() {
    for (size_t i = pipeline_.stages.size(); i-- > 0;) {
      auto* stage = dynamic_cast<Operator*>(pipeline_.stages[i].get());
      Batch batch;
      if (stage == nullptr || !stage->leave(batch) || batch.shown_at == 0) continue;
      batch.truncate(0);
      if (auto settled = report_.settle(batch, batch.shown_at); !settled) return settled;
    }
    return {};
  }

  Result<void> write(Batch& batch) {
    Stopwatch watch;
    auto written = pipeline_.sink->write(batch);
    if (pipeline_.metered) report_.charge(last_, static_cast<uint64_t>(watch.lap().count()));
    const bool closed = !written && written.error().kind == ErrorKind::kClosed;
    // A branch has had the batch, so that it counts.
    if (!written && !(closed && batch.shown_at > 0)) return written;
    auto settled = report_.settle(batch, last_);
    return settled ? written : settled;
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

  /// Hands on everything that outputs hold back.
  Result<void> flush_all() {
    handed_on_ = Clock::now();
    if (!sink_has_all_) {
      if (auto flushed = pipeline_.sink->flush(); !flushed) return flushed;
    }
    for (Branch* branch : pipeline_.branches) {
      if (auto flushed = quiet(branch->sink->flush()); !flushed) return flushed;
    }
    if (pipeline_.rejects == nullptr) return {};
    return pipeline_.rejects->flush();
  }

  /// Hands on what was written to terminals.
  Result<void> serve_terminals() {
    handed_on_ = Clock::now();
    if (!sink_has_all_ && is_terminal(pipeline_.sink->error_fd())) {
      if (auto done = pipeline_.sink->hand_on(); !done) return done;
    }
    for (Branch* branch : pipeline_.branches) {
      if (!is_terminal(branch->sink->error_fd())) continue;
      if (auto done = quiet(branch->sink->hand_on()); !done) return done;
    }
    if (pipeline_.rejects == nullptr || !is_terminal(pipeline_.rejects->error_fd())) return {};
    return pipeline_.rejects->flush();
  }

  /// A source that is never idle must not leave the rare event that passed a filter in a buffer.
  /// From files only terminals are served so, and no table there is laid out early: when bytes are
  /// handed on shows in what a compressed file holds and in how wide columns are, and that is to be
  /// the same in every replay.
  Result<void> hand_on_in_time() {
    if (Clock::now() - handed_on_ < kHeldAtMost) return {};
    return pipeline_.source->is_live() ? flush_all() : serve_terminals();
  }

  /// Hands on what is held back, and sleeps until the source, a signal or the reader of our output
  /// has something to say, or until a stage is due. With `source_knows` a signal would only wake us
  /// again and again, and so would a deadline when its `time_is_over`.
  Result<void> wait(bool source_knows, bool time_is_over, std::optional<Clock::time_point> due) {
    if (pipeline_.source->takes_breath()) {
      if (progress_) progress_->update();
      return hand_on_in_time();
    }
    if (auto done = flush_all(); !done) return done;
    const bool has_more = pipeline_.source->wants_commit();
    if (auto done = commit_bot(pipeline_); !done || has_more) return done;
    std::array<pollfd, 3> fds = {
        pollfd{.fd = pipeline_.source->wait_fd(), .events = POLLIN, .revents = 0},
        pollfd{.fd = interrupt_.fd(), .events = POLLIN, .revents = 0},
        // No events: that the last reader is gone comes unasked.
        pollfd{.fd = sink_has_all_ ? -1 : pipeline_.sink->error_fd(), .events = 0, .revents = 0}};
    if (source_knows) fds[1].fd = -1;
    constexpr int kGone = POLLERR | POLLHUP | POLLNVAL;
    constexpr auto kProgress = static_cast<int>(Progress::kInterval.count());
    int timeout = time_is_over ? -1 : pipeline_.deadline.wait_ms();
    if (progress_ && (timeout < 0 || timeout > kProgress)) timeout = kProgress;
    if (due) timeout = sooner(timeout, *due);
    if (poll(fds.data(), fds.size(), timeout) > 0 && (fds[2].revents & kGone) != 0) {
      return std::unexpected(pipeline_.sink->reader_gone());
    }
    if (progress_) progress_->update();
    return {};
  }

  Pipeline& pipeline_;
  Report& report_;
  const Interrupt& interrupt_;
  const Say& say_;
  std::optional<Progress>& progress_;
  uint8_t last_;
  Links links_;
  bool sink_has_all_ = false;  ///< only branches are still written
  Clock::time_point handed_on_ = Clock::now();
};

/// Where an output of `who` is one of the inputs: appended to, the run would read what it wrote,
/// for ever.
Result<void> check_appended(const Pipeline& pipeline, const std::optional<WrittenFile>& written,
                            const std::string& who) {
  if (!written || !written->at_once) return {};
  const std::string input = pipeline.source->input_name(written->file);
  if (input.empty()) return {};
  return usage_error("input " + input + " is also " +
                     (who == "to"
                          ? "the output: write to another file, or name it behind to, which "
                            "replaces it at the end"
                          : "what " + who + " writes: write to another file"));
}

Result<void> check_own_output(Pipeline& pipeline) {
  const std::optional<WrittenFile> written = pipeline.sink->written_file();
  if (written && !written->at_once) {
    pipeline.replaced_input = pipeline.source->input_name(written->file);
  }
  auto checked = check_appended(pipeline, written, "to");
  for (size_t i = 0; i < pipeline.branches.size() && checked; ++i) {
    checked = check_appended(pipeline, pipeline.branches[i]->sink->written_file(),
                             pipeline.names[pipeline.branch_accounts[i].stage]);
  }
  if (checked && pipeline.rejects != nullptr) {
    checked = check_appended(pipeline, pipeline.rejects->written_file(), "--errors");
  }
  return checked;
}

Result<void> open(Pipeline& pipeline) {
  if (auto opened = open_bot(pipeline); !opened) return opened;
  // The outputs come last: where an input is missing, no file is touched.
  if (auto opened = pipeline.source->open(); !opened) return opened;
  for (size_t i = 0; i < pipeline.stages.size(); ++i) {
    auto opened = pipeline.stages[i]->open();
    if (!opened) return std::unexpected(about(pipeline.names[i + 1], opened.error()));
  }
  for (Branch* branch : pipeline.branches) {
    if (auto opened = branch->sink->open(); !opened) return opened;
  }
  if (auto opened = pipeline.sink->open(); !opened) return opened;
  if (pipeline.rejects != nullptr) {
    if (auto opened = pipeline.rejects->open(); !opened) return opened;
  }
  return check_own_output(pipeline);
}

/// Waits for those who shall read what is written, once everything is open and said.
Result<void> await_readers(Pipeline& pipeline) {
  for (Branch* branch : pipeline.branches) {
    if (auto awaited = branch->sink->await_reader(); !awaited) return awaited;
  }
  return pipeline.sink->await_reader();
}

/// What the ends have to say once they are open.
void say_opened(Pipeline& pipeline, const Say& say) {
  for (const std::string& message : pipeline.source->take_messages()) say(message);
  for (Branch* branch : pipeline.branches) {
    if (const std::string message = branch->sink->message(); !message.empty()) say(message);
  }
  if (const std::string message = pipeline.sink->message(); !message.empty()) say(message);
  for (const std::string& warning : pipeline.warnings) say(warning);
}

/// A line on stderr has a place if that is a terminal, and rejects do not scroll over one.
bool has_place_for_progress(const Pipeline& pipeline) {
  const bool rejects_shown =
      pipeline.rejects != nullptr && is_terminal(pipeline.rejects->error_fd());
  return is_terminal(STDERR_FILENO) && !rejects_shown;
}

Outcome outcome_of(const Result<void>& ran, int signal) {
  if (ran || ran.error().kind == ErrorKind::kClosed) {
    return signal == 0 ? Outcome::kComplete : Outcome::kInterrupted;
  }
  return Outcome::kFailed;
}

/// The outcome for an output that ends: a failure where it would replace an input of which events
/// were rejected that nothing keeps.
Outcome spare_inputs(const Pipeline& pipeline, const Sink& sink, const Report& report,
                     Outcome outcome, const Say& say) {
  if (outcome != Outcome::kComplete || !report.lost_events()) return outcome;
  std::string input = &sink == pipeline.sink.get() ? pipeline.replaced_input : std::string();
  for (const FileId& file : sink.replaced_files()) {
    if (input.empty()) input = pipeline.source->input_name(file);
  }
  if (input.empty()) return outcome;
  say("input " + input +
      " is also the output, and its rejected events would be gone: --errors FILE keeps them");
  return Outcome::kFailed;
}

/// Ends an output; the first thing that went wrong is what counts, also for the outputs after it.
template <typename Output>
void finish(Output& output, Outcome outcome, Result<void>& ran, const Say& say) {
  auto finished = output.finish(outcome);
  if (!finished && (ran || ran.error().kind == ErrorKind::kClosed)) ran = finished;
  if (const std::string message = output.message(); !message.empty()) say(message);
}

/// What an interrupted run has done.
void say_counts(const Ledger& ledger, const Say& say) {
  const uint64_t in = ledger.accounts().front().in;
  const uint64_t rejected = ledger.total(Fate::kRejected);
  say("interrupted: " + std::to_string(in) + (in == 1 ? " event in, " : " events in, ") +
      std::to_string(ledger.accounts().back().out) + " out" +
      (rejected == 0 ? "" : ", " + std::to_string(rejected) + " rejected"));
}

int status_of(const Result<void>& ran, const Report& report, bool failed, int signal) {
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
  return failed || report.lost_events() ? 1 : 0;
}

}  // namespace

RunResult run(Pipeline& pipeline, const Interrupt& interrupt, const Say& say) {
  std::optional<Progress> progress;
  const Say say_beside = [&progress, &say](std::string_view line) {
    progress ? progress->say(say, line) : say(line);
  };
  Report report(Ledger(pipeline.names, pipeline.branch_accounts), pipeline.rejects.get(),
                pipeline.errors, pipeline.strict, say_beside);
  auto opened = open(pipeline);
  if (opened) {
    say_opened(pipeline, say);
    opened = await_readers(pipeline);
  }
  if (!opened) {
    say(opened.error().message);
    if (interrupt.signal() != 0) return {.status = 128 + interrupt.signal(), .ledger = {}};
    const bool paused = opened.error().kind == ErrorKind::kClosed;
    return {.status = paused ? 0 : opened.error().kind == ErrorKind::kUsage ? 2 : 3, .ledger = {}};
  }

  if (pipeline.progress && has_place_for_progress(pipeline)) {
    progress.emplace(STDERR_FILENO, *pipeline.source, report.ledger());
    report.after_settling([&progress] {
      if (progress) progress->update();
    });
  }
  pipeline.deadline.start();
  Result<void> ran = Run(pipeline, report, interrupt, say_beside, progress).pull();
  progress.reset();
  const int signal = interrupt.signal();
  for (Branch* branch : pipeline.branches) {
    Result<void> ended = ran;
    const Outcome outcome =
        spare_inputs(pipeline, *branch->sink, report, outcome_of(ran, signal), say);
    finish(*branch->sink, outcome, ended, say);
    if (!ended && ended.error().kind != ErrorKind::kClosed) ran = ended;
  }
  const Outcome outcome =
      spare_inputs(pipeline, *pipeline.sink, report, outcome_of(ran, signal), say);
  finish(*pipeline.sink, outcome, ran, say);
  if (pipeline.rejects != nullptr) finish(*pipeline.rejects, outcome_of(ran, signal), ran, say);
  if (ran) ran = commit_bot(pipeline);
  if (pipeline.metered) report.set_written(pipeline.sink->bytes());
  const bool sated = ran || ran.error().kind == ErrorKind::kClosed;
  report.conclude(sated && !pipeline.bus->is_dry());
  const bool cut_short = interrupt.signal() != 0 || pipeline.deadline.passed();
  if (ran && !cut_short) report.say_absent_fields();
  if (!ran && ran.error().kind != ErrorKind::kClosed) say(ran.error().message);
  if (interrupt.signal() != 0) say_counts(report.ledger(), say);
  const bool failed = pipeline.errors_fail && report.ledger().errors() > 0;
  return {.status = status_of(ran, report, failed, interrupt.signal()), .ledger = report.ledger()};
}

}  // namespace weir
