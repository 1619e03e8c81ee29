#include "sink/rejects.h"

#include <doctest/doctest.h>

#include <cstring>

#include "base/fake_files.h"
#include "codec/framing.h"

using namespace weir;

namespace {

std::string write_rejects(const std::string& input, FramingOptions options = {}) {
  FakeFiles files;
  const auto sink = make_reject_sink(Endpoint{}, files);
  CHECK(sink->open().has_value());
  Batch batch;
  batch.buffer = Buffer(input.size());
  std::memcpy(batch.buffer.data(), input.data(), input.size());
  CHECK(make_ndjson_framer(options)->take({batch.buffer.data(), input.size()}, true, 99, batch));
  batch.origin = std::make_shared<const Origin>(Origin{.name = "a.ndjson"});
  for (uint32_t i = 0; i < batch.rows.size(); ++i) {
    CHECK(sink->write(batch, i, "filter", "be\"cause").has_value());
  }
  CHECK(sink->finish(Outcome::kComplete).has_value());
  return files.output;
}

}  // namespace

TEST_CASE("a reject says where it is from, and what it was") {
  CHECK(write_rejects("1\n{\"a\n") ==
        "{\"file\":\"a.ndjson\",\"line\":1,\"offset\":0,\"stage\":\"filter\",\"reason\":"
        "\"be\\\"cause\","
        "\"text\":\"1\"}\n"
        "{\"file\":\"a.ndjson\",\"line\":2,\"offset\":2,\"stage\":\"filter\",\"reason\":"
        "\"be\\\"cause\","
        "\"text\":\"{\\\"a\"}\n");
}

TEST_CASE("bytes that are no UTF-8 are kept as base64") {
  CHECK(write_rejects("\xff\xfe\n").ends_with(",\"base64\":\"//4=\"}\n"));
  CHECK(write_rejects(std::string("a\0b\n", 4)).ends_with(",\"text\":\"a\\u0000b\"}\n"));
}

TEST_CASE("a cut event says how long it was, and is not cut inside a character") {
  const std::string text = std::string(kCutBytes - 1, 'x') + "\xc3\xa9 and more\n";
  const std::string out = write_rejects(text, {.max_event = 1000});
  CHECK(out.ends_with("x\",\"length\":" + std::to_string(text.size() - 1) + "}\n"));
}

TEST_CASE("what a stage made has no origin") {
  FakeFiles files;
  const auto sink = make_reject_sink(Endpoint{}, files);
  Batch batch;
  auto schema = std::make_shared<Schema>();
  schema->names = {"n", "bad"};
  batch.schemas.push_back(schema);
  Value* cells = batch.arena.make_array<Value>(2);
  cells[0] = Value::of_int(3);
  cells[1] = Value::error("oh");
  batch.add_record(schema.get(), cells, {}, 0);
  CHECK(sink->open().has_value());
  CHECK(sink->write(batch, 0, "to", "name \xff").has_value());
  CHECK(sink->finish(Outcome::kComplete).has_value());
  CHECK(files.output ==
        "{\"stage\":\"to\",\"reason\":\"name "
        "\xef\xbf\xbd\",\"text\":\"{\\\"n\\\":3,\\\"bad\\\":null}\"}\n");
}

TEST_CASE("what a stage made of an event has the place of that event and a text of its own") {
  FakeFiles files;
  const auto sink = make_reject_sink(Endpoint{}, files);
  CHECK(sink->open().has_value());
  Batch batch;
  batch.origin = std::make_shared<const Origin>(Origin{.name = "a.ndjson"});
  batch.first_line = 7;
  batch.buffer = Buffer(9);
  std::memcpy(batch.buffer.data(), "{\"a\":[1]}", 9);
  const Row whole = batch.add_text({batch.buffer.data(), 9}, 0);
  Row& part = batch.add_text("{\"a\":1}", 0);
  part.source = whole.source;
  part.source_size = whole.source_size;
  part.born = 1;
  CHECK(sink->write(batch, 1, "set", "why").has_value());
  CHECK(sink->finish(Outcome::kComplete).has_value());
  CHECK(files.output ==
        "{\"file\":\"a.ndjson\",\"line\":7,\"offset\":0,\"stage\":\"set\",\"reason\":\"why\","
        "\"text\":\"{\\\"a\\\":1}\"}\n");
}
