// Events out of bytes and fields out of text: no bytes harm, and how the input is cut into pieces
// changes nothing. The first byte says what is tried: n, c, t for the formats of inputs, others for
// what parse reads.
#include <cstdint>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "codec/csv_row.h"
#include "codec/framing.h"
#include "codec/logfmt.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "require.h"
#include "stage/text_parser.h"

namespace {

using namespace weir;

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void cut(Format format, const std::string& text) {
  const FramingOptions options = {.max_event = size_t{1} << 20, .separator = ','};
  const auto rows = [&](size_t step, size_t most) {
    return join(frame(*make_framer(format, options), text, step, most));
  };
  const std::string whole = rows(SIZE_MAX, SIZE_MAX);
  for (const size_t step : {size_t{1}, size_t{3}, size_t{64}}) {
    require_same("in pieces", whole, rows(step, SIZE_MAX));
  }
  require_same("one row at a time", whole, rows(SIZE_MAX, 1));
}

/// What a parser makes of the text is an error with a reason, or has a JSON form.
void read_fields(const TextParser& parser, const std::string& text) {
  Arena arena;
  const Value value = parser.parse(text, 1, arena);
  if (value.is_error()) {
    require(!value.text().empty(), "an error without a reason");
    return;
  }
  std::string json;
  const std::string problem = write_json(value, json);
  require(problem.empty(), "fields without a JSON form", problem, json);
  require_same("fields are no JSON", check_json(json), "");
}

/// A row of cells, written and read again, is the same.
void write_row_again(const std::string& text) {
  constexpr size_t kMost = 8;
  Arena arena;
  std::vector<Value> cells(kMost);
  size_t count = 0;
  if (!split_csv_row(text, text.contains('"'), ',', arena, cells, count).empty()) return;
  if (count > kMost) return;
  std::string row;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) row += ',';
    append_csv_cell(cells[i].text(), ',', count == 1, row);
  }
  std::vector<Value> again(kMost);
  size_t count_again = 0;
  const std::string problem = split_csv_row(row, row.contains('"'), ',', arena, again, count_again);
  require_same("a row that was written cannot be read", problem, "");
  require(count == count_again, "the number of cells", text, row);
  for (size_t i = 0; i < count; ++i) require_same("a cell", cells[i].text(), again[i].text());
}

/// The pairs of a line, written and read again, are the same.
void write_pairs_again(const std::string& text) {
  Arena arena;
  const Value map = read_logfmt(text, arena);
  if (map.is_error()) return;
  std::string line;
  if (!write_logfmt(*map.map, line).empty()) return;
  const Value again = read_logfmt(line, arena);
  std::string one;
  std::string other;
  require(!again.is_error(), "a line that was written cannot be read", line, again.text());
  write_json(map, one);
  write_json(again, other);
  require_same("pairs", one, other);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'n') cut(Format::kNdjson, text);
  if (data[0] == 'c') cut(Format::kCsv, text);
  if (data[0] == 't') cut(Format::kText, text);
  if (!is_utf8(text)) return 0;
  static const auto json = make_json_parser();
  static const auto csv = make_csv_parser({"a", "b", "c"}, ',');
  static const auto logfmt = make_logfmt_parser();
  static const auto regex = *make_regex_parser("(?P<a>\\w+)=(?P<b>[^ ]*)|(?P<c>.)", 8 << 20);
  if (data[0] == 'j') read_fields(*json, text);
  if (data[0] == 'v') read_fields(*csv, text);
  if (data[0] == 'r') read_fields(*regex, text);
  if (data[0] == 'w') write_row_again(text);
  if (data[0] == 'l') {
    read_fields(*logfmt, text);
    write_pairs_again(text);
  }
  return 0;
}
