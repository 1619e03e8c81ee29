#include "event/kept_row.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

using namespace weir;

namespace {

using OriginPointer = std::shared_ptr<const Origin>;
const OriginPointer kOne = std::make_shared<const Origin>(Origin{.name = "one.ndjson"});
const OriginPointer kTwo = std::make_shared<const Origin>(Origin{.name = "two.ndjson"});

/// A batch of one event, at `offset` of line `line`.
void fill(Batch& batch, const OriginPointer& origin, std::string_view event, uint64_t line,
          uint64_t offset) {
  batch.reset();
  batch.buffer = Buffer(event.size());
  std::memcpy(batch.buffer.data(), event.data(), event.size());
  batch.origin = origin;
  batch.first_line = line;
  batch.buffer_offset = offset;
  batch.add_text({batch.buffer.data(), event.size()}, 0);
}

}  // namespace

TEST_CASE("kept rows leave in batches of one source, and know where they came from") {
  std::deque<KeptRow> held;
  Batch batch;
  fill(batch, kOne, "{\"a\":1}", 7, 70);
  batch.columns = {{Value::of_int(1)}};
  held.emplace_back(batch, 0);
  fill(batch, kOne, "{\"a\":2}", 7'000'000'000, 1'000);
  held.emplace_back(batch, 0);
  fill(batch, kOne, "{\"a\":3}", 7'000'000'002, 1'020);
  const std::string_view changed = batch.arena.copy("{\"a\":4}");
  batch.rows[0].text = changed.data();
  held.emplace_back(batch, 0);
  fill(batch, kTwo, "{\"b\":1}", 1, 0);
  held.emplace_back(batch, 0);
  batch.reset();

  Batch out;
  move_to_batch(held, out);
  REQUIRE(out.rows.size() == 1);
  CHECK(out.rows[0].json() == "{\"a\":1}");
  CHECK(out.rows[0].source == out.rows[0].text);
  CHECK(out.origin == kOne);
  CHECK(out.line_of(0) == 7);
  CHECK(out.offset_of(0) == 70);
  CHECK(out.columns.at(0).at(0).integer == 1);

  out.reset();
  move_to_batch(held, out);
  REQUIRE(out.rows.size() == 2);
  CHECK(out.line_of(1) == 7'000'000'002);
  CHECK(out.offset_of(1) == 1'020);
  CHECK(out.rows[1].json() == "{\"a\":4}");
  CHECK(out.rows[1].original() == "{\"a\":3}");

  out.reset();
  move_to_batch(held, out);
  REQUIRE(out.rows.size() == 1);
  CHECK(out.origin == kTwo);
  CHECK(held.empty());
}
