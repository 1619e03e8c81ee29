#include "base/utf8.h"

#include <doctest/doctest.h>

#include <iterator>
#include <string>

using namespace weir;

TEST_CASE("well-formed and not") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain"));
  CHECK(is_utf8("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"));
  CHECK(is_utf8(std::string("\0", 1)));
  CHECK(is_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                          "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2\x82("}) {
    CHECK(find_bad_utf8(bad) == 0);
  }
}

TEST_CASE("a bad byte is found wherever it stands") {
  for (size_t at = 0; at < 70; ++at) {
    std::string text(70, 'a');
    text[at] = '\xff';
    CHECK(find_bad_utf8(text) == at);
    text.replace(at, 1, "\xc3\xa9");
    CHECK(is_utf8(text));
    CHECK(find_bad_utf8(text.substr(0, at + 1)) == at);
  }
}

TEST_CASE("a beginning ends between code points") {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10, 10};
  for (size_t bytes = 0; bytes < std::size(ends); ++bytes) {
    CHECK(beginning(text, bytes) == text.substr(0, ends[bytes]));
  }
}

TEST_CASE("a first character is whole") {
  CHECK(first_character("ab") == "a");
  CHECK(first_character("\xc3\xa9\xc3\xa8") == "\xc3\xa9");
  CHECK(first_character("\xf0\x9f\x98\x80!") == "\xf0\x9f\x98\x80");
  CHECK(first_character("\xc3") == "\xc3");
}
