#include <doctest/doctest.h>

#include "codec/framing.h"

using namespace weir;
using Rows = std::vector<std::string>;

namespace {

Rows read_as(Format format, const std::string& text, FramingOptions options = {}) {
  const Rows whole = frame(*make_framer(format, options), text);
  for (size_t step = 1; step < 9; ++step) {
    for (const size_t max_rows : {size_t{1}, SIZE_MAX}) {
      CHECK(frame(*make_framer(format, options), text, step, max_rows) == whole);
    }
  }
  return whole;
}

}  // namespace

TEST_CASE("NDJSON keeps every byte but the line feed") {
  CHECK(read_as(Format::kNdjson, "{\"a\":1}\r\n [1] \nno json\n1.10") ==
        Rows{"1 {\"a\":1}\r", "2  [1] ", "3 no json", "4 1.10"});
}

TEST_CASE("lines of white space are no events, and are counted") {
  CHECK(read_as(Format::kNdjson, "\n \t\r\n1\n\n2\n\n") == Rows{"3 1", "5 2"});
}

TEST_CASE("text lines are messages, empty ones too") {
  CHECK(read_as(Format::kText, "one\r\n\ntwo \"x\"\nthree\r") ==
        Rows{"1 [message=one]", "2 [message=]", "3 [message=two \"x\"]", "4 [message=three]"});
  CHECK(read_as(Format::kText, "ok\nbad \xff\nok\n") ==
        Rows{"1 [message=ok]", "2 ! byte 5: not well-formed UTF-8", "3 [message=ok]"});
}

TEST_CASE("lines longer than max_event are cut, those just as long are not") {
  CHECK(read_as(Format::kNdjson, "12345678\n123456789\n1\n", {.max_event = 8}) ==
        Rows{"1 12345678", "2 ! event of 9 bytes is longer than --max-event (8 bytes)", "3 1"});
  const std::string huge(100000, 'x');
  Batch batch;
  batch.buffer = Buffer(huge.size());
  std::memcpy(batch.buffer.data(), huge.data(), huge.size());
  const auto framer = make_ndjson_framer({.max_event = 100});
  CHECK(framer->take({batch.buffer.data(), huge.size()}, true, 9, batch).value() == huge.size());
  REQUIRE(batch.rows.size() == 1);
  CHECK(batch.alive.empty());
  CHECK(batch.rows[0].source_size == kCutBytes);
  CHECK(cut_length(batch.rows[0]) == huge.size());
}
