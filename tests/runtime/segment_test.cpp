#include "runtime/segment.h"

#include <doctest/doctest.h>

#include <memory>
#include <string_view>

using namespace weir;

namespace {

/// Gives batches of one event for ever.
class Events final : public Link {
 public:
  Result<Pull> next(Batch& batch) override {
    batch.reset();
    batch.add_text("{}", 0);
    return Pull::kBatch;
  }
};

/// Takes a batch and neither passes it on nor absorbs it.
class Loser final : public Operator {
 public:
  explicit Loser(const PlanContext& plan) : Operator(plan) {}
  bool makes_events() const override { return true; }
  Result<Pull> next(Upstream& upstream, Batch&) override { return upstream.next(taken_); }

 private:
  Batch taken_;
};

}  // namespace

TEST_CASE("an operator that loses a batch is found out") {
  PathTable paths;
  Loser loser({.paths = paths, .index = 1});
  Report report(Ledger({"from", "loser", "to"}), nullptr, "", false, [](std::string_view) {});
  OperatorLink link(std::make_unique<Events>(), loser, 1, report, false);
  Batch batch;
  const auto pulled = link.next(batch);
  REQUIRE_FALSE(pulled.has_value());
  CHECK(pulled.error().kind == ErrorKind::kMachine);
  CHECK(pulled.error().message ==
        "the events do not add up: stage 'loser' dropped a batch; this is a fault in weir");
}
