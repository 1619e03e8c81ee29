#include "base/needle.h"

#include <doctest/doctest.h>

#include <random>

using namespace weir;

TEST_CASE("a needle is found at every place of texts of every length") {
  for (const std::string needle : {"x", "xy", "aXa", "\"checkout\"", "0123456789abcdefghij"}) {
    const Needle looked_for(needle);
    CHECK(looked_for.text() == needle);
    for (size_t size = 0; size < 80; ++size) {
      const std::string hay(size, 'a');
      CHECK_FALSE(looked_for.is_in(hay));
      for (size_t at = 0; at + needle.size() <= size; ++at) {
        // A copy of its own, so that a look outside of it is seen by the sanitizer.
        std::string with = hay;
        with.replace(at, needle.size(), needle);
        with.shrink_to_fit();
        CHECK(looked_for.is_in(with));
        std::string almost = with;
        almost[at + needle.size() - 1] = '\x01';
        CHECK(looked_for.is_in(almost) == (almost.find(needle) != std::string::npos));
      }
    }
  }
}

TEST_CASE("a needle is found where the standard library finds it") {
  std::mt19937 random(7);
  const auto text_of = [&](size_t most) {
    std::string text(random() % (most + 1), ' ');
    for (char& c : text) c = static_cast<char>("ab\"e\xff"[random() % 5]);
    return text;
  };
  int found = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string needle = text_of(5);
    const std::string hay = text_of(60);
    const bool is_there = hay.find(needle) != std::string::npos;
    CHECK(Needle(needle).is_in(hay) == is_there);
    found += is_there ? 1 : 0;
  }
  CHECK(found > 1000);
  CHECK(found < 19000);
}
