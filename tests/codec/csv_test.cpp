#include <doctest/doctest.h>

#include <fstream>

#include "base/base64.h"
#include "codec/framing.h"
#include "event/json_value.h"
#include "event/object.h"

using namespace weir;
using Rows = std::vector<std::string>;

namespace {

/// The rows of a CSV text, which must be the same however it is cut.
Rows read_csv(const std::string& text, FramingOptions options = {}) {
  const Rows whole = frame(*make_framer(Format::kCsv, options), text);
  for (size_t step = 1; step < 12; ++step) {
    for (const size_t max_rows : {size_t{1}, size_t{3}, SIZE_MAX}) {
      CAPTURE(step);
      CHECK(frame(*make_framer(Format::kCsv, options), text, step, max_rows) == whole);
    }
  }
  return whole;
}

}  // namespace

TEST_CASE("the header names the cells") {
  CHECK(read_csv("a,b\n1,2\n3,\n") == Rows{"2 [a=1][b=2]", "3 [a=3][b=]"});
  CHECK(read_csv("a,b\r\n1,2\r\n3,4") == Rows{"2 [a=1][b=2]", "3 [a=3][b=4]"});
  CHECK(read_csv("a,b\r\n1,2\r") == Rows{"2 [a=1][b=2]"});
  CHECK(read_csv("a,b\n").empty());
  CHECK(read_csv("").empty());
  CHECK(read_csv("a;b\n1;2\n", {.separator = ';'}) == Rows{"2 [a=1][b=2]"});
}

TEST_CASE("quotes") {
  CHECK(read_csv("a,b\n\"1,2\",\"x\"\n") == Rows{"2 [a=1,2][b=x]"});
  CHECK(read_csv("a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n") == Rows{"2 [a=say \"hi\"][b=\"]"});
  CHECK(read_csv("a,b\n\"one\ntwo\",3\nx,y\n") == Rows{"2 [a=one\ntwo][b=3]", "4 [a=x][b=y]"});
  CHECK(read_csv("a,b\r\n\"one\r\ntwo\",\"3\"\r\nx,y") ==
        Rows{"2 [a=one\r\ntwo][b=3]", "4 [a=x][b=y]"});
  CHECK(read_csv("a,b\nx\"y,z\"\n") == Rows{"2 [a=x\"y][b=z\"]"});
  CHECK(read_csv("a,b\n\"\",\"\"") == Rows{"2 [a=][b=]"});
  CHECK(read_csv("\"a\nb\",c\n1,2\n") == Rows{"3 [a\nb=1][c=2]"});
}

TEST_CASE("rows that cannot be read are rejected, and the next ones are not") {
  CHECK(read_csv("a,b\n1\n2,3,4\n5,6\n") == Rows{"2 ! row has 1 field, the header has 2",
                                                 "3 ! row has 3 fields, the header has 2",
                                                 "4 [a=5][b=6]"});
  CHECK(read_csv("a,b\n\"x\"y,1\n2,3\n") ==
        Rows{"2 ! text follows the closing quote of field 1", "3 [a=2][b=3]"});
  CHECK(read_csv("a,b\n1,2\n\"open,3\n4,5\n") ==
        Rows{"2 [a=1][b=2]", "3 ! a quote is opened and not closed before the end of the input"});
  CHECK(read_csv("a,b\n1,\xff\n2,3\n") ==
        Rows{"2 ! byte 3: not well-formed UTF-8", "3 [a=2][b=3]"});
}

TEST_CASE("blank lines") {
  CHECK(read_csv("\n\na,b\n\n1,2\n\r\n\n3,4\n\n") == Rows{"5 [a=1][b=2]", "8 [a=3][b=4]"});
  CHECK(read_csv("a\n1\n\n2\n\n") == Rows{"2 [a=1]", "3 [a=]", "4 [a=2]"});
  CHECK(read_csv("a\n1\n\r\n\r\n") == Rows{"2 [a=1]", "3 [a=]"});
  CHECK(read_csv("a\n\"\"\n") == Rows{"2 [a=]"});
}

TEST_CASE("names of the header") {
  CHECK(read_csv("a,a,a\n1,2,3\n") == Rows{"2 [a=1][a_2=2][a_3=3]"});
  CHECK(read_csv("a,a,a_2\n1,2,3\n") == Rows{"2 [a=1][a_3=2][a_2=3]"});
  CHECK(read_csv(",x,\n1,2,3\n") == Rows{"2 [1=1][x=2][3=3]"});
  CHECK(read_csv("a,\xff\n1,2\n") == Rows{"error: the CSV header is not well-formed UTF-8"});
  CHECK(read_csv("a,\"b\n1,2\n").size() == 1);
}

TEST_CASE("a header of many columns is bounded") {
  const std::string text = std::string(70000, ',') + "\n1\n";
  const Rows rows = frame(*make_framer(Format::kCsv, {}), text);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == "error: the CSV header has 70001 columns, more than 65536");
}

TEST_CASE("many equal names take no quadratic time") {
  std::string text;
  for (int i = 0; i < 60000; ++i) text += "x,";
  CHECK(frame(*make_framer(Format::kCsv, {}), text + "x\n").empty());
}

TEST_CASE("a row longer than max_event is cut") {
  CHECK(read_csv("a,b\n1234567,2\n3,4\n", {.max_event = 8}) ==
        Rows{"2 ! event of 9 bytes is longer than --max-event (8 bytes)", "3 [a=3][b=4]"});
  CHECK(read_csv("abcdefghi\n", {.max_event = 8}) ==
        Rows{"error: the CSV header is longer than --max-event"});
}

TEST_CASE("a long row in quotes is passed over piece by piece, quotes honoured") {
  const std::string row = "\"a\n\"\"b,\"\r\nnext";
  for (size_t step = 1; step <= row.size(); ++step) {
    const auto framer = make_framer(Format::kCsv, {});
    size_t begin = 0;
    Framer::Passed passed;
    while (!passed.ended) {
      passed = framer->pass(std::string_view(row).substr(begin, step), begin + step >= row.size());
      begin += passed.bytes;
    }
    CHECK(row.substr(begin) == "next");
    CHECK(framer->line() == 3);
  }
}

TEST_CASE("a quoted cell in tiny pieces takes no quadratic time") {
  const std::string text = "a,b\n\"" + std::string(200000, 'x') + "\",1\n";
  const auto framer = make_framer(Format::kCsv, {});
  Buffer buffer(text.size());
  std::memcpy(buffer.data(), text.data(), text.size());
  size_t begin = 0;
  size_t rows = 0;
  for (size_t end = 1; end <= text.size(); ++end) {
    Batch batch;
    batch.buffer = buffer;
    begin += framer->take({buffer.data() + begin, end - begin}, false, 10, batch).value();
    rows += batch.rows.size();
  }
  CHECK(rows == 1);
}

TEST_CASE("csv-spectrum, and files that only must not break anything") {
  std::ifstream file(WEIR_SHARED "/data/csv/conformance.jsonl");
  for (std::string line; std::getline(file, line);) {
    CAPTURE(line);
    Arena arena;
    std::string text;
    Value expected;
    for_each_member(line, arena, [&](std::string_view key, std::string_view json) {
      const Value value = read_json_value(json, arena);
      if (key == "bytes_base64") text = decode_base64(value.text()).value();
      if (key == "expected") expected = decode_container(value, arena);
      return true;
    });
    Rows rows = frame(*make_framer(Format::kCsv, {}), text);
    CHECK(frame(*make_framer(Format::kCsv, {}), text, 3) == rows);
    if (expected.kind != Kind::kList) continue;
    for (std::string& row : rows) row.erase(0, row.find(' ') + 1);
    Rows wanted;
    for (uint32_t i = 0; i < expected.list->size; ++i) {
      const Value map = decode_container(expected.list->items[i], arena);
      std::string& row = wanted.emplace_back();
      for (uint32_t c = 0; c < map.map->size; ++c) {
        row += "[" + std::string(map.map->keys[c].text()) + "=" +
               std::string(map.map->values[c].text()) + "]";
      }
    }
    CHECK(rows == wanted);
  }
}
