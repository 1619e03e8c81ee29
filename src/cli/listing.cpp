#include "cli/listing.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "event/json_value.h"
#include "event/time.h"

namespace weir {

Fact Fact::of_text(std::string_view name, std::string text) {
  return {.name = name, .text = std::move(text)};
}

Fact Fact::of_count(std::string_view name, uint64_t count) {
  return {
      .name = name, .text = format_count(count), .json = std::to_string(count), .is_number = true};
}

Fact Fact::of_time(std::string_view name, int64_t ms) {
  if (ms <= 0) return {.name = name, .text = "", .json = "null"};
  std::string text;
  append_timestamp(
      {.seconds = ms / 1000, .nanoseconds = static_cast<uint32_t>(ms % 1000) * 1'000'000}, text);
  return {.name = name, .text = std::move(text)};
}

std::string list_facts(const Facts& rows, bool json) {
  std::string out;
  if (json) {
    for (const std::vector<Fact>& row : rows) {
      char before = '{';
      for (const Fact& fact : row) {
        out += std::exchange(before, ',');
        write_json_string(fact.name, out);
        out += ':';
        if (fact.json.empty()) {
          write_json_string(fact.text, out);
        } else {
          out += fact.json;
        }
      }
      out += "}\n";
    }
    return out;
  }
  if (rows.empty()) return out;
  std::vector<size_t> widths;
  for (size_t i = 0; i < rows[0].size(); ++i) {
    size_t width = rows[0][i].name.size();
    for (const std::vector<Fact>& row : rows) width = std::max(width, row[i].text.size());
    widths.push_back(width);
  }
  const auto add_line = [&](const std::vector<Fact>& row, bool is_header) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string_view text = is_header ? row[i].name : std::string_view(row[i].text);
      const std::string gap(widths[i] - text.size(), ' ');
      if (i > 0) line += "  ";
      if (row[i].is_number) line += gap;
      line += text;
      if (!row[i].is_number) line += gap;
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  add_line(rows[0], true);
  for (const std::vector<Fact>& row : rows) add_line(row, false);
  return out;
}

}  // namespace weir
