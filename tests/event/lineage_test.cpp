#include "event/lineage.h"

#include <doctest/doctest.h>

#include <deque>

#include "event/kept_row.h"

using namespace weir;

namespace {

Eid eid(uint32_t sequence) { return {.ms = 1'764'000'000'000, .sequence = sequence}; }

/// A batch of `times.size()` events of a queue, their eids from `first` on.
void fill(Batch& batch, const std::string& queue, uint32_t first, std::vector<int64_t> times) {
  batch.reset();
  auto envelopes = std::make_shared<Envelopes>();
  envelopes->queue = queue;
  for (const int64_t time : times) {
    Envelope envelope;
    envelope.eid = eid(first++);
    envelope.source_time = time;
    envelopes->rows.push_back(envelope);
    batch.add_text("{}", static_cast<uint32_t>(batch.rows.size()));
  }
  batch.origin = std::make_shared<const Origin>(
      Origin{.name = "queue:" + queue, .envelopes = std::move(envelopes)});
  batch.first_line = 1;
}

/// A batch of one row for each line, made of several.
void make(Batch& batch, MadeEnvelopes& envelopes, std::initializer_list<uint32_t> lines) {
  batch.reset();
  for (const uint32_t line : lines) batch.add_text("{}", line).is_made = true;
  batch.made = envelopes.take();
}

}  // namespace

TEST_CASE("what is made of events of a queue names the first and the last, and the earliest time") {
  Batch batch;
  Lineage lineage;
  MadeEnvelopes envelopes;
  CHECK(lineage.empty());
  fill(batch, "q", 5, {300, 100, 200});
  for (const uint32_t row : {0U, 1U, 2U}) lineage.add(batch, row);
  const uint32_t first = envelopes.add(lineage);
  lineage.clear();
  fill(batch, "q", 8, {400});
  lineage.add(batch, 0);
  // What one event became counts once.
  lineage.add(batch, 0);
  const uint32_t second = envelopes.add(lineage);

  Batch out;
  make(out, envelopes, {first, second, 0});
  const Envelope* envelope = out.envelope_of(0);
  REQUIRE(envelope != nullptr);
  CHECK(out.origin_of(0)->envelopes->made);
  CHECK(envelope->eid == eid(5));
  CHECK(envelope->source_time == 100);
  CHECK(envelope->correlation.source == "q");
  CHECK(envelope->correlation.start == eid_text(eid(5)));
  CHECK(envelope->correlation.end == eid_text(eid(7)));
  CHECK(envelope->correlation.units == 3);
  CHECK(out.place_of(0) == "queue:q " + eid_text(eid(5)) + " to " + eid_text(eid(7)));

  envelope = out.envelope_of(1);
  REQUIRE(envelope != nullptr);
  CHECK(envelope->correlation.end.empty());
  CHECK(envelope->correlation.units == 1);
  CHECK(out.place_of(1) == "queue:q " + eid_text(eid(8)));

  CHECK(out.envelope_of(2) == nullptr);
}

TEST_CASE("what is made of such events in turn spans all of theirs, also of kept ones") {
  Batch batch;
  Lineage lineage;
  MadeEnvelopes envelopes;
  std::deque<KeptRow> kept;
  for (const uint32_t first : {20U, 10U}) {
    fill(batch, "q", first, {50 + first, 60 + first});
    lineage.clear();
    for (const uint32_t row : {0U, 1U}) lineage.add(batch, row);
    Batch made;
    make(made, envelopes, {envelopes.add(lineage)});
    kept.emplace_back(made, 0);
  }
  lineage.clear();
  while (!kept.empty()) {
    batch.reset();
    move_to_batch(kept, batch);
    REQUIRE(batch.rows.size() == 1);
    CHECK(batch.origin_of(0)->envelopes->made);
    lineage.add(batch, 0);
  }
  Batch out;
  make(out, envelopes, {envelopes.add(lineage)});
  const Envelope* const envelope = out.envelope_of(0);
  REQUIRE(envelope != nullptr);
  CHECK(envelope->correlation.start == eid_text(eid(10)));
  CHECK(envelope->correlation.end == eid_text(eid(21)));
  CHECK(envelope->correlation.units == 4);
  CHECK(envelope->source_time == 60);
}

TEST_CASE("events of no queue have no lineage, and one queue's is not mixed with another's") {
  Batch batch;
  Lineage lineage;
  MadeEnvelopes envelopes;
  batch.add_text("{}", 0);
  lineage.add(batch, 0);
  CHECK(lineage.empty());
  CHECK(envelopes.add(lineage) == 0);
  CHECK(envelopes.take() == nullptr);
  batch.rows[0].is_made = true;
  CHECK(batch.place_of(0) == "a result");

  fill(batch, "q", 1, {10});
  lineage.add(batch, 0);
  fill(batch, "other", 0, {5});
  lineage.add(batch, 0);
  const uint32_t line = envelopes.add(lineage);
  lineage.clear();
  lineage.add(batch, 0);
  CHECK(envelopes.add(lineage) == 0);
  Batch out;
  make(out, envelopes, {line});
  CHECK(out.envelope_of(0)->eid == eid(1));
  CHECK(out.envelope_of(0)->source_time == 10);
  CHECK(out.envelope_of(0)->correlation.units == 1);
}

TEST_CASE("what was added up is written and read") {
  Batch batch;
  fill(batch, "q", 5, {300, -100, 200});
  Lineage lineage;
  CHECK(lineage.text().empty());
  REQUIRE(Lineage::parse(""));
  CHECK(Lineage::parse("")->empty());
  for (const uint32_t row : {0U, 1U, 2U}) lineage.add(batch, row);
  const std::string text = lineage.text();
  auto again = Lineage::parse(text);
  REQUIRE(again);
  CHECK(again->text() == text);
  // It goes on as the one that was written, also with the event that was added last.
  fill(batch, "q", 7, {50, 50});
  for (const uint32_t row : {0U, 1U}) {
    again->add(batch, row);
    lineage.add(batch, row);
  }
  CHECK(again->text() == lineage.text());
  for (const std::string_view wrong :
       {std::string_view("q"), std::string_view(text).substr(0, text.size() - 4),
        std::string_view("q 1 2 3 4 1 1 1")}) {
    CAPTURE(wrong);
    CHECK_FALSE(Lineage::parse(wrong));
  }
  CHECK_FALSE(Lineage::parse(text + " 1"));
}
