#include "base/base64.h"

#include <doctest/doctest.h>

namespace weir {

namespace {

std::string encode(std::string_view bytes) {
  std::string text;
  append_base64(bytes, text);
  return text;
}

}  // namespace

TEST_CASE("base64: the vectors of RFC 4648, section 10") {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {{"", ""},
                                                                        {"f", "Zg=="},
                                                                        {"fo", "Zm8="},
                                                                        {"foo", "Zm9v"},
                                                                        {"foob", "Zm9vYg=="},
                                                                        {"fooba", "Zm9vYmE="},
                                                                        {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    CHECK(encode(bytes) == text);
    CHECK(decode_base64(text) == bytes);
  }
  CHECK(encode(std::string_view("\0\xff\xfe", 3)) == "AP/+");
}

TEST_CASE("base64: padding may be left out, nothing else may be wrong") {
  CHECK(decode_base64("Zg") == "f");
  CHECK(decode_base64("Zm8") == "fo");
  for (const std::string_view wrong :
       {"Z", "Zm9vY", "Zh==", "Zm9=", "Zg=", "Zg===", "====", "Zm-v", "Zm v", "Z=g=", "Zm9v="}) {
    CHECK(!decode_base64(wrong));
  }
}

}  // namespace weir
