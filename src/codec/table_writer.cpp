// Tables for people: aligned columns under a header.

#include <algorithm>
#include <unordered_map>

#include "base/utf8.h"
#include "codec/columns.h"
#include "codec/writer.h"
#include "event/json_value.h"
#include "event/object.h"
#include "event/shown.h"

namespace weir {
namespace {

/// Events that the columns are found in and measured by.
constexpr size_t kMeasured = 1000;
/// Bytes after which no more events are held for that.
constexpr size_t kMostHeld = size_t{4} << 20;
constexpr size_t kMostColumns = 256;
constexpr size_t kLongestName = 200;
/// Objects inside objects that get columns of their own; what is deeper is JSON in a cell.
constexpr int kDeepest = 8;
/// The widest a column gets; a longer cell is cut.
constexpr uint32_t kWidest = 80;
/// What a column keeps at least where a terminal is too narrow for all.
constexpr uint32_t kNarrowest = 6;
constexpr std::string_view kGap = "  ";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

/// Text as it can be shown on a terminal, and how many columns it takes there.
struct Cell {
  std::string text;
  uint32_t width = 0;
  bool is_number = false;
};

/// Makes well-formed UTF-8 fit for a terminal. What is wider than `widest` columns is cut, and ends
/// with an ellipsis.
Cell show(std::string_view text, uint32_t widest) {
  // Marks that take no column are many or few: bytes are bounded too.
  const size_t most_bytes = size_t{widest} * 16;
  Cell shown;
  size_t fits = 0;  // bytes that leave room for the ellipsis
  uint32_t fits_width = 0;
  for (const char* p = text.data(); p < text.data() + text.size();) {
    const char* const start = p;
    const uint32_t point = take_utf8(p);
    shown.width += append_shown(point, {start, static_cast<size_t>(p - start)}, shown.text);
    if (shown.width > widest || shown.text.size() > most_bytes) {
      shown.text.resize(fits);
      shown.text += kEllipsis;
      shown.width = fits_width + 1;
      return shown;
    }
    if (shown.width < widest) {
      fits = shown.text.size();
      fits_width = shown.width;
    }
  }
  return shown;
}

class TableWriter : public Writer {
 public:
  explicit TableWriter(const WriterOptions& options)
      : picker_(options.columns),
        chosen_(!options.columns.empty()),
        terminal_(options.terminal),
        stage_index_(options.stage_index) {
    for (const std::string& name : options.columns) add_column(name);
  }

  void write(Batch& batch, std::string& out) override;
  /// Somebody who watches sees what there is. Elsewhere a pause of the source would change the
  /// widths, and so the bytes.
  void flush(std::string& out) override {
    if (terminal_.width > 0) release(out);
  }
  void release(std::string& out) override {
    if (!held_.empty()) lay_out(out);
  }
  void finish(std::string& out) override {
    if (!laid_out_) lay_out(out);
  }

 private:
  struct Column {
    Cell name;
    uint32_t width = 0;
    uint32_t content_width = 0;  ///< of the widest cell; `width` is as much at least
    uint32_t numbers_width = 0;  ///< of the widest cell that is a number
    bool has_numbers = false;
    bool has_others = false;
    bool is_right() const { return has_numbers && !has_others; }
  };
  struct Line {
    std::vector<Cell> cells;  ///< by column; may end early
    std::string rest;         ///< what has no column, as JSON
  };

  size_t add_column(std::string_view name);
  std::string read(const Row& row, Arena& arena, Line& line);
  std::string add_members(std::string_view json, std::string& prefix, int depth, Arena& arena,
                          Line& line);
  std::string add_field(std::string& name, const Value& value, int depth, Arena& arena, Line& line);
  void add_rest(std::string_view name, std::string_view json, Line& line);
  std::string set_cell(size_t column, const Value& value, Arena& arena, Line& line);
  void narrow_columns(uint32_t Column::*least);
  void fit_columns();
  void lay_out(std::string& out);
  void append_cell(const Column& column, const Cell& cell, std::string& text) const;
  void append_line(const std::string& text, bool is_header, std::string& out) const;
  void append_row(const Line& line, std::string& out) const;

  ColumnPicker picker_;
  bool chosen_;  ///< the columns were named, and do not come from the first events
  Terminal terminal_;
  uint8_t stage_index_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, size_t> by_name_;
  bool laid_out_ = false;  ///< the header is written, and nothing is held any more
  std::vector<Line> held_;
  size_t held_bytes_ = 0;
  std::vector<Value> picked_;
};

size_t TableWriter::add_column(std::string_view name) {
  by_name_.emplace(name, columns_.size());
  Column& column = columns_.emplace_back();
  column.name = show(name, kWidest);
  column.width = std::max(column.name.width, 1U);
  return columns_.size() - 1;
}

/// Puts a value into its cell. Answers an empty text, or why it cannot be shown.
std::string TableWriter::set_cell(size_t index, const Value& value, Arena& arena, Line& line) {
  std::string text;
  bool is_number = value.is_number();
  if (value.kind == Kind::kString) {
    text = value.text().empty() ? "\"\"" : value.text();
    is_number = value.is_text && !read_number(value.text()).is_error();
  } else {
    if (std::string problem = write_json(value, text); !problem.empty()) return problem;
    // Bytes and times become JSON strings: in a cell they stand without JSON's quotes.
    if (text.starts_with('"')) text = read_json_value(arena.copy(text), arena).text();
  }
  Column& column = columns_[index];
  if (line.cells.size() <= index) line.cells.resize(index + 1);
  // A number that is cut would be another number: it pushes the rest of its line aside instead.
  Cell& cell = line.cells[index];
  cell = show(text, laid_out_ && !is_number ? column.width : kWidest);
  cell.is_number = is_number;
  if (laid_out_) return {};
  if (is_number) column.numbers_width = std::max(column.numbers_width, cell.width);
  column.content_width = std::max(column.content_width, cell.width);
  column.width = std::max(column.width, cell.width);
  column.has_numbers = column.has_numbers || is_number;
  column.has_others = column.has_others || (!is_number && value.kind != Kind::kNull);
  return {};
}

void TableWriter::add_rest(std::string_view name, std::string_view json, Line& line) {
  line.rest += line.rest.empty() ? '{' : ',';
  write_json_string(name, line.rest);
  line.rest += ':';
  line.rest += json;
}

/// Adds one field: an object by its members, anything else as a cell. What has no column, and can
/// get none any more, stands behind the last one.
std::string TableWriter::add_field(std::string& name, const Value& value, int depth, Arena& arena,
                                   Line& line) {
  if (value.is_missing()) return {};
  std::string json;
  if (value.kind == Kind::kMap && depth < kDeepest) {
    if (std::string problem = write_json(value, json); !problem.empty()) return problem;
    bool is_empty = true;
    for_each_member(json, arena,
                    [&](std::string_view, std::string_view) { return is_empty = false; });
    if (!is_empty) {
      name += '.';
      return add_members(json, name, depth + 1, arena, line);
    }
  }
  const auto known = by_name_.find(name);
  size_t column = known == by_name_.end() ? columns_.size() : known->second;
  const bool is_new = column == columns_.size();
  const bool is_taken = column < line.cells.size() && !line.cells[column].text.empty();
  const bool has_room = !laid_out_ && column < kMostColumns && name.size() <= kLongestName;
  if (is_taken || (is_new && !has_room)) {
    json.clear();
    std::string problem = write_json(value, json);
    if (problem.empty()) add_rest(name, json, line);
    return problem;
  }
  if (is_new) column = add_column(name);
  return set_cell(column, value, arena, line);
}

/// Adds the members of an object, their names behind `prefix`, which comes back as it was.
std::string TableWriter::add_members(std::string_view json, std::string& prefix, int depth,
                                     Arena& arena, Line& line) {
  std::string problem;
  const size_t size = prefix.size();
  for_each_member(json, arena, [&](std::string_view key, std::string_view member) {
    prefix += key;
    problem = add_field(prefix, read_json_value(member, arena), depth, arena, line);
    prefix.resize(size);
    return problem.empty();
  });
  return problem;
}

/// Reads an event into a line. Answers an empty text, or why it cannot be shown.
std::string TableWriter::read(const Row& row, Arena& arena, Line& line) {
  if (chosen_) {
    picked_.assign(columns_.size(), Value::missing());
    std::string problem = picker_.pick(row, arena, picked_);
    for (size_t i = 0; i < picked_.size() && problem.empty(); ++i) {
      if (!picked_[i].is_missing()) problem = set_cell(i, picked_[i], arena, line);
    }
    return problem;
  }
  std::string problem;
  std::string name;
  if (row.is_record()) {
    const std::vector<std::string>& names = row.schema->names;
    for (size_t i = 0; i < names.size() && problem.empty(); ++i) {
      name = names[i];
      problem = add_field(name, row.cells[i], 0, arena, line);
      if (!problem.empty()) return "field '" + names[i] + "' cannot be written: " + problem;
    }
  } else if (const size_t first = row.json().find_first_not_of(" \t\r\n");
             row.json()[first] == '{') {
    problem = add_members(row.json(), name, 0, arena, line);
  } else {
    line.rest = row.json().substr(first);
    return {};
  }
  if (!line.rest.empty()) line.rest += '}';
  return problem;
}

void TableWriter::append_cell(const Column& column, const Cell& cell, std::string& text) const {
  const size_t padding = column.width - std::min(column.width, cell.width);
  if (column.is_right()) text.append(padding, ' ');
  text += cell.text;
  if (!column.is_right()) text.append(padding, ' ');
  text += kGap;
}

void TableWriter::append_line(const std::string& text, bool is_header, std::string& out) const {
  std::string_view line = text;
  line = line.substr(0, line.find_last_not_of(' ') + 1);
  const bool bold = is_header && terminal_.colour;
  if (bold) out += "\x1b[1m";
  if (terminal_.width > 0) {
    out += show(line, terminal_.width).text;
  } else {
    out += line;
  }
  if (bold) out += "\x1b[0m";
  out += '\n';
}

void TableWriter::append_row(const Line& line, std::string& out) const {
  std::string text;
  for (size_t i = 0; i < columns_.size(); ++i) {
    append_cell(columns_[i], i < line.cells.size() ? line.cells[i] : Cell(), text);
  }
  if (!line.rest.empty()) {
    const uint32_t whole = UINT32_MAX;
    text += show(line.rest, whole).text;
  }
  append_line(text, false, out);
}

/// Makes the widest columns narrower, as far as the terminal is too narrow for all, but none
/// narrower than its `least` says.
void TableWriter::narrow_columns(uint32_t Column::*least) {
  const auto width_within = [least](const Column& column, uint32_t widest) {
    return std::max(column.*least, std::min(column.width, widest));
  };
  uint32_t widest = kWidest;
  uint64_t total = 0;
  for (;; --widest) {
    total = kGap.size() * (columns_.size() - 1);
    for (const Column& column : columns_) total += width_within(column, widest);
    if (total <= terminal_.width || widest == kNarrowest) break;
  }
  for (Column& column : columns_) {
    const uint32_t wanted = column.width;
    column.width = width_within(column, widest);
    // What is left over is too little for all that could use it.
    if (column.width == wanted || total >= terminal_.width) continue;
    ++column.width;
    ++total;
  }
}

/// Has the columns share a terminal that is too narrow for all, so that none takes the place of
/// others: at first long names give way, then contents, but no number.
void TableWriter::fit_columns() {
  if (terminal_.width == 0 || columns_.empty()) return;
  narrow_columns(&Column::content_width);
  narrow_columns(&Column::numbers_width);
  for (Column& column : columns_) column.name = show(column.name.text, column.width);
  for (Line& line : held_) {
    for (size_t i = 0; i < line.cells.size(); ++i) {
      Cell& cell = line.cells[i];
      if (!cell.is_number) cell = show(cell.text, columns_[i].width);
    }
  }
}

/// Fixes the columns, and writes the header and what was held.
void TableWriter::lay_out(std::string& out) {
  laid_out_ = true;
  fit_columns();
  if (!columns_.empty()) {
    std::string header;
    for (const Column& column : columns_) append_cell(column, column.name, header);
    append_line(header, true, out);
  }
  for (const Line& line : held_) append_row(line, out);
  held_ = {};
}

void TableWriter::write(Batch& batch, std::string& out) {
  batch.retain([&](uint32_t index) {
    Line line;
    if (std::string problem = read(batch.rows[index], batch.arena, line); !problem.empty()) {
      batch.reject(index, stage_index_, std::move(problem));
      return false;
    }
    if (laid_out_) {
      append_row(line, out);
      return true;
    }
    held_bytes_ += line.rest.size();
    for (const Cell& cell : line.cells) held_bytes_ += sizeof(Cell) + cell.text.size();
    held_.push_back(std::move(line));
    if (held_.size() == kMeasured || held_bytes_ > kMostHeld) lay_out(out);
    return true;
  });
}

}  // namespace

std::unique_ptr<Writer> make_table_writer(WriterOptions options) {
  return std::make_unique<TableWriter>(std::move(options));
}

}  // namespace weir
