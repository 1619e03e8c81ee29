// tee: write every event that passes to an output of its own.
#include <string>
#include <utility>

#include "base/endpoint.h"
#include "sink/outputs.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "ENDPOINT",
     .at_least = 1,
     .at_most = 1,
     .help = "a file, whose name may have expressions in braces, - for standard output, "
             "tcp://HOST:PORT, unix:PATH or queue:NAME",
     .is_file = true},
};

class Tee final : public Operator {
 public:
  Tee(const PlanContext& plan, Branch branch) : Operator(plan), branch_(std::move(branch)) {
    const auto slots = branch_.sink->reads();
    reads_.assign(slots.begin(), slots.end());
  }

  Fields fields(const Fields& before) const override { return before; }
  Branch* branch() override { return &branch_; }
  Keeps keeps() const override { return Keeps::kNothing; }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    auto pulled = upstream.next(out);
    if (!pulled || *pulled != Pull::kBatch) return pulled;
    if (auto written = write(out); !written) return std::unexpected(written.error());
    return pulled;
  }

 private:
  Result<void> write(Batch& batch) {
    batch.shown_at = index_;
    const std::vector<uint32_t> passing = batch.alive;
    const size_t notes = batch.notes.size();
    auto written = branch_.sink->write(batch);
    // What the branch cannot take is rejected there, and goes on here.
    for (size_t i = notes; i < batch.notes.size(); ++i) {
      Note& note = batch.notes[i];
      note.kind = Note::Kind::kBranchReject;
      batch.rows[note.row].fate = Fate::kAlive;
    }
    batch.alive = passing;
    // A standard output that nobody reads ends the branch and not the pipeline.
    if (!written && written.error().kind == ErrorKind::kClosed) return {};
    return written;
  }

  Branch branch_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto endpoint = parse_output(arguments.positionals[0], arguments.has("--listen"));
  if (!endpoint) return std::unexpected(endpoint.error());
  if (auto claimed = plan.places->claim_unread(*endpoint, "tee"); !claimed) {
    return std::unexpected(claimed.error());
  }
  auto sink = make_output(*endpoint, arguments, {},
                          {.places = *plan.places,
                           .paths = plan.paths,
                           .limits = plan.limits,
                           .terminal = plan.terminal,
                           .fields = plan.fields,
                           .index = plan.index});
  if (!sink) return std::unexpected(sink.error());
  return std::make_unique<Tee>(
      plan, Branch{.sink = std::move(*sink), .endpoint = arguments.positionals[0]});
}

}  // namespace

const Verb kTee = {
    .command = {.name = "tee",
                .summary = "write every event that passes to an output of its own",
                .positionals = kPositionals,
                .options = kOutputOptions},
    .make = make,
};

}  // namespace weir
