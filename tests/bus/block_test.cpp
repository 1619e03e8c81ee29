#include "bus/block.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("a block gives back what was put in, column by column") {
  BlockBuilder builder;
  BlockBuilder::Event plain;
  plain.payload = "{\"a\":1}";
  builder.add(plain);
  BlockBuilder::Event full;
  full.payload = "[ 2 ]";
  full.id = "bot";
  full.source_time = -5;
  full.correlation = {.source = "orders",
                      .start = "z/2026/11/28/06/39/1795847946235-0000002",
                      .end = "not an eid",
                      .units = 12};
  full.written = 77;
  builder.add(full);
  full.correlation.start = "z/2026/11/28/06/39/1795847946236-0000000";
  full.correlation.end = {};
  builder.add(full);
  CHECK(builder.count() == 3);
  const Block block = builder.take(1000);
  CHECK(builder.count() == 0);
  CHECK(block.count == 3);
  CHECK(block.least_time == -5);
  CHECK(block.greatest_time == 1000);
  std::string payloads(block.payload_bytes, '\0');
  REQUIRE(decode_payloads(block, payloads.data()));
  CHECK(payloads == "{\"a\":1}\n[ 2 ]\n[ 2 ]\n");
  Envelopes envelopes;
  REQUIRE(decode_envelopes(block, {.ms = 1000, .sequence = 9'999'999}, envelopes));
  REQUIRE(envelopes.rows.size() == 3);
  const Envelope& first = envelopes.rows[0];
  CHECK(first.eid == Eid{1000, 9'999'999});
  CHECK(first.timestamp == 1000);
  CHECK(first.source_time == 1000);
  CHECK(first.id.empty());
  CHECK(!first.correlation.is_there());
  const Envelope& second = envelopes.rows[1];
  CHECK(second.eid == Eid{1001, 0});
  CHECK(second.timestamp == 77);
  CHECK(second.source_time == -5);
  CHECK(second.id == "bot");
  CHECK(second.correlation.source == "orders");
  CHECK(second.correlation.start == "z/2026/11/28/06/39/1795847946235-0000002");
  CHECK(second.correlation.end == "not an eid");
  CHECK(second.correlation.units == 12);
  CHECK(envelopes.rows[2].correlation.start == "z/2026/11/28/06/39/1795847946236-0000000");
  CHECK(envelopes.rows[2].correlation.end.empty());
}

TEST_CASE("eids that were given are kept") {
  BlockBuilder builder;
  BlockBuilder::Event event;
  event.payload = "1";
  event.eid = Eid{5, 3};
  builder.add(event);
  event.eid = Eid{9, 1};
  builder.add(event);
  CHECK(builder.first_given() == Eid{5, 3});
  CHECK(builder.last_given() == Eid{9, 1});
  const Block block = builder.take(1000);
  CHECK(!builder.first_given());
  Envelopes envelopes;
  REQUIRE(decode_envelopes(block, {5, 3}, envelopes));
  CHECK(envelopes.rows[0].eid == Eid{5, 3});
  CHECK(envelopes.rows[1].eid == Eid{9, 1});
  CHECK(envelopes.rows[1].timestamp == 9);
}

TEST_CASE("as many bots as events are no trouble") {
  BlockBuilder builder;
  for (uint32_t i = 0; i < BlockBuilder::kEvents; ++i) {
    const std::string id = std::to_string(i);
    BlockBuilder::Event event;
    event.payload = "1";
    event.id = id;
    builder.add(event);
  }
  Envelopes envelopes;
  REQUIRE(decode_envelopes(builder.take(0), {}, envelopes));
  CHECK(envelopes.rows.at(0).id == "0");
  CHECK(envelopes.rows.at(16'383).id == "16383");
}

TEST_CASE("a block is full by bytes or by events") {
  BlockBuilder builder;
  const std::string large(BlockBuilder::kBytes, 'x');
  BlockBuilder::Event event;
  event.payload = large;
  builder.add(event);
  CHECK(builder.is_full());
  builder.take(0);
  event.payload = "1";
  for (uint32_t i = 0; i + 1 < BlockBuilder::kEvents; ++i) builder.add(event);
  CHECK(!builder.is_full());
  builder.add(event);
  CHECK(builder.is_full());
}

TEST_CASE("what is damaged is said") {
  BlockBuilder builder;
  BlockBuilder::Event event;
  event.payload = "1";
  builder.add(event);
  const Block block = builder.take(1000);
  Envelopes out;
  Block damaged = block;
  damaged.envelopes = "none";
  CHECK(decode_envelopes(damaged, {}, out).error() == "the envelopes are no zstd frame");
  damaged.envelopes = block.envelopes;
  damaged.envelopes.back() = static_cast<char>(damaged.envelopes.back() ^ 1);
  CHECK(decode_envelopes(damaged, {}, out).error().starts_with("the envelopes are damaged: "));
  damaged = block;
  damaged.count = 2;
  CHECK(decode_envelopes(damaged, {}, out).error() == "the envelopes are damaged");
  std::string to(10, '\0');
  damaged = block;
  damaged.payload_bytes = 5;
  CHECK(decode_payloads(damaged, to.data()).error() ==
        "the payloads are damaged: it holds fewer bytes than it says");
}

TEST_CASE("events of a block go into another as they are, and places in it are found") {
  BlockBuilder builder;
  BlockBuilder::Event event;
  event.payload = "1";
  for (const uint32_t sequence : {3U, 4U, 9U}) {
    event.eid = Eid{5, sequence};
    builder.add(event);
  }
  const Block block = builder.take(1000);
  CHECK(!block.has_unknown_time);
  CHECK(block.least_time == 5);
  CHECK(block.greatest_time == 5);
  const auto decoded = decode_block(block, {5, 3});
  REQUIRE(decoded);
  for (size_t i = 0; i < 3; ++i) builder.add((*decoded)->event(i));
  const Block again = builder.take(2000);
  CHECK(again.envelopes == block.envelopes);
  CHECK(again.payloads == block.payloads);
  const auto at = [&](uint32_t sequence) { return *find_in_block(block, {5, 3}, {5, sequence}); };
  CHECK(at(2).before == 0);
  CHECK(at(2).next == Eid{5, 3});
  CHECK(at(4).before == 2);
  CHECK(at(4).next == Eid{5, 9});
  CHECK(at(8).before == 2);
  CHECK(at(9).before == 3);
  CHECK(!at(9).next);
  Block damaged = block;
  BlockBuilder::Event alone;
  alone.payload = "12345";
  builder.add(alone);
  damaged.payloads = builder.take(1000).payloads;
  CHECK(decode_block(damaged, {5, 3}).error() == "it has not as many events as envelopes");
  damaged.count = 30;
  CHECK(find_in_block(damaged, {5, 3}, {6, 0}).error() == "the envelopes are damaged");
}

TEST_CASE("the times of a block are those of its events, however they come by them") {
  BlockBuilder builder;
  BlockBuilder::Event event;
  event.payload = "1";
  event.written = 50;
  builder.add(event);
  event.source_time = 70;
  builder.add(event);
  const Block known = builder.take(1000);
  CHECK(known.least_time == 50);
  CHECK(known.greatest_time == 70);
  BlockBuilder::Event unknown;
  unknown.payload = "1";
  builder.add(unknown);
  CHECK(builder.take(1000).has_unknown_time);
}
