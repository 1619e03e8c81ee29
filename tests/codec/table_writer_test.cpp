#include <doctest/doctest.h>

#include <string>

#include "codec/writer.h"

using namespace weir;

namespace {

std::string table(std::string_view event, Terminal terminal) {
  Batch batch;
  batch.add_text(event, 0);
  std::string out;
  const auto writer = make_writer(Format::kTable, {.terminal = terminal});
  (*writer)->write(batch, out);
  CHECK(out.empty());
  (*writer)->flush(out);
  CHECK(out.empty() == (terminal.width == 0));
  (*writer)->release(out);
  const size_t size = out.size();
  (*writer)->finish(out);
  CHECK(out.size() == size);
  return out;
}

}  // namespace

TEST_CASE("a line of a table is as wide as the terminal, and not wider") {
  constexpr std::string_view kEvent = R"({"a":"12345","b":"67890"})";
  CHECK(table(kEvent, {}) == "a      b\n12345  67890\n");
  CHECK(table(kEvent, {.width = 12}) == "a      b\n12345  67890\n");
  CHECK(table(kEvent, {.width = 11}) == "a      b\n12345  678\u2026\n");
  CHECK(table(kEvent, {.width = 12, .colour = true}) == "\x1b[1ma      b\x1b[0m\n12345  67890\n");
  CHECK(table(kEvent, {.width = 1}) == "\u2026\n\u2026\n");
}

TEST_CASE("columns share a terminal that is too narrow for all") {
  constexpr std::string_view kEvent =
      R"({"text":"a text of forty columns and not one more","n":12345678,"b":"narrow","c":"twelve wide."})";
  CHECK(table(kEvent, {.width = 72}) ==
        "text                                             n  b       c\n"
        "a text of forty columns and not one more  12345678  narrow  twelve wide.\n");
  // The widest give way first, numbers never.
  CHECK(table(kEvent, {.width = 60}) ==
        "text                                 n  b       c\n"
        "a text of forty columns and\u2026  12345678  narrow  twelve wide.\n");
  CHECK(table(kEvent, {.width = 39}) ==
        "text               n  b       c\n"
        "a text of\u2026  12345678  narrow  twelve w\u2026\n");
  CHECK(table(kEvent, {.width = 32}) ==
        "text           n  b       c\n"
        "a tex\u2026  12345678  narrow  twelv\u2026\n");
  // Below that the line is cut.
  CHECK(table(kEvent, {.width = 20}) ==
        "text           n  b\u2026\na tex\u2026  12345678  n\u2026\n");
  // Names before contents.
  CHECK(table(R"({"a_long_name":"abcdefgh","b":"ijklmnop"})", {.width = 19}) ==
        "a_long_n\u2026  b\nabcdefgh   ijklmnop\n");
  CHECK(table(R"({"a_long_name":1,"b":"ijklmnop"})", {.width = 12}) ==
        "a_lon\u2026  b\n     1  ijk\u2026\n");
}

TEST_CASE("a wide character that does not fit is left out whole") {
  constexpr std::string_view kEvent = "{\"a\":\"\u4e2d\u6587\u5b57\"}";
  CHECK(table(kEvent, {.width = 6}) == "a\n\u4e2d\u6587\u5b57\n");
  CHECK(table(kEvent, {.width = 5}) == "a\n\u4e2d\u6587\u2026\n");
  CHECK(table(kEvent, {.width = 4}) == "a\n\u4e2d\u2026\n");
}

TEST_CASE("marks without width are not piled up without end") {
  std::string event = "{\"a\":\"e";
  for (int i = 0; i < 100'000; ++i) event += "\u0301";
  const std::string out = table(event + "\"}", {});
  CHECK(out.size() < 2000);
}
