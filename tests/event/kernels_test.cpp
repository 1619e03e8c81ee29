// The kernels against the exact ways: what they decide, they decide as those do.
#include "event/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "event/json_check.h"
#include "event/json_scan.h"
#include "event/random_event.h"

using weir::Arena;
using weir::Kernels;
using weir::Path;
using weir::PathScanner;
using weir::Value;

namespace {

/// A text in a block of its size, or in a larger one with strange bytes behind it: the address
/// sanitizer sees what reads too far, and nothing may depend on what lies behind.
class Placed {
 public:
  Placed(const std::string& text, bool with_neighbours) : size_(text.size()) {
    bytes_.assign(text.begin(), text.end());
    if (with_neighbours) {
      const std::string around = "\"}]\\,:\"http\":{\"a\":\"";
      while (bytes_.size() < size_ + weir::kKernelReach) {
        bytes_.insert(bytes_.end(), around.begin(), around.end());
      }
    }
    bytes_.shrink_to_fit();
  }
  std::string_view text() const { return {bytes_.data(), size_}; }
  const char* readable() const { return bytes_.data() + bytes_.size(); }

 private:
  std::vector<char> bytes_;
  size_t size_;
};

/// Values with their spelling, and their place in the text.
std::string describe(const std::vector<Value>& values, std::string_view text) {
  std::string said;
  for (const Value& value : values) {
    said += std::to_string(static_cast<int>(value.kind));
    if (value.kind == weir::Kind::kString) {
      said += "@" + std::to_string(value.quote - text.data());
    } else if (value.is_number() || value.kind == weir::Kind::kBool) {
      said += "#" + std::to_string(value.bits);
    }
    if (!value.is_missing()) said += "=" + std::string(value.text());
    said += ' ';
  }
  return said;
}

/// All that a scan says: why the line is broken, or the values with their spelling and place.
std::string scan(PathScanner& scanner, const Kernels* kernels, const Placed& event) {
  scanner.use(kernels);
  std::vector<Value> values(scanner.size());
  Arena arena;
  std::string said = scanner.scan(event.text(), values, arena, event.readable());
  return said.empty() ? describe(values, event.text()) : "broken: " + said;
}

std::vector<std::vector<Path>> path_sets() {
  const auto paths = [](const std::vector<const char*>& names) {
    std::vector<Path> made;
    for (const char* name : names) made.push_back(Path::dotted(name));
    return made;
  };
  return {paths({"a"}),           paths({"a.b"}),        paths({"b.a.c", "b.a", "d"}),
          paths({"a", "b", "c"}), paths({"a.a.a.a"}),    paths({"missing"}),
          paths({"d.c", "d.b"}),  {Path::single("a.b")}, paths({"c", "c.c", "a.d"})};
}

}  // namespace

TEST_CASE("kernels check as the exact way does") {
  weir::test::Random random(77);
  for (int round = 0; round < 40'000; ++round) {
    std::string text = weir::test::random_event(random);
    for (size_t i = random.below(3); i > 0 && !text.empty(); --i) weir::test::mutate(text, random);
    const std::string exact = weir::check_json_with(nullptr, text);
    const Placed event(text, random.below(2) == 0);
    for (const Kernels* kernels : weir::usable_kernels()) {
      CAPTURE(kernels->name);
      CAPTURE(text);
      const bool sure = kernels->check(event.text(), event.readable());
      const bool container = text.find_first_of("[{") == text.find_first_not_of(" \t\r\n");
      REQUIRE(sure == (exact.empty() && container && !text.empty()));
      REQUIRE(weir::check_json_with(kernels, event.text(), 0, event.readable()) == exact);
    }
  }
}

TEST_CASE("kernels check tokens at every distance from the ends of blocks") {
  const std::vector<std::string> tokens = {
      "1",        "-0",          "-01",        "01",     "1.5e-3",     "1.",
      "true",     "tru",         "truex",      "\"\"",   "\"a\"",      "\"\\\\\"",
      "\"\\\"",   "\"\\u00e9\"", "\"\\u0e9\"", "{}",     "[]",         "{\"k\":1}",
      "{\"k\"}",  "[1,]",        "[,1]",       "{,}",    "{\"k\":1,}", "1 2",
      "1,2",      ":",           "\"a\":1",    "\x01",   "\"\x01\"",   "\"\xc3\xa9\"",
      "\"\xc3\"", "null",        "nul",        "[[[]]]", "[{}]",       "[}",
      "{]",       "\"a\"\"b\"",  "1\"a\"",     "\"a\"1", "  ",         "12345678901234567890123",
      "\"\\\"",   "\\"};
  for (size_t before = 0; before < 130; ++before) {
    for (const std::string& token : tokens) {
      for (const std::string& text :
           {"[" + std::string(before, ' ') + token + "]",
            "{\"" + std::string(before, 'x') + "\":" + token + "}",
            "{\"a\" :" + token + std::string(before, ' ') + ",\"b\":" + token + "}",
            "[" + std::string(before, '1') + "," + token + " ]"}) {
        const std::string exact = weir::check_json_with(nullptr, text);
        for (const Kernels* kernels : weir::usable_kernels()) {
          CAPTURE(kernels->name);
          CAPTURE(text);
          REQUIRE(kernels->check(text, text.data() + text.size()) == exact.empty());
        }
      }
    }
  }
}

TEST_CASE("kernels leave what they cannot track to the exact way") {
  for (const Kernels* kernels : weir::usable_kernels()) {
    for (const size_t depth : {size_t{62}, size_t{63}, size_t{64}, size_t{65}, size_t{1024}}) {
      const std::string text = std::string(depth, '[') + std::string(depth, ']');
      CHECK(kernels->check(text, text.data() + text.size()) == (depth <= 63));
      CHECK(weir::check_json_with(kernels, text) == "");
    }
    CHECK(weir::check_json_with(kernels, "17") == "");
    CHECK(weir::check_json_with(kernels, "[[1]]", weir::kMaxDepth - 1) != "");
  }
}

TEST_CASE("kernels scan as the exact way does") {
  weir::test::Random random(78);
  std::vector<PathScanner> scanners;
  for (const std::vector<Path>& paths : path_sets()) scanners.emplace_back(paths);
  for (int round = 0; round < 40'000; ++round) {
    std::string text = weir::test::random_event(random);
    for (size_t i = random.below(4); i > 0 && !text.empty(); --i) weir::test::mutate(text, random);
    const Placed event(text, random.below(2) == 0);
    PathScanner& scanner = scanners[random.below(scanners.size())];
    const std::string exact = scan(scanner, nullptr, event);
    for (const Kernels* kernels : weir::usable_kernels()) {
      CAPTURE(kernels->name);
      CAPTURE(text);
      REQUIRE(scan(scanner, kernels, event) == exact);
    }
  }
}

TEST_CASE("kernels scan at every distance from the ends of blocks") {
  PathScanner scanner({Path::dotted("key"), Path::dotted("o.in"), Path::dotted("o")});
  const std::vector<std::string> tails = {
      R"("key":12,"o":{"in":"x"}})",
      R"("o" : {"x":[{"in":1}],"in": -5 },"key":"v\"w"})",
      R"("o":{"in":{"in":1}},"o":{"in":2},"key":[1,{"key":2}]})",
      R"("\u006bey":1,"key":2,"o.in":3})",
      R"("k\\":1,"key":"\\","o":7})",
      R"(\"key":1,"key":2})",
      R"("key")",
      R"("key":1,"o":{"in":)",
      R"("key":1234567890123456789,"o":{"in":1.5}})",
      R"("key":-9223372036854775808,"o":{"in":9999999999999999999}})",
  };
  for (size_t before = 0; before < 130; ++before) {
    for (const std::string& tail : tails) {
      for (const std::string& text : {"{\"p\":\"" + std::string(before, 'x') + "\"," + tail,
                                      "{" + std::string(before, ' ') + tail}) {
        const Placed event(text, before % 2 == 0);
        const std::string exact = scan(scanner, nullptr, event);
        for (const Kernels* kernels : weir::usable_kernels()) {
          CAPTURE(kernels->name);
          CAPTURE(text);
          REQUIRE(scan(scanner, kernels, event) == exact);
        }
      }
    }
  }
}

TEST_CASE("kernels scan the first of some lines as if it stood alone") {
  weir::test::Random random(84);
  std::vector<PathScanner> scanners;
  for (const std::vector<Path>& paths : path_sets()) scanners.emplace_back(paths);
  std::map<std::string_view, int> sure;
  for (int round = 0; round < 40'000; ++round) {
    std::string text = weir::test::random_event(random);
    for (size_t i = random.below(3); i > 0 && !text.empty(); --i) weir::test::mutate(text, random);
    const size_t padding = random.below(130);
    if (text.starts_with('{')) text.insert(1, "\"x\":\"" + std::string(padding, 'x') + "\",");
    for (size_t i = random.below(3); i > 0; --i) text.insert(random.below(text.size() + 1), "\n");
    text += "\n" + weir::test::random_event(random) + "\n";
    const std::string_view alone = std::string_view(text).substr(0, text.find('\n'));
    const Placed first(std::string(alone), false);
    const Placed lines(text, random.below(2) == 0);
    PathScanner& scanner = scanners[random.below(scanners.size())];
    const std::string exact = scan(scanner, nullptr, first);
    for (const Kernels* kernels : weir::usable_kernels()) {
      CAPTURE(kernels->name);
      CAPTURE(text);
      scanner.use(kernels);
      std::vector<Value> values(scanner.size());
      Arena arena;
      const char* const feed = scanner.scan_line(lines.text(), values, arena, lines.readable());
      if (feed == nullptr) continue;
      ++sure[kernels->name];
      REQUIRE(static_cast<size_t>(feed - lines.text().data()) == alone.size());
      REQUIRE(describe(values, lines.text()) == exact);
    }
  }
  for (const Kernels* kernels : weir::usable_kernels()) CHECK(sure[kernels->name] > 6'000);
}

TEST_CASE("kernels find a byte wherever it stands, and no more than was asked for by a block") {
  weir::test::Random random(79);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random.below(400), '\0');
    const uint64_t sparse = 1 + random.below(100);
    for (char& c : text) c = random.below(sparse) == 0 ? '\n' : 'x';
    std::vector<uint32_t> all;
    for (uint32_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\n') all.push_back(at);
    }
    const Placed event(text, random.below(2) == 0);
    const size_t most = 1 + random.below(150);
    for (const Kernels* kernels : weir::usable_kernels()) {
      CAPTURE(kernels->name);
      REQUIRE(kernels->count_byte(event.text(), '\n') == all.size());
      std::vector<uint32_t> places(most + weir::kMoreFound);
      const size_t count = kernels->find_byte(event.text(), '\n', most, places.data());
      REQUIRE(count <= all.size());
      REQUIRE(count >= std::min(most, all.size()));
      places.resize(count);
      REQUIRE(places == std::vector<uint32_t>(all.begin(), all.begin() + std::ptrdiff_t(count)));
    }
  }
}

TEST_CASE("kernels find the first place of a needle, or of an escape of a letter") {
  weir::test::Random random(80);
  for (int round = 0; round < 40'000; ++round) {
    const auto text_of = [&](size_t size) {
      std::string text(size, '\0');
      for (char& c : text) c = "ab\\un"[random.below(random.below(2) == 0 ? 2 : 5)];
      return text;
    };
    const std::string needle = text_of(1 + random.below(random.below(9) == 0 ? 80 : 7));
    const std::string text = text_of(random.below(300));
    const size_t place = std::min(text.find(needle), text.find("\\u"));
    const size_t reach = std::min(needle.size(), weir::kNeedleReach);
    const Placed event(text, random.below(2) == 0);
    for (const Kernels* kernels : weir::usable_kernels()) {
      CAPTURE(kernels->name);
      CAPTURE(needle);
      CAPTURE(text);
      const char* const found = kernels->find_needle(
          {needle, random.below(reach), random.below(reach)}, event.text(), event.readable());
      REQUIRE(found - event.text().data() == std::ptrdiff_t(std::min(place, text.size())));
    }
  }
}

TEST_CASE("kernels count the lines in front of a needle") {
  weir::test::Random random(81);
  size_t lines = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string text(random.below(400), 'x');
    const uint64_t sparse = 1 + random.below(60);
    const std::string some = random.below(2) == 0 ? "ab\n" : "ab\n \r\\";
    for (char& c : text) c = random.below(sparse) == 0 ? some[random.below(some.size())] : c;
    const std::string needle = random.below(2) == 0 ? "ab" : "abxxb";
    const size_t place = std::min(text.find(needle), text.size());
    const std::string front = text.substr(0, place);
    const auto feeds = static_cast<size_t>(std::ranges::count(front, '\n'));
    bool has_blanks = front.starts_with('\n');
    for (const char* pair : {"\n\n", " \n", "\r\n"}) {
      has_blanks = has_blanks || front.find(pair) != std::string::npos;
    }
    const Placed event(text, random.below(2) == 0);
    for (const Kernels* kernels : weir::usable_kernels()) {
      CAPTURE(kernels->name);
      CAPTURE(text);
      weir::LineCount count;
      const char* const found =
          kernels->find_needle_in_lines({needle, 0, 1}, event.text(), event.readable(), count);
      REQUIRE(found - event.text().data() == std::ptrdiff_t(place));
      REQUIRE(count.feeds == feeds);
      REQUIRE(count.has_blanks == has_blanks);
    }
    lines += has_blanks ? 0 : feeds;
  }
  CHECK(lines > 50'000);
}

TEST_CASE("kernels note where a needle may be, and in which line") {
  weir::test::Random random(93);
  for (int round = 0; round < 2'000; ++round) {
    std::string text(random.below(1500), '\0');
    const uint64_t sparse = 1 + random.below(60);
    for (char& c : text) c = random.below(sparse) == 0 ? "ab\\\n{"[random.below(5)] : 'x';
    const std::string needle = "a" + std::string(random.below(63), 'x') + "b";
    const size_t second = needle.size() - 1;
    const Placed event(text, random.below(2) == 0);
    for (const Kernels* kernels : weir::usable_kernels()) {
      CAPTURE(kernels->name);
      CAPTURE(text);
      weir::LinePlaces places;
      size_t noted = 0;
      uint32_t line = 0;
      for (uint32_t at = 0; at < text.size(); ++at) {
        // What lies behind the text counts for nothing once the whole needle is compared.
        const bool may_be = at + second >= text.size() || text[at + second] == 'b';
        const bool has_to_be = at + second < text.size() && text[at + second] == 'b';
        if (noted == places.count) {
          noted = 0;
          kernels->note_places({needle, 0, second}, event.text(), event.readable(), places);
        }
        const bool begins_strangely =
            text[at] == '\n' && (at + 1 == text.size() || text[at + 1] != '{');
        const bool is_noted = noted < places.count && places.all[noted].at == at;
        if (is_noted) {
          REQUIRE((text[at] == '\\' || (text[at] == 'a' && may_be) || begins_strangely));
          REQUIRE(places.all[noted++].line == line + (text[at] == '\n' ? 1U : 0U));
        } else {
          const bool is_known = at + 1 < text.size() && begins_strangely;
          REQUIRE_FALSE((text[at] == '\\' || (text[at] == 'a' && has_to_be) || is_known));
        }
        line += text[at] == '\n' ? 1 : 0;
      }
      REQUIRE(noted == places.count);
    }
  }
}
