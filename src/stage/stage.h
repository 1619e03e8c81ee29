// The contract of a verb: what every file in this folder implements.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "base/option.h"
#include "base/result.h"
#include "base/terminal.h"
#include "bus/state.h"
#include "event/batch.h"
#include "event/path.h"
#include "expr/limits.h"
#include "sink/sink.h"
#include "source/source.h"

namespace weir {

/// What stages have to say beside what is in the batches: each text is one line for a person.
using Warnings = std::vector<std::string>;

class Places;

/// The names of the fields that events have at a place of the pipeline, in their order, where the
/// plan fixes them; else empty.
using Fields = std::vector<std::string>;

/// What a stage is told while the pipeline is planned.
struct PlanContext {
  PathTable& paths;          ///< where to ask for the slots of the paths it reads
  uint8_t index = 0;         ///< its own place in the pipeline: 0 is `from`, the first stage is 1
  bool strict = false;       ///< --strict: whatever would be quiet is a reject
  expr::Limits limits = {};  ///< of its expressions
  MemoryBudget* memory = nullptr;  ///< what stages with state share; outlives them
  Warnings* warnings = nullptr;    ///< where a stage says what a person should know; outlives it
  Places* places = nullptr;        ///< where outputs are claimed (see sink/outputs.h)
  Terminal terminal = {};          ///< what standard output is
  Fields fields = {};              ///< of the events that come
  bool bot = false;                ///< the pipeline is a bot's
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

  /// What it keeps beyond the batch at hand, and what bounds that, in a few words for `weir
  /// explain`: "a group for each key, within --memory". Empty: nothing.
  virtual std::string holds() const { return {}; }

  /// How much larger than they came it may make events, and what bounds that, for `weir explain`.
  /// Empty: hardly.
  virtual std::string makes() const { return {}; }

  /// The fields of the events that leave, where those that come have the fields `before`.
  virtual Fields fields(const Fields& /*before*/) const { return {}; }

  /// The slots whose columns it reads. They are filled for every alive row before it runs.
  const std::vector<int>& reads() const { return reads_; }
  /// The fields that somebody named and that one event at least should have, with the constants
  /// that they are compared with: where none does, the run says so at its end. Not those that an
  /// expression asks for by has(). Their slots are in `reads`.
  const std::vector<ExpectedField>& expects() const { return expects_; }

 protected:
  explicit Stage(const PlanContext& plan) : index_(plan.index), strict_(plan.strict) {}

  uint8_t index_;
  bool strict_;
  std::vector<int> reads_;
  std::vector<ExpectedField> expects_;
};

/// A stage without memory: the same row gives the same result, in any batch, on any thread.
class Map : public Stage {
 public:
  virtual void apply(Batch& batch) const = 0;

  /// Takes out rows that their raw text decides, before any column is filled. Called only where the
  /// stage stands in front of the check, so the rows may be no JSON at all.
  virtual void rule_out(Batch&) const {}
  /// The texts that a row must contain to get past `rule_out`. They live as long as the stage.
  virtual std::span<const std::string> needles() const { return {}; }
  /// The one of them that a row has least likely, or null: without it `rule_out` takes a row out.
  virtual const Needle* needle() const { return nullptr; }
  /// What rules rows out by their fields while they are lines, or null: `apply` lets none of those
  /// pass. It lives as long as the stage.
  virtual const LineJudge* judge() const { return nullptr; }
  /// By what lines, and rows that the scan finds broken, are ruled out, or null: `apply` lets no
  /// event pass that lacks it. It lives as long as the stage.
  virtual const NumberNeedle* number_needle() const { return nullptr; }
  /// True for a stage that may see rows before they are checked: it keeps or filters, by its paths.
  virtual bool may_lead() const { return false; }

 protected:
  using Stage::Stage;
};

using Clock = std::chrono::steady_clock;

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
  /// As `absorb`, but the alive rows are held: the operator has copied them. It lets them go later,
  /// in batches with `held_at`, or by `end_held`.
  virtual Result<void> hold(Batch& batch) = 0;
  /// Ends `count` rows that were held and do not go on.
  virtual void end_held(uint64_t count, Fate fate) = 0;
  /// The time, for the few that are exempt from "live equals replay" (see Operator::due).
  virtual Clock::time_point now() const = 0;
};

/// What an operator keeps of the events that it has pulled when it says idle or end, and a bot
/// would have to remember.
enum class Keeps : uint8_t {
  kNothing,
  kState,     ///< what it saves, and loads in the next run
  kUntilEnd,  ///< what it answers with when its input ends, or cannot say
};

/// An output that a stage writes beside the pipeline's own.
struct Branch {
  std::unique_ptr<Sink> sink;
  std::string endpoint;  ///< as it was written
};

/// A stage with memory. It sees the rows in order and owns the pace: it pulls.
class Operator : public Stage {
 public:
  /// Answers a batch (passed on, or made by this stage), idle, or end.
  virtual Result<Pull> next(Upstream& upstream, Batch& out) = 0;
  /// True if the events that leave are not those that came.
  virtual bool makes_events() const { return false; }
  /// True if what it pulled stands in what it answers, be it as rows that ended there.
  virtual bool passes_rows_on() const { return !makes_events(); }
  virtual Keeps keeps() const { return Keeps::kUntilEnd; }
  /// Of kState: adds what changed of it since the last call, or since `load`. Called where
  /// everything that was pulled is out or kept.
  virtual void save(std::vector<StateChange>& /*changes*/) {}
  /// Of kState: takes what a run before has saved, all of its entries by key, whose values it may
  /// take away. Called before the first event, if there are any. False if it cannot be that.
  virtual bool load(std::span<StateEntry> /*entries*/) { return false; }
  /// When it is to be asked again though nothing came, after it has said idle.
  virtual std::optional<Clock::time_point> due() const { return {}; }
  /// The output that it writes beside passing its events on, or null. The runtime opens, flushes
  /// and finishes it, and pulls from this stage up to the end, whoever below has had enough.
  virtual Branch* branch() { return nullptr; }
  /// Gives the rows that it pulled and that neither went on nor ended here, for nobody below wants
  /// more: a tee above has written them, so that they count. False if there are none.
  virtual bool leave(Batch& /*out*/) { return false; }

  /// The share of the work that needs no memory, if there is one worth sharing out: like a Map it
  /// runs on any thread, on each batch before `next` gets it from upstream, and what it finds it
  /// leaves in `batch.partial` (where its own findings of an earlier batch may stand, to be made
  /// anew). `next` adds these up, in order. The sum must be the same however rows were batched.
  virtual bool has_partial_step() const { return false; }
  virtual void partial_step(Batch&) const {}

 protected:
  using Stage::Stage;
};

/// A verb as people write it. One constant of this type stands in the verb's file and one line in
/// stage/table.cpp.
struct Verb {
  Command command;
  /// Checks the arguments and builds the stage; opens nothing.
  Result<std::unique_ptr<Stage>> (*make)(const Arguments&, const PlanContext&);
  /// True if the stage, where it is the first one, wants lines of text: the input is read as such
  /// unless a format is forced. Null: never.
  bool (*reads_lines)(const Arguments&) = nullptr;
  /// True if the stage, in a bot, is to answer for each run by itself: it commits at its end only.
  /// Null: never.
  bool (*answers_per_run)(const Arguments&) = nullptr;
  /// The most events that a batch should have on its way to the stage, because each may grow to
  /// many times its size there; 0: as many as are good.
  uint32_t batch_rows = 0;
};

}  // namespace weir
