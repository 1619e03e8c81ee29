// CSV by RFC 4180: the first record names the columns; a record may span lines inside quotes; line
// ends are CRLF or LF. Every cell is text. Beyond the RFC, as files in the wild need it: a quote
// inside a cell that does not start with one is an ordinary character, and blank lines are passed
// over.

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "codec/csv_row.h"
#include "codec/framer.h"

namespace weir {
namespace {

/// More columns than any table has; a bound on what a header of commas can make us hold.
constexpr size_t kMostColumns = 65536;
/// Cells in a batch, so that rows of many empty cells do not take many times the memory of their
/// text.
constexpr size_t kMostCells = size_t{128} << 10;

struct Separator {
  char character;
  std::string_view remedy;
};

/// What people put between cells.
constexpr Separator kSeparators[] = {
    {';', "if semicolons separate cells, say so: from --separator ';'"},
    {'\t', "if tabs separate cells, say so: -i tsv"},
    {'|', "if bars separate cells, say so: from --separator '|'"},
    {',', "if commas separate cells, say so: -i csv"},
};

/// What to do if the one of these that comes most often in `text` is the separator; empty if none
/// does.
std::string_view remedy_for(std::string_view text) {
  std::string_view remedy;
  int64_t most = 0;
  for (const Separator& separator : kSeparators) {
    const int64_t count = std::ranges::count(text, separator.character);
    if (count > most) remedy = separator.remedy;
    most = std::max(most, count);
  }
  return remedy;
}

class CsvFramer : public Framer {
 public:
  CsvFramer(char separator, const FramingOptions& options)
      : Framer(options), separator_(separator), end_(separator) {}

  Result<size_t> take(std::string_view bytes, bool last, size_t max_rows, Batch& batch) override;
  Passed pass(std::string_view bytes, bool last) override;

 private:
  const char* find_end(const char* record, const char* end);
  std::string read_header(std::string_view record, bool quoted);
  std::string wrong_count() const;

  char separator_;
  std::shared_ptr<const Schema> schema_;
  size_t count_ = 0;  ///< how many cells the record has that was split last
  CsvRowEnd end_;
  bool passing_ = false;
  std::string remark_;  ///< about the header; goes with the first rows
};

/// The line feed that ends the record starting at `record`, or null. Bytes that were searched
/// before are not looked at again.
const char* CsvFramer::find_end(const char* record, const char* end) {
  if (searched_ == 0) {
    end_.begin();
    // Nearly every record is one line without a quote.
    const auto size = static_cast<size_t>(end - record);
    const auto* feed = static_cast<const char*>(std::memchr(record, '\n', size));
    if (feed != nullptr &&
        std::memchr(record, '"', static_cast<size_t>(feed - record)) == nullptr) {
      return feed;
    }
  }
  const char* const found = end_.search(record + searched_, end);
  searched_ = found == nullptr ? static_cast<size_t>(end - record) : 0;
  return found;
}

/// Makes the schema. An empty name becomes the column's number; of equal names the second becomes
/// name_2 and so on, passing over names that the header has itself.
std::string CsvFramer::read_header(std::string_view record, bool quoted) {
  if (!is_utf8(record)) return "the CSV header is not well-formed UTF-8";
  Arena arena;
  std::vector<Value> cells(std::min(kMostColumns, record.size() + 1));
  if (const std::string problem = split_csv_row(record, quoted, separator_, arena, cells, count_);
      !problem.empty()) {
    // In "a";"b" a cell goes on behind its quotes if it is the other separator that counts.
    const bool goes_on = count_ == 1 && problem.starts_with(kTextFollows);
    const std::string_view remedy = goes_on ? remedy_for(record) : std::string_view();
    return "the CSV header cannot be read: " + problem + (remedy.empty() ? "" : "; ") +
           std::string(remedy);
  }
  if (count_ > kMostColumns) {
    return "the CSV header has " + std::to_string(count_) + " columns, more than " +
           std::to_string(kMostColumns);
  }
  if (const std::string_view remedy = remedy_for(record);
      count_ == 1 && !quoted && !remedy.empty()) {
    remark_ = "the CSV header is one cell; " + std::string(remedy);
  }
  auto schema = std::make_shared<Schema>();
  std::unordered_set<std::string> written;
  for (size_t i = 0; i < count_; ++i) {
    const std::string_view name = cells[i].text();
    schema->names.emplace_back(name.empty() ? std::to_string(i + 1) : std::string(name));
    written.insert(schema->names.back());
  }
  std::unordered_map<std::string, size_t> times;
  for (std::string& name : schema->names) {
    size_t& seen = times[name];
    if (++seen == 1) continue;
    std::string other;
    do {
      other = name + "_" + std::to_string(seen);
      if (written.insert(other).second) break;
      ++seen;
    } while (true);
    name = std::move(other);
  }
  schema_ = std::move(schema);
  return {};
}

std::string CsvFramer::wrong_count() const {
  const size_t wanted = schema_->names.size();
  return "row has " + std::to_string(count_) + (count_ == 1 ? " field" : " fields") +
         ", the header has " + std::to_string(wanted);
}

Result<size_t> CsvFramer::take(std::string_view bytes, bool last, size_t max_rows, Batch& batch) {
  const char* const start = bytes.data();
  const char* const end = start + bytes.size();
  const char* p = start;
  size_t cells = 0;
  Value* row = nullptr;  // room for the next row's cells; a rejected row leaves it to the next
  if (batch.rows.empty()) batch.first_line = line_;
  while (p < end && batch.rows.size() < max_rows && cells < kMostCells) {
    const char* const feed = find_end(p, end);
    const char* const stop = feed == nullptr ? end : feed;
    if (schema_ == nullptr && static_cast<size_t>(stop - p) > options_.max_event) {
      return machine_error("the CSV header is longer than --max-event");
    }
    if (feed == nullptr && !last) break;
    searched_ = 0;
    const char* const next = feed == nullptr ? end : feed + 1;
    std::string_view record(p, static_cast<size_t>(stop - p));
    const size_t length = record.size();
    const bool quoted = std::memchr(p, '"', length) != nullptr;
    const bool unclosed = feed == nullptr && quoted && end_.in_quotes();
    if (!unclosed && record.ends_with('\r')) record.remove_suffix(1);

    // An empty line says nothing, except where there is one column only: there it is an empty cell,
    // but at the very end of the input it is a line end too many.
    if (record.empty()) {
      const bool one_column = schema_ != nullptr && schema_->names.size() == 1;
      if (one_column && next == end && !last) break;
      if (!one_column || next == end) {
        ++line_;
        p = next;
        continue;
      }
    }

    const uint64_t first_line = line_;
    line_ += 1;
    if (quoted) line_ += static_cast<uint64_t>(std::count(p, stop, '\n'));
    p = next;
    if (schema_ == nullptr) {
      if (const std::string problem = read_header(record, quoted); !problem.empty()) {
        line_ = first_line;
        return machine_error(problem);
      }
      continue;
    }

    const auto line = static_cast<uint32_t>(first_line - batch.first_line);
    const size_t width = schema_->names.size();
    if (length > options_.max_event) {
      add_cut_row(batch, {record.data(), length}, length, line, options_.max_event);
      continue;
    }
    if (const size_t bad = find_bad_utf8(record); bad != std::string_view::npos) {
      add_rejected_row(batch, record, line,
                       "byte " + std::to_string(bad + 1) + ": not well-formed UTF-8");
      continue;
    }
    if (row == nullptr) row = batch.arena.make_array<Value>(width);
    std::string problem =
        split_csv_row(record, quoted, separator_, batch.arena, {row, width}, count_);
    if (problem.empty() && count_ != width) problem = wrong_count();
    if (!problem.empty()) {
      add_rejected_row(batch, record, line, std::move(problem));
      continue;
    }
    cells += width;
    if (batch.schemas.empty()) batch.schemas.push_back(schema_);
    batch.add_record(schema_.get(), row, record, line);
    row = nullptr;
  }
  if (!batch.rows.empty() && !remark_.empty()) batch.remark = std::exchange(remark_, {});
  return static_cast<size_t>(p - start);
}

Framer::Passed CsvFramer::pass(std::string_view bytes, bool last) {
  if (!passing_) end_.begin();
  passing_ = true;
  searched_ = 0;
  const char* const end = bytes.data() + bytes.size();
  const char* const feed = end_.search(bytes.data(), end);
  const char* const stop = feed == nullptr ? end : feed;
  line_ += static_cast<uint64_t>(std::count(bytes.data(), stop, '\n'));
  if (feed == nullptr && !last) return {.bytes = bytes.size(), .ended = false, .line_end = 0};
  ++line_;
  passing_ = false;
  const size_t line_end = feed == nullptr ? 0 : 1;
  return {.bytes = static_cast<size_t>(stop - bytes.data()) + line_end,
          .ended = true,
          .line_end = line_end};
}

}  // namespace

std::unique_ptr<Framer> make_csv_framer(char separator, const FramingOptions& options) {
  return std::make_unique<CsvFramer>(separator, options);
}

}  // namespace weir
