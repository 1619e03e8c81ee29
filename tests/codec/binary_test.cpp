#include "codec/binary.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using weir::BinaryKind;
using weir::detect_binary;

TEST_CASE("what a kind is does not depend on how much has arrived") {
  std::string tar = "a.ndjson";
  tar.resize(257, '\0');
  tar += "ustar";
  std::string lines = "{\"a\":1}\n";
  lines.resize(257, ' ');
  lines += "ustar";
  const std::vector<std::pair<std::string, std::string>> inputs = {
      {tar + "rest", "tar"},   {lines, ""},   {"PK\x03\x04rest", "zip"}, {"PK\n", ""},
      {"BZh91AY&SY", "bzip2"}, {"BZh9\n", ""}};
  for (const auto& [content, name] : inputs) {
    CAPTURE(content);
    for (size_t size = 1; size <= content.size(); ++size) {
      const bool whole = size == content.size();
      const auto kind = detect_binary(std::string_view(content).substr(0, size), whole);
      if (!kind) CHECK_FALSE(whole);
      if (kind) CHECK((*kind == nullptr ? "" : (*kind)->name) == name);
    }
  }
}

TEST_CASE("a line is known to be no binary as soon as it is there") {
  CHECK(detect_binary("{\"a\":1}\n", false) == nullptr);
  CHECK_FALSE(detect_binary("P", false).has_value());
  CHECK(detect_binary("", true) == nullptr);
}
