// CSV by RFC 4180, with LF as line end; TSV is that with tabs. Cells are quoted only where reading
// them back needs it.

#include <unordered_map>

#include "codec/columns.h"
#include "codec/csv_row.h"
#include "codec/writer.h"
#include "event/json_value.h"
#include "event/object.h"

namespace weir {
namespace {

class CsvWriter : public Writer {
 public:
  CsvWriter(char separator, WriterOptions options)
      : separator_(separator),
        columns_(std::move(options.columns)),
        fields_(std::move(options.fields)),
        chosen_(!columns_.empty()),
        picker_(columns_),
        stage_index_(options.stage_index) {}

  void write(Batch& batch, std::string& out) override;
  void finish(std::string& out) override {
    if (!chosen_ && !has_columns_) columns_ = fields_;
    if (!columns_.empty()) write_header(out);
  }

 private:
  std::string write_row(const Row& row, Arena& arena, std::string& out);
  std::string take_columns(const Row& row, Arena& arena);
  std::string place_members(const Row& row, Arena& arena);
  std::string place(size_t position, std::string_view name, const Value& value);
  size_t column_of(std::string_view name, size_t guess) const;
  void write_header(std::string& out);
  std::string header_text() const;

  char separator_;
  std::vector<std::string> columns_;
  std::vector<std::string> fields_;  ///< the columns where no event was written
  std::unordered_map<std::string_view, size_t> by_name_;  ///< of `columns_`, if not chosen
  bool chosen_;  ///< the columns were named, and do not come from the first event
  bool has_columns_ = false;
  bool header_written_ = false;
  ColumnPicker picker_;        ///< of chosen columns
  std::vector<Value> values_;  ///< of the row under way, by column
  uint8_t stage_index_;
};

std::string CsvWriter::header_text() const {
  std::string text;
  for (const std::string& column : columns_) {
    if (!text.empty()) text += ", ";
    if (text.size() > 200) return text + "...";
    text += column;
  }
  return text;
}

void CsvWriter::write_header(std::string& out) {
  if (header_written_) return;
  header_written_ = true;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out += separator_;
    append_csv_cell(columns_[i], separator_, columns_.size() == 1, out);
  }
  out += '\n';
}

/// The column called `name`, or the number of columns. Events of one kind have their fields in one
/// order, so `guess` is nearly always right.
size_t CsvWriter::column_of(std::string_view name, size_t guess) const {
  if (guess < columns_.size() && columns_[guess] == name) return guess;
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? columns_.size() : found->second;
}

/// Makes the names of the row's fields the header, each once.
std::string CsvWriter::take_columns(const Row& row, Arena& arena) {
  std::unordered_map<std::string, bool> seen;
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) {
    if (seen.emplace(name, true).second) names.emplace_back(name);
  };
  if (row.is_record()) {
    for (const std::string& name : row.schema->names) add(name);
  } else if (!for_each_member(row.json(), arena, [&](std::string_view key, std::string_view) {
               add(key);
               return true;
             })) {
    return "the event is no object, and a CSV row has named fields";
  }
  if (names.empty()) return "the event has no fields that could be the CSV header";
  by_name_.clear();
  columns_ = std::move(names);
  for (size_t i = 0; i < columns_.size(); ++i) by_name_.emplace(columns_[i], i);
  has_columns_ = true;
  return {};
}

std::string CsvWriter::place(size_t position, std::string_view name, const Value& value) {
  const size_t column = column_of(name, position);
  if (column == columns_.size()) {
    return "field '" + std::string(name) + "' is not in the header (" + header_text() +
           "): name the columns with --columns";
  }
  // Of equal names the first counts.
  if (values_[column].is_missing()) values_[column] = value;
  return {};
}

/// Fills `values_` with all of the row's fields, each of which must have its column.
std::string CsvWriter::place_members(const Row& row, Arena& arena) {
  std::string problem;
  if (row.is_record()) {
    const std::vector<std::string>& names = row.schema->names;
    for (size_t i = 0; i < names.size() && problem.empty(); ++i) {
      if (!row.cells[i].is_missing()) problem = place(i, names[i], row.cells[i]);
    }
    return problem;
  }
  size_t position = 0;
  const bool is_object =
      for_each_member(row.json(), arena, [&](std::string_view key, std::string_view json) {
        problem = place(position++, key, read_json_value(json, arena));
        return problem.empty();
      });
  if (!is_object) return "the event is no object, and a CSV row has named fields";
  return problem;
}

std::string CsvWriter::write_row(const Row& row, Arena& arena, std::string& out) {
  if (!chosen_ && !has_columns_) {
    if (std::string problem = take_columns(row, arena); !problem.empty()) return problem;
  }
  values_.assign(columns_.size(), Value::missing());
  const size_t start = out.size();
  const bool is_first = !header_written_;
  std::string problem = chosen_ ? picker_.pick(row, arena, values_) : place_members(row, arena);
  if (problem.empty()) {
    write_header(out);
    for (size_t i = 0; i < values_.size() && problem.empty(); ++i) {
      if (i > 0) out += separator_;
      problem = append_csv_value(values_[i], separator_, values_.size() == 1, out);
      if (!problem.empty()) problem = "field '" + columns_[i] + "' cannot be written: " + problem;
    }
    out += '\n';
  }
  if (problem.empty() || !is_first) {
    if (!problem.empty()) out.resize(start);
    return problem;
  }
  // An event that is not written decides nothing: the next one makes the header.
  out.resize(start);
  header_written_ = false;
  has_columns_ = false;
  return problem;
}

void CsvWriter::write(Batch& batch, std::string& out) {
  batch.retain([&](uint32_t index) {
    std::string problem = write_row(batch.rows[index], batch.arena, out);
    if (problem.empty()) return true;
    batch.reject(index, stage_index_, std::move(problem));
    return false;
  });
}

}  // namespace

std::unique_ptr<Writer> make_csv_writer(char separator, WriterOptions options) {
  return std::make_unique<CsvWriter>(separator, std::move(options));
}

}  // namespace weir
