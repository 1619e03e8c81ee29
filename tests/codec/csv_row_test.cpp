#include "codec/csv_row.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "event/json_value.h"

using namespace weir;

namespace {

/// The cells of a row in brackets, or what is wrong with it.
std::string split(const std::string& row, char separator = ',', size_t room = 100) {
  Arena arena;
  std::vector<Value> cells(room);
  size_t count = 0;
  // A block of exactly its size, so that a look behind its end is seen by the sanitizer.
  const std::unique_ptr<char[]> bytes(new char[row.size()]);
  row.copy(bytes.get(), row.size());
  const std::string problem =
      split_csv_row({bytes.get(), row.size()}, row.find('"') != std::string::npos, separator, arena,
                    cells, count);
  if (!problem.empty()) return problem;
  std::string text;
  for (size_t i = 0; i < std::min(count, room); ++i) {
    CHECK(cells[i].is_text);
    text += "[" + std::string(cells[i].text()) + "]";
  }
  return count > room ? text + " of " + std::to_string(count) : text;
}

}  // namespace

TEST_CASE("a row of any length is split at its separators") {
  for (size_t size = 0; size < 70; ++size) {
    for (size_t step = 1; step < 20; ++step) {
      std::string row;
      std::string expected = "[";
      for (size_t i = 1; i <= size; ++i) {
        row += i % step == 0 ? ';' : 'x';
        expected += i % step == 0 ? "][" : "x";
      }
      CHECK(split(row, ';') == expected + "]");
    }
  }
}

TEST_CASE("a row with quotes") {
  CHECK(split("\"1,2\",x") == "[1,2][x]");
  CHECK(split("\"say \"\"hi\"\"\",\"\"") == "[say \"hi\"][]");
  CHECK(split("x\"y,\"a\nb\",") == "[x\"y][a\nb][]");
  CHECK(split("a,\"b\"c") == "text follows the closing quote of field 2");
  CHECK(split("a,\"b") == "a quote is opened and not closed before the end of the input");
}

TEST_CASE("more cells than there is room for are counted") {
  CHECK(split("a,b,c", ',', 2) == "[a][b] of 3");
  CHECK(split("a,\"b\",\"\"\"c\"", ',', 2) == "[a][b] of 3");
}

TEST_CASE("the end of a row is looked for piece by piece") {
  const std::string text = "a,\"x\n\"\"y\"\nnext";
  for (size_t step = 1; step < text.size(); ++step) {
    CsvRowEnd end(',');
    const char* found = nullptr;
    size_t at = 0;
    for (; found == nullptr && at < text.size(); at += step) {
      const size_t stop = std::min(at + step, text.size());
      found = end.search(text.data() + at, text.data() + stop);
    }
    REQUIRE(found != nullptr);
    CHECK(found - text.data() == 9);
  }
  CsvRowEnd end(',');
  CHECK(end.search(text.data(), text.data() + 5) == nullptr);
  CHECK(end.in_quotes());
  end.begin();
  CHECK(end.search(text.data() + 5, text.data() + 10) == text.data() + 9);
}

TEST_CASE("a cell is quoted where reading it back needs it") {
  const auto cell = [](std::string_view text, char separator = ',') {
    std::string out;
    append_csv_cell(text, separator, false, out);
    return out;
  };
  CHECK(cell("a;b") == "a;b");
  CHECK(cell("a;b", ';') == "\"a;b\"");
  CHECK(cell("a,b", ';') == "a,b");
  CHECK(cell("\"a\r") == "\"\"\"a\r\"");
}

TEST_CASE("half of a surrogate pair has no place in a cell") {
  Arena arena;
  std::string out;
  const auto write = [&](std::string_view json) {
    return append_csv_value(read_json_value(json, arena), ',', false, out);
  };
  CHECK(write(R"("\ud83d\ude00")").empty());
  CHECK(write("\"\ufffd \\\\ud83d\"").empty());
  CHECK(write(R"(["\ud83d"])").empty());
  CHECK(out == "\U0001f600\ufffd \\ud83d\"[\"\"\\ud83d\"\"]\"");
  const std::string problem =
      "the text has half of a surrogate pair in it, which UTF-8 cannot hold";
  CHECK(write(R"("\ud83d")") == problem);
  CHECK(write(R"("a\ude00\ud83d\ude00")") == problem);
  CHECK(write(R"("\ud83d\ud83d\ude00")") == problem);
}
