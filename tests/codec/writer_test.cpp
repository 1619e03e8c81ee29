#include "codec/writer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "codec/framing.h"

using namespace weir;

namespace {

/// A batch of text rows, one a line, as they would have been read.
void fill(Batch& batch, const std::string& lines) {
  batch.buffer = Buffer(lines.size());
  std::memcpy(batch.buffer.data(), lines.data(), lines.size());
  CHECK(make_ndjson_framer({})->take({batch.buffer.data(), lines.size()}, true, 1000, batch));
}

std::string write_csv(const std::string& lines, std::vector<std::string> columns = {}) {
  Batch batch;
  fill(batch, lines);
  std::string out;
  const auto writer = make_writer(Format::kCsv, {.columns = std::move(columns), .stage_index = 3});
  (*writer)->write(batch, out);
  (*writer)->finish(out);
  for (const Note& note : batch.notes) {
    CHECK(note.stage == 3);
    out += "! " + note.reason + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("untouched events leave as they came, dead ones do not") {
  Batch batch;
  fill(batch, "{\"a\":1.10}\r\n[1]\n\n 2 \n{\"b\" : 1}\n\"last\"");
  std::string out;
  const auto writer = make_ndjson_writer(1);
  writer->write(batch, out);
  CHECK(out == "{\"a\":1.10}\r\n[1]\n 2 \n{\"b\" : 1}\n\"last\"\n");
  out.clear();
  batch.retain([&](uint32_t row) { return row != 1; });
  batch.rows[3].text = "{}";
  batch.rows[3].text_size = 2;
  writer->write(batch, out);
  CHECK(out == "{\"a\":1.10}\r\n 2 \n{}\n\"last\"\n");
}

TEST_CASE("untouched neighbours are there to be written in one piece") {
  const auto writer = make_ndjson_writer(1);
  Batch batch;
  CHECK(writer->as_it_lies(batch).empty());
  fill(batch, "1\n{\"b\" : 2}\r\n3\n");
  const std::string_view all(batch.buffer.data(), batch.buffer.capacity());
  CHECK(writer->as_it_lies(batch) == all);
  CHECK(writer->as_it_lies(batch).data() == all.data());
  batch.alive = {1, 2};
  CHECK(writer->as_it_lies(batch) == all.substr(2));
  batch.alive = {0, 2};
  CHECK(writer->as_it_lies(batch).empty());
  batch.alive = {0, 1, 2};
  batch.rows[1].set_text("{}");
  CHECK(writer->as_it_lies(batch).empty());
  // Between these there is an empty line, behind those no line feed.
  for (const char* const lines : {"1\n\n2\n", "1\n2"}) {
    Batch other;
    fill(other, lines);
    CHECK(writer->as_it_lies(other).empty());
  }
}

TEST_CASE("records become objects; what has no JSON form is rejected by name") {
  Batch batch;
  auto schema = std::make_shared<Schema>();
  schema->names = {"a", "q\"", "c"};
  batch.schemas.push_back(schema);
  for (int i = 0; i < 2; ++i) {
    Value* cells = batch.arena.make_array<Value>(3);
    cells[0] = Value::of_text("x\ny");
    cells[1] = i == 0 ? Value::missing() : Value::of_double(NAN);
    cells[2] = Value::of_int(7);
    batch.add_record(schema.get(), cells, {}, 0);
  }
  std::string out;
  make_ndjson_writer(2)->write(batch, out);
  CHECK(out == "{\"a\":\"x\\ny\",\"c\":7}\n");
  REQUIRE(batch.notes.size() == 1);
  CHECK(batch.notes[0].reason.starts_with("field 'q\"' cannot be written: "));
  CHECK(batch.alive == std::vector<uint32_t>{0});
}

TEST_CASE("CSV takes its header from the first event") {
  CHECK(write_csv("{\"a\":1,\"b\":\"x\"}\n{\"b\":null,\"a\":1.10}\n{}\n") ==
        "a,b\n1,x\n1.10,\n,\n");
  CHECK(write_csv("").empty());
  CHECK(write_csv("{\"a\":1,\"a\":2}\n") == "a\n1\n");
  CHECK(write_csv("{\"a\":{\"x\":[1, 2]},\"b\":true}\n") == "a,b\n\"{\"\"x\"\":[1, 2]}\",true\n");
  CHECK(write_csv("{\"\\u0061\":\"\\u00e9\"}\n") == "a\n\xc3\xa9\n");
}

TEST_CASE("CSV quotes only what needs it") {
  CHECK(write_csv("{\"a\":\"x,y\",\"b\":\"say \\\"hi\\\"\",\"c\":\"l1\\nl2\",\"d\":\" "
                  "s\",\"e\":\"p q\"}\n") ==
        "a,b,c,d,e\n\"x,y\",\"say \"\"hi\"\"\",\"l1\nl2\",\" s\",p q\n");
  CHECK(write_csv("{\"a\":\"\"}\n{\"a\":\"x\"}\n") == "a\n\"\"\nx\n");
}

TEST_CASE("CSV rejects what has no place in it") {
  CHECK(write_csv("{\"a\":1}\n{\"a\":1,\"x\":2}\n[1]\n{\"a\":3}\n") ==
        "a\n1\n3\n! field 'x' is not in the header (a): name the columns with --columns\n"
        "! the event is no object, and a CSV row has named fields\n");
  CHECK(write_csv("[1]\n{}\n{\"a\":3}\n").starts_with("a\n3\n! the event is no object"));
}

TEST_CASE("CSV with chosen columns") {
  CHECK(write_csv("{\"a\":{\"b\":1},\"c\":2,\"x\":9}\n{\"a.b\":5}\n", {"a.b", "c"}) ==
        "a.b,c\n1,2\n5,\n");
  CHECK(write_csv("", {"a"}) == "a\n");
  CHECK(write_csv("[]\n", {"a"}) == "a\n! the event is no object, and --columns names fields\n");
  CHECK_FALSE(make_writer(Format::kCsv, {.columns = {"a", "a"}}).has_value());
  CHECK_FALSE(make_writer(Format::kCsv, {.columns = {""}}).has_value());
  CHECK_FALSE(make_writer(Format::kNdjson, {.columns = {"a"}}).has_value());
}
