#include "cli/listing.h"

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "base/utf8.h"
#include "event/json_value.h"
#include "event/shown.h"
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

namespace {

uint32_t width_of(const Facts& rows, size_t column) {
  uint32_t width = shown(rows[0][column].name).width;
  for (const std::vector<Fact>& row : rows) width = std::max(width, shown(row[column].text).width);
  return width;
}

uint32_t width_of(const Facts& rows) {
  uint32_t width = 0;
  for (size_t i = 0; i < rows[0].size(); ++i) width += width_of(rows, i) + (i > 0 ? 2 : 0);
  return width;
}

void take_out(Facts& rows, size_t column) {
  for (std::vector<Fact>& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
}

}  // namespace

std::string fit_facts(Facts& rows, uint32_t width) {
  std::string left_out;
  if (rows.empty()) return left_out;
  for (size_t i = rows[0].size(); i-- > 0 && width_of(rows) > width;) {
    const bool empty = std::ranges::all_of(
        rows, [i](const std::vector<Fact>& row) { return row[i].text.empty(); });
    if (empty && rows[0].size() > 1) take_out(rows, i);
  }
  while (width_of(rows) > width) {
    const auto first = std::ranges::max_element(rows[0], {}, &Fact::gives_way);
    if (first->gives_way == 0) break;
    left_out += (left_out.empty() ? "" : ", ") + std::string(first->name);
    take_out(rows, static_cast<size_t>(first - rows[0].begin()));
  }
  return left_out;
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
          // Names of files are bytes.
          write_json_string(well_formed_utf8(fact.text), out);
        } else {
          out += fact.json;
        }
      }
      out += "}\n";
    }
    return out;
  }
  if (rows.empty()) return out;
  // By row, the header first.
  std::vector<std::vector<Shown>> lines(1);
  for (const Fact& fact : rows[0]) lines[0].push_back(shown(fact.name));
  for (const std::vector<Fact>& row : rows) {
    lines.emplace_back();
    for (const Fact& fact : row) lines.back().push_back(shown(fact.text));
  }
  std::vector<uint32_t> widths(rows[0].size());
  for (const std::vector<Shown>& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].width);
  }
  for (const std::vector<Shown>& line : lines) {
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string gap(widths[i] - line[i].width, ' ');
      if (i > 0) text += "  ";
      text += rows[0][i].is_number ? gap + line[i].text : line[i].text + gap;
    }
    text.resize(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

}  // namespace weir
