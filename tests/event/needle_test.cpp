#include "event/needle.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "event/batch.h"

using namespace weir;

TEST_CASE("a needle is found at every place of texts of every length") {
  for (const std::string needle : {"x", "xy", "aXa", "\"checkout\"", "0123456789abcdefghij"}) {
    const Needle looked_for(needle);
    CHECK(looked_for.text() == needle);
    for (size_t size = 0; size < 80; ++size) {
      const std::string hay(size, 'a');
      CHECK_FALSE(looked_for.may_be_in(hay));
      for (size_t at = 0; at + needle.size() <= size; ++at) {
        // A copy of its own, so that a look outside of it is seen by the sanitizer.
        std::string with = hay;
        with.replace(at, needle.size(), needle);
        with.shrink_to_fit();
        CHECK(looked_for.may_be_in(with));
        std::string almost = with;
        almost[at + needle.size() - 1] = '\x01';
        CHECK(looked_for.may_be_in(almost) == (almost.find(needle) != std::string::npos));
      }
    }
  }
}

TEST_CASE("a needle is found where the standard library finds it") {
  std::mt19937 random(7);
  const auto text_of = [&](size_t most) {
    std::string text(random() % (most + 1), ' ');
    for (char& c : text) c = static_cast<char>("ab\"\\u\xff"[random() % 6]);
    return text;
  };
  int found = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string needle = text_of(5);
    const std::string hay = text_of(60);
    const bool is_there =
        hay.find(needle) != std::string::npos || hay.find("\\u") != std::string::npos;
    CHECK(Needle(needle).may_be_in(hay) == is_there);
    found += is_there ? 1 : 0;
  }
  CHECK(found > 1000);
  CHECK(found < 19000);
}

TEST_CASE("an escape that could spell a letter of a needle is found at every place") {
  const Needle looked_for("checkout");
  for (size_t size = 2; size < 150; ++size) {
    for (size_t at = 0; at + 2 <= size; ++at) {
      std::string hay(size, 'c');
      hay.replace(at, 2, "\\u");
      hay.shrink_to_fit();
      CHECK(looked_for.may_be_in(hay));
      hay[at + 1] = 'n';
      CHECK_FALSE(looked_for.may_be_in(hay));
    }
  }
}

TEST_CASE("what lies behind a text counts for nothing") {
  const std::string neighbours = "a\\uneedle" + std::string(300, 'x');
  const char* const readable = neighbours.data() + neighbours.size();
  const Needle looked_for("needle");
  CHECK_FALSE(looked_for.may_be_in({neighbours.data(), 2}, readable));
  CHECK(looked_for.may_be_in({neighbours.data(), 3}, readable));
  CHECK_FALSE(looked_for.may_be_in({neighbours.data() + 3, 5}, readable));
  CHECK(looked_for.may_be_in({neighbours.data() + 3, 6}, readable));
}

TEST_CASE("many rows searched at once are those searched one by one") {
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    Batch batch;
    batch.buffer = Buffer(4000);
    char* const start = batch.buffer.data();
    size_t size = 0;
    const size_t rows = random() % 40;
    const size_t letters = 2 + random() % 40;
    for (size_t row = 0; row < rows; ++row) {
      const size_t length = random() % 90;
      char* const text = start + size;
      for (size_t i = 0; i < length; ++i)
        text[i] = "ab\\u"[std::min(random() % letters, size_t{3})];
      for (size_t i = 0; i < length; ++i) text[i] = random() % letters < 3 ? text[i] : 'x';
      batch.add_text({text, length}, static_cast<uint32_t>(row));
      size += length;
      start[size++] = '\n';
      // A row in between that is ruled out already, or lies elsewhere.
      if (random() % 8 == 0) batch.alive.pop_back();
    }
    std::string elsewhere = "xxxab";
    if (!batch.alive.empty() && random() % 2 == 0) {
      Row& row = batch.rows[batch.alive[random() % batch.alive.size()]];
      row.text = elsewhere.data();
      row.text_size = static_cast<uint32_t>(elsewhere.size());
    }
    const Needle looked_for(round % 2 == 0 ? "ab" : "a");
    NeedleSearch search(looked_for, batch);
    for (const uint32_t row : batch.alive) {
      CHECK(search.may_be_in(batch.rows[row]) == looked_for.may_be_in(batch.rows[row].json()));
    }
  }
}
