#include "codec/format.h"

#include <doctest/doctest.h>

#include <string>

#include "codec/compression.h"
#include "codec/unwritten.h"

using namespace weir;

TEST_CASE("formats by name") {
  CHECK(format_of_name("a.ndjson") == Format::kNdjson);
  CHECK(format_of_name("logs/a.jsonl.gz") == Format::kNdjson);
  CHECK(format_of_name("a.log.json") == Format::kNdjson);
  CHECK(format_of_name("T.CSV") == Format::kCsv);
  CHECK(format_of_name("t.csv.zst") == Format::kCsv);
  CHECK(format_of_name("t.tsv.gz") == Format::kTsv);
  CHECK(format_of_name("T.Tab") == Format::kTsv);
  CHECK(format_of_name("server.log") == Format::kText);
  CHECK(format_of_name("access.log.3.gz") == Format::kText);
  CHECK(format_of_name("server.log.2016-12-19-20") == Format::kText);
  CHECK(format_of_name("notes.txt") == Format::kText);
  CHECK(format_of_name("log") == Format::kNdjson);
  CHECK(format_of_name("a.log/b") == Format::kNdjson);
  CHECK(format_of_name("catalog.x") == Format::kNdjson);
}

TEST_CASE("formats by content, whatever has arrived") {
  CHECK(detect_format(Format::kText, "  \n{\"a\"", false) == Format::kNdjson);
  CHECK(detect_format(Format::kText, " plain", false) == Format::kText);
  CHECK_FALSE(detect_format(Format::kText, " \n", false).has_value());
  CHECK(detect_format(Format::kText, " \n", true) == Format::kText);
  CHECK(detect_format(Format::kText, std::string(kDetectionBytes, ' ') + "{", false) ==
        Format::kText);
  CHECK(detect_format(Format::kCsv, "{", false) == Format::kCsv);
}

TEST_CASE("names of formats") {
  for (const Format format : {Format::kNdjson, Format::kCsv, Format::kTsv, Format::kText}) {
    CHECK(find_format(format_name(format)) == format);
  }
  CHECK_FALSE(find_format("xml").has_value());
}

TEST_CASE("compression by name and by content") {
  CHECK(compression_of_name("a.gz") == Compression::kGzip);
  CHECK(compression_of_name("a.csv.ZST") == Compression::kZstd);
  CHECK(compression_of_name(".gz") == Compression::kNone);
  CHECK(compression_of_name("a") == Compression::kNone);
  CHECK(detect_compression("\x1f\x8b", false) == Compression::kGzip);
  CHECK(detect_compression("\x28\xb5\x2f\xfd", false) == Compression::kZstd);
  CHECK(detect_compression("\x5a\x2a\x4d\x18", false) == Compression::kZstd);
  CHECK(detect_compression("{", false) == Compression::kNone);
  CHECK(detect_compression("Pair", false) == Compression::kNone);
  CHECK_FALSE(detect_compression("", false).has_value());
  CHECK_FALSE(detect_compression("\x1f", false).has_value());
  CHECK_FALSE(detect_compression("P*", false).has_value());
  CHECK(detect_compression("P*", true) == Compression::kNone);
}

TEST_CASE("names that promise what is not written") {
  CHECK(why_not_written("a.csv", {}).empty());
  CHECK(why_not_written("a.xz.d/b", {}).empty());
  CHECK(why_not_written(".xz", {}).empty());
  CHECK_FALSE(why_not_written("a.XZ", {}).empty());
  CHECK_FALSE(why_not_written("a.xz", {.has_format = true}).empty());
  CHECK(why_not_written("a.xz", {.has_compression = true}).empty());
  CHECK_FALSE(why_not_written("a.xlsx.gz", {.has_compression = true}).empty());
  CHECK(why_not_written("a.xlsx.gz", {.has_format = true}).empty());
}
