#include "base/latin1.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("every byte is a character, and comes back") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  std::string text;
  append_latin1(bytes, text);
  CHECK(text.size() == 128 + 2 * 128);
  CHECK(text.ends_with("\xc3\xbe\xc3\xbf"));
  CHECK(decode_latin1(text) == bytes);
  CHECK(decode_latin1("") == "");
}

TEST_CASE("characters beyond a byte are none") {
  CHECK_FALSE(decode_latin1("a\xc4\x80").has_value());
  CHECK_FALSE(decode_latin1("\xe2\x82\xac").has_value());
  CHECK_FALSE(decode_latin1("\xf0\x9f\x98\x80").has_value());
  CHECK_FALSE(decode_latin1("\xc3").has_value());
}
