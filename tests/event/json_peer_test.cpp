// The checker against a peer (simdjson's DOM) and against a public suite, where that is present.
#include <doctest/doctest.h>

#include <simdjson.h>

#include <fstream>
#include <string>
#include <vector>

#include "base/base64.h"
#include "event/json_check.h"
#include "event/json_scan.h"
#include "event/json_value.h"
#include "event/random_event.h"

using weir::bench::Random;
using weir::test::mutate;
using weir::test::random_value;

TEST_CASE("the checker agrees with a DOM parser on mutated events") {
  Random random(20261123);
  simdjson::dom::parser parser;
  int valid = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = random_value(random, 0);
    for (size_t i = random.below(4); i > 0 && !text.empty(); --i) mutate(text, random);
    const auto problem = parser.parse(text).error();
    // The grammar allows numbers that no 64-bit type holds.
    if (problem == simdjson::NUMBER_ERROR) continue;
    CAPTURE(text);
    const bool accepted = weir::check_json(text).empty();
    REQUIRE(accepted == (problem == simdjson::SUCCESS));
    valid += accepted ? 1 : 0;
  }
  CHECK(valid > 10'000);
}

TEST_CASE("a scan of a valid event finds what a DOM parser finds") {
  Random random(7);
  simdjson::dom::parser parser;
  const weir::PathScanner scanner({weir::Path::dotted("a"), weir::Path::dotted("b.c")});
  int found = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text =
        "{\"a\":" + random_value(random, 1) + ",\"b\":" + random_value(random, 1) + "}";
    weir::Arena arena;
    std::vector<weir::Value> values(2);
    REQUIRE(scanner.scan(text, values, arena) == "");
    const simdjson::dom::element event = parser.parse(text).value();
    const auto expect = [&](simdjson::simdjson_result<simdjson::dom::element> peer,
                            const weir::Value& ours) {
      CAPTURE(text);
      REQUIRE((peer.error() == simdjson::SUCCESS) == !ours.is_missing());
      if (ours.is_missing()) return;
      ++found;
      std::string json;
      REQUIRE(weir::write_json(ours, json) == "");
      const std::string theirs = simdjson::minify(peer.value());
      REQUIRE(simdjson::minify(parser.parse(json).value()) == theirs);
    };
    auto nested = event["b"]["c"];
    const bool is_followed = nested.error() == simdjson::SUCCESS;
    const std::string inner = is_followed ? simdjson::minify(nested.value()) : "";
    expect(event["a"], values[0]);
    CHECK(is_followed == !values[1].is_missing());
    if (is_followed) {
      std::string json;
      REQUIRE(weir::write_json(values[1], json) == "");
      CHECK(simdjson::minify(parser.parse(json).value()) == inner);
    }
  }
  CHECK(found > 10'000);
}

TEST_CASE("the public suite of JSON texts is judged right") {
  std::ifstream cases(WEIR_SHARED "/data/jsontestsuite/test_parsing.jsonl");
  if (!cases) {
    MESSAGE("skipped: the suite is not here");
    return;
  }
  simdjson::dom::parser parser;
  int judged = 0;
  for (std::string line; std::getline(cases, line); ++judged) {
    const simdjson::dom::element one = parser.parse(line).value();
    const std::string expected(one["expect"].get_string().value());
    const auto bytes = weir::decode_base64(one["bytes_base64"].get_string().value());
    REQUIRE(bytes);
    CAPTURE(std::string(one["name"].get_string().value()));
    const bool accepted = weir::check_json(*bytes).empty();
    if (expected != "either") CHECK(accepted == (expected == "accept"));
  }
  CHECK(judged == 160);
}
