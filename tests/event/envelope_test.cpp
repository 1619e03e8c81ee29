#include "event/envelope.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("an eid there and back, and its order is that of its text") {
  const Eid eid{1'795'847'946'235, 42};
  CHECK(eid_text(eid) == "z/2026/11/28/06/39/1795847946235-0000042");
  CHECK(parse_eid("z/2026/11/28/06/39/1795847946235-0000042") == eid);
  CHECK(eid_text({0, 0}) == "z/1970/01/01/00/00/0-0000000");
  CHECK(eid_text(eid) < eid_text(eid.after(1)));
  CHECK(eid.after(9'999'957) == Eid{1'795'847'946'235, 9'999'999});
  CHECK(eid.after(9'999'958) == Eid{1'795'847'946'236, 0});
}

TEST_CASE("what only looks like an eid is none") {
  for (const std::string_view text :
       {"", "z", "z/2026/11/28/06/39/1795847946235", "z/2026/11/28/06/39/1795847946235-42",
        "z/2026/11/28/06/40/1795847946235-0000042", "z/2026/11/28/06/39/1795847946235-00000421",
        "y/2026/11/28/06/39/1795847946235-0000042", "z/2026/11/28/06/39/-5-0000042",
        "z/2026/11/28/06/39/99999999999999999999-0000042"}) {
    CAPTURE(text);
    CHECK(!parse_eid(text));
  }
}

TEST_CASE("periods from the year down to the minute") {
  const auto span = [](std::string_view text) {
    const auto period = parse_period(text);
    REQUIRE(period);
    return (period->end - period->begin) / 60'000;
  };
  CHECK(span("z/2026") == 365 * 24 * 60);
  CHECK(span("z/2024/02") == 29 * 24 * 60);
  CHECK(span("z/2026/12") == 31 * 24 * 60);
  CHECK(span("z/2026/11/28/") == 24 * 60);
  CHECK(span("z/2026/11/28/06") == 60);
  CHECK(span("z/2026/11/28/06/39") == 1);
  for (const std::string_view text :
       {"z", "z/", "2026", "z/2026/", "z/2026/00", "z/2026/13", "z/2026/02/29", "z/2026/11/28/24",
        "z/2026/11/28/06/60", "z/2026/11/28/06/39/1", "z/2026/1", "z/1969"}) {
    CAPTURE(text);
    CHECK(parse_period(text).has_value() == (text == "z/2026/"));
  }
}

TEST_CASE("an envelope there and back") {
  Envelope envelope{.eid = {1000, 1},
                    .timestamp = 1001,
                    .source_time = 900,
                    .id = "bot",
                    .correlation = {.source = "orders", .start = "a", .end = "b", .units = 3}};
  std::string json;
  write_envelope(envelope, "q", "{\"x\": 1.10}", json);
  CHECK(json ==
        R"({"id":"bot","event":"q","eid":"z/1970/01/01/00/00/1000-0000001","timestamp":1001,)"
        R"("event_source_timestamp":900,"correlation_id":{"source":"orders","start":"a",)"
        R"("end":"b","units":3},"payload":{"x": 1.10}})");
  Arena texts;
  ReadEnvelope read;
  REQUIRE(!read_envelope(json, texts, read));
  CHECK(read.eid == Eid{1000, 1});
  CHECK(read.written == 1001);
  CHECK(read.source_time == 900);
  CHECK(read.envelope.id == "bot");
  CHECK(read.envelope.correlation.units == 3);
  CHECK(read.payload == "{\"x\": 1.10}");
}

TEST_CASE("an envelope may lack all but its payload") {
  Arena texts;
  ReadEnvelope read;
  REQUIRE(!read_envelope(R"({"payload":null,"id":"a\u0062"})", texts, read));
  CHECK(read.payload == "null");
  CHECK(read.envelope.id == "ab");
  CHECK(!read.eid);
  const auto why = [&](std::string_view json) {
    const auto problem = read_envelope(json, texts, read);
    return problem ? std::string(problem->why) : "";
  };
  CHECK(why("[1]") == "it is no object");
  CHECK(why("{\"id\":\"x\"}") == "it has no payload");
  CHECK(why(R"({"eid":"z/2026","payload":1})") == "its eid is none");
  CHECK(why(R"({"timestamp":"x","payload":1})") ==
        "its timestamp is no whole number of milliseconds");
  CHECK(why(R"({"event_source_timestamp":1.5,"payload":1})") ==
        "its event_source_timestamp is no whole number of milliseconds");
  CHECK(why(R"({"id":17,"payload":1})") == "its id is no text");
  CHECK(why(R"({"correlation_id":[],"payload":1})") == "its correlation_id is no object");
  CHECK(why(R"({"correlation_id":{"source":["q"]},"payload":1})") ==
        "a member of its correlation_id is no text");
  CHECK(why(R"({"correlation_id":{"source":"q","units":"3"},"payload":1})") ==
        "the units of its correlation_id are no whole number");
  CHECK(
      why(R"({"id":null,"eid":null,"timestamp":null,"event_source_timestamp":null,)"
          R"("correlation_id":{"source":"q","start":"a","end":null,"units":null},"payload":1})") ==
      "");
  CHECK(read.envelope.correlation.start == "a");
  CHECK(!read.source_time);
  REQUIRE(!read_envelope(R"({"event_source_timestamp":0,"payload":1})", texts, read));
  CHECK(read.source_time == 0);
}
