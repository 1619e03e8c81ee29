#include "event/number_needle.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "event/json_scan.h"
#include "event/random_event.h"

using namespace weir;

namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

/// `path >= 500`
NumberNeedle at_least_500(const char* path) {
  return *NumberNeedle::of(Path::dotted(path), 500, kMost);
}

/// Members, some of which are the number that is sought, in any spelling.
std::string random_line(test::Random& random) {
  const std::vector<std::string> keys = {"\"n\"", "\"a.n\"",     "\"nn\"",
                                         "\"a\"", "\"\\u006e\"", "\"n\\\"\""};
  const std::vector<std::string> values = {
      "1",    "7",          "-3", "07",        "7.0",   "1e1",       "\"7\"", "{}",
      "null", "x",          "",   "{\"n\":3}", "[1,9]", "{\"n\":8}", "\"n",   "1234567890123456789",
      "-12",  "\"\\u0041\""};
  std::string line = "{";
  for (size_t members = random.below(5); members > 0; --members) {
    const bool plain = random.below(3) != 0;
    line += plain ? "\"n\"" : keys[random.below(keys.size())];
    line += std::vector<std::string>{":", " : ", ":\t", "", ":"}[random.below(plain ? 3 : 5)];
    line += plain && random.below(4) != 0 ? "1" : values[random.below(values.size())];
    line += std::vector<std::string>{",", " ,", "\r,"}[random.below(3)];
    if (random.below(4) == 0) line += "\"x\":\"" + std::string(random.below(150), 'n') + "\",";
  }
  line += random.below(2) == 0 ? "\"z\":0}" : "}";
  for (size_t i = random.below(8); i < 2; ++i) test::mutate(line, random);
  std::erase(line, '\n');
  return line;
}

}  // namespace

TEST_CASE("an event lacks a number if its key is there, with whole numbers elsewhere") {
  const NumberNeedle needle = at_least_500("http.status");
  CHECK(needle.name() == "status");
  for (const char* const json :
       {R"({"http":{"status":499}})", R"({"http.status":0})", R"({"status" : -500 ,"status":3})",
        R"({"exit_status":499,"http":{})", R"({status":1])", "{\"status\"\t:\r7\r}",
        R"({"a":"status","b":["status"],"status":9})", R"({"status":499)", R"({"status":4)",
        "{\"status\":1\n}", R"({"status":499,"a":"\n\\"})"}) {
    CAPTURE(json);
    CHECK(needle.is_lacked_by(json));
  }
  for (const char* const json : {R"({"http":{"status":500}})",
                                 R"({"http":{}})",
                                 "",
                                 R"({"status":499,"status":501})",
                                 R"({"status":499,"\u0073tatus":1})",
                                 R"({"status":499.0})",
                                 R"({"status":4e2})",
                                 R"({"status":"499"})",
                                 R"({"status":null})",
                                 R"({"status":})",
                                 R"({"status":0499})",
                                 R"({"status":-})",
                                 R"({"status":)",
                                 R"({"status")",
                                 "{\"status\":\n1}",
                                 "{\"status\"\n:1}",
                                 R"({"status":1234567890123456789})",
                                 R"({"status":-1234567890123456789})",
                                 R"({"status":1x})",
                                 R"({"stat":1})",
                                 R"(status":1])",
                                 R"( {"status":1})",
                                 R"(x{"status":1})",
                                 R"(["status":1])",
                                 R"("status":1)",
                                 R"({"status":{"status":1}})"}) {
    CAPTURE(json);
    CHECK_FALSE(needle.is_lacked_by(json));
  }
}

TEST_CASE("numbers lie between two, those included") {
  const auto lacking = [](int64_t least, int64_t most) {
    const NumberNeedle needle = *NumberNeedle::of(Path::single("n"), least, most);
    std::string all;
    for (const char* const number :
         {"-999999999999999999", "-3", "-0", "0", "7", "999999999999999999"}) {
      all += needle.is_lacked_by(R"({"n":)" + std::string(number) + "}") ? "-" : "+";
    }
    return all;
  };
  CHECK(lacking(-3, 0) == "-+++--");
  CHECK(lacking(-kMost, -3) == "++----");
  CHECK(lacking(7, 7) == "----+-");
  CHECK(lacking(999'999'999'999'999'999, kMost) == "-----+");
  CHECK(lacking(-999'999'999'999'999'999, -999'999'999'999'999'999) == "+-----");
  CHECK(lacking(8, 7) == "------");
}

TEST_CASE("names may be longer than what they are found by") {
  if (best_kernels() == nullptr) return;
  const std::string name = "zq" + std::string(150, 'a');
  const NumberNeedle needle = *NumberNeedle::of(Path::single(name), 5, kMost);
  const std::string lines = "{\"" + name + "\":4}\n{\"" + name + "\":4,\"" + name + "b\":7}\n{\"b" +
                            name + "\":3}\n{\"" + name + "\":5}\n";
  NumberSearch search(needle, lines, lines.data() + lines.size());
  CHECK(search.next().events == 3);
  CHECK(search.next().events == 0);
}

TEST_CASE("names that have several spellings are not looked for") {
  for (const char* const name : {"a/b", "a\"b", "a\\b", "a\tb", ""}) {
    CAPTURE(name);
    CHECK_FALSE(NumberNeedle::of(Path::single(name), 0, 1));
  }
  CHECK_FALSE(NumberNeedle::of(Path{}, 0, 1));
  CHECK(NumberNeedle::of(Path::single("a b \xc3\xa9"), 0, 1));
}

TEST_CASE("what lacks a number has no such field") {
  test::Random random(91);
  const NumberNeedle needle = *NumberNeedle::of(Path::dotted("a.n"), 5, kMost);
  const PathScanner scanner(std::vector<Path>{Path::dotted("a.n")});
  int lacking = 0;
  int numbers = 0;
  for (int round = 0; round < 100'000; ++round) {
    const std::string line = random_line(random);
    if (!needle.is_lacked_by(line)) continue;
    ++lacking;
    Arena arena;
    Value value;
    if (!scanner.scan(line, {&value, 1}, arena, nullptr).empty() || value.is_missing()) continue;
    ++numbers;
    CAPTURE(line);
    REQUIRE(value.kind == Kind::kInt);
    REQUIRE(value.integer < 5);
  }
  CHECK(lacking > 10'000);
  CHECK(numbers > 300);
}

TEST_CASE("lines are searched as if each stood alone") {
  if (best_kernels() == nullptr) return;
  test::Random random(92);
  const NumberNeedle needle = *NumberNeedle::of(Path::dotted("a.n"), 5, kMost);
  size_t passed = 0;
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    const uint64_t rare = 1 + random.below(30);
    for (size_t lines = random.below(150); lines > 0; --lines) {
      text += (random.below(rare) == 0
                   ? random_line(random)
                   : "{\"x\":\"" + std::string(random.below(90), 'n') + "\",\"n\":4}") +
              "\n";
    }
    // Memory of its own, so that a look too far is seen, or with bytes behind that look as if they
    // belonged to it.
    const bool is_alone = random.below(2) == 0;
    std::vector<char> memory(text.begin(), text.end());
    for (size_t i = 0; !is_alone && i < 2 * kKernelReach; ++i)
      memory.push_back("\"n\":9,\\u"[i % 8]);
    memory.shrink_to_fit();
    const std::string_view lines(memory.data(), text.size());
    NumberSearch search(needle, lines, memory.data() + memory.size());
    std::string_view left = lines;
    while (!left.empty()) {
      NumberSearch::Front wanted;
      size_t feed = 0;
      while (wanted.bytes < left.size()) {
        feed = left.find('\n', wanted.bytes);
        if (!needle.is_lacked_by(left.substr(wanted.bytes, feed - wanted.bytes))) break;
        wanted = {wanted.events + 1, feed + 1};
      }
      CAPTURE(text);
      const NumberSearch::Front found = search.next();
      REQUIRE(found.events == wanted.events);
      REQUIRE(found.bytes == wanted.bytes);
      passed += found.events;
      left.remove_prefix(wanted.bytes == left.size() ? wanted.bytes : feed + 1);
    }
  }
  CHECK(passed > 50'000);
}
