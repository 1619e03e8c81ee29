#include "runtime/report.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using weir::Batch;
using weir::Fate;
using weir::Note;
using weir::Report;

namespace {

const auto kOrigin = std::make_shared<const weir::Origin>(weir::Origin{.name = "a.ndjson"});

/// A batch of `count` rows that stage `born` made, from line 1 on.
void fill(Batch& batch, uint32_t count, uint8_t born = 0) {
  batch.reset();
  batch.born = born;
  batch.origin = kOrigin;
  batch.first_line = 1;
  for (uint32_t i = 0; i < count; ++i) batch.add_text("{}", i);
}

void let_go(Batch& batch, uint32_t row) {
  batch.retain([row](uint32_t other) { return other != row; });
}

struct Run {
  std::vector<std::string> said;
  Report report;
  explicit Run(bool strict = false)
      : report(weir::Ledger({"from", "filter", "to"}), nullptr, "", strict,
               [this](std::string_view line) { said.emplace_back(line); }) {}
};

}  // namespace

TEST_CASE("a settled batch is booked stage by stage") {
  Run run;
  Batch batch;
  fill(batch, 5);
  batch.reject(0, 0, "broken");
  batch.end(1, 1, Fate::kFiltered);
  batch.end(2, 1, Fate::kFiltered);
  for (const uint32_t row : {0U, 1U, 2U}) let_go(batch, row);
  CHECK(run.report.settle(batch, 2).has_value());
  const auto& accounts = run.report.ledger().accounts();
  CHECK(accounts[0].in == 5);
  CHECK(accounts[0].fates[static_cast<size_t>(Fate::kRejected)] == 1);
  CHECK(accounts[0].out == 4);
  CHECK(accounts[1].in == 4);
  CHECK(accounts[1].fates[static_cast<size_t>(Fate::kFiltered)] == 2);
  CHECK(accounts[1].out == 2);
  CHECK(accounts[2].in == 2);
  CHECK(accounts[2].out == 2);
  CHECK(run.report.lost_events());
}

TEST_CASE("what a stage makes is made, not in") {
  Run run;
  Batch batch;
  fill(batch, 3, 1);
  CHECK(run.report.settle(batch, 2).has_value());
  const auto& accounts = run.report.ledger().accounts();
  CHECK(accounts[0].in == 0);
  CHECK(accounts[1].in == 0);
  CHECK(accounts[1].made == 3);
  CHECK(accounts[1].out == 3);
  CHECK(accounts[2].in == 3);
}

TEST_CASE("a batch may hold what came and what a stage made of it") {
  Run run;
  Batch batch;
  fill(batch, 2);
  batch.end(0, 1, Fate::kAbsorbed);
  let_go(batch, 0);
  batch.born = 1;
  for (int i = 0; i < 3; ++i) batch.add_text("{}", 0);
  batch.reject(4, 2, "not written");
  let_go(batch, 4);
  CHECK(run.report.settle(batch, 2).has_value());
  const auto& accounts = run.report.ledger().accounts();
  CHECK(accounts[0].in == 2);
  CHECK(accounts[0].made == 0);
  CHECK(accounts[1].in == 2);
  CHECK(accounts[1].made == 3);
  CHECK(accounts[1].fates[static_cast<size_t>(Fate::kAbsorbed)] == 1);
  CHECK(accounts[1].out == 4);
  CHECK(accounts[2].in == 4);
  CHECK(accounts[2].made == 0);
  CHECK(accounts[2].out == 3);
}

TEST_CASE("a lost or doubled event is noticed") {
  enum class Fault { kLost, kDoubled, kEndedUnborn };
  for (const Fault fault : {Fault::kLost, Fault::kDoubled, Fault::kEndedUnborn}) {
    Run run;
    Batch batch;
    fill(batch, 3, fault == Fault::kEndedUnborn ? 2 : 0);
    if (fault != Fault::kLost)
      batch.end(1, 1, Fault::kDoubled == fault ? Fate::kFiltered : Fate::kCut);
    if (fault != Fault::kDoubled) let_go(batch, 1);
    const auto settled = run.report.settle(batch, 2);
    REQUIRE_FALSE(settled.has_value());
    CHECK(settled.error().kind == weir::ErrorKind::kMachine);
    CHECK(settled.error().message ==
          "the events do not add up: stage 'to' or one before it lost or doubled some; this is a "
          "fault in weir");
  }
}

TEST_CASE("notes are said in the order of the rows, whatever stage made them first") {
  Run run;
  Batch batch;
  fill(batch, 3);
  batch.note(2, 1, Note::Kind::kError, "third");
  batch.reject(0, 0, "first");
  let_go(batch, 0);
  batch.note(1, 1, Note::Kind::kError, "second");
  CHECK(run.report.settle(batch, 2).has_value());
  REQUIRE(run.said.size() == 3);
  CHECK(run.said[0] == "a.ndjson:1: rejected by from: first");
  CHECK(run.said[1] == "a.ndjson:2: filter: second");
  CHECK(run.said[2] == "a.ndjson:3: filter: third");
}

TEST_CASE("what was cut off has never happened") {
  Run run;
  Batch batch;
  fill(batch, 4);
  batch.reject(1, 0, "seen");
  batch.reject(3, 0, "cut off");
  let_go(batch, 1);
  let_go(batch, 3);
  batch.truncate(3);
  CHECK(run.report.settle(batch, 2).has_value());
  CHECK(run.said.size() == 1);
  CHECK(run.report.ledger().accounts()[0].in == 3);
}

TEST_CASE("one complaint is not repeated for ever") {
  Run run;
  Batch batch;
  for (int round = 0; round < 3; ++round) {
    fill(batch, 4);
    for (uint32_t row = 0; row < 4; ++row) batch.reject(row, 0, "broken");
    batch.alive.clear();
    CHECK(run.report.settle(batch, 2).has_value());
  }
  CHECK(run.said.size() == 5);
  run.report.conclude(false);
  CHECK(run.said.back() == "7 more events were rejected by from; --errors FILE keeps them all");
}

TEST_CASE("strictness stops at the first reject") {
  Run run(true);
  Batch batch;
  fill(batch, 2);
  batch.reject(1, 0, "broken");
  let_go(batch, 1);
  const auto settled = run.report.settle(batch, 2);
  REQUIRE_FALSE(settled.has_value());
  CHECK(settled.error().kind == weir::ErrorKind::kStrict);
}
