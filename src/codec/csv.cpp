// CSV by RFC 4180: the first record names the columns; a record may span lines inside quotes; line
// ends are CRLF or LF. Every cell is text. Beyond the RFC, as files in the wild need it: a quote
// inside a cell that does not start with one is an ordinary character, and blank lines are passed
// over.

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/utf8.h"
#include "codec/framer.h"

namespace weir {
namespace {

/// More columns than any table has; a bound on what a header of commas can make us hold.
constexpr size_t kMostColumns = 65536;
/// Cells in a batch, so that rows of many empty cells do not take many times the memory of their
/// text.
constexpr size_t kMostCells = size_t{128} << 10;

class CsvFramer : public Framer {
 public:
  explicit CsvFramer(const FramingOptions& options) : Framer(options) {}

  Result<size_t> take(std::string_view bytes, bool last, size_t max_rows, Batch& batch) override;
  Passed pass(std::string_view bytes, bool last) override;

 private:
  /// Where in a record the search for its end stands.
  enum class In : uint8_t {
    kCellStart,
    kPlain,
    kQuoted,
    kQuoteSeen,  ///< behind a quote inside a quoted cell: its end, or the first of two
    kBehind,     ///< behind a closing quote, where only a separator or a line end should stand
  };

  const char* find_end(const char* record, const char* end);
  const char* search(const char* p, const char* end);
  std::string split(std::string_view record, bool quoted, Arena& arena, Value* cells, size_t most);
  void split_plain(std::string_view record, Value* cells, size_t most);
  std::string read_header(std::string_view record, bool quoted);
  std::string wrong_count() const;

  std::shared_ptr<const Schema> schema_;
  size_t count_ = 0;  ///< how many cells the record has that was split last
  In in_ = In::kCellStart;
  bool passing_ = false;
};

/// The next byte of the record's search, state by state: the line feed that ends the record, or
/// null if it is not in [p, end). Leaves the state in `in_`, so that a search can go on with more
/// bytes.
const char* CsvFramer::search(const char* p, const char* end) {
  const char separator = options_.separator;
  while (p < end) {
    switch (in_) {
      case In::kQuoted: {
        const void* quote = std::memchr(p, '"', static_cast<size_t>(end - p));
        if (quote == nullptr) return nullptr;
        p = static_cast<const char*>(quote) + 1;
        in_ = In::kQuoteSeen;
        continue;
      }
      case In::kCellStart:
        if (*p == '"') {
          in_ = In::kQuoted;
          ++p;
          continue;
        }
        in_ = In::kPlain;
        break;
      case In::kQuoteSeen:
        if (*p == '"') {
          in_ = In::kQuoted;
          ++p;
          continue;
        }
        in_ = In::kBehind;
        break;
      case In::kPlain:
      case In::kBehind:
        break;
    }
    while (p < end && *p != separator && *p != '\n') ++p;
    if (p == end) return nullptr;
    if (*p == '\n') return p;
    in_ = In::kCellStart;
    ++p;
  }
  return nullptr;
}

/// The line feed that ends the record starting at `record`, or null. Bytes that were searched
/// before are not looked at again.
const char* CsvFramer::find_end(const char* record, const char* end) {
  if (searched_ == 0) {
    in_ = In::kCellStart;
    // Nearly every record is one line without a quote.
    const auto size = static_cast<size_t>(end - record);
    const auto* feed = static_cast<const char*>(std::memchr(record, '\n', size));
    if (feed != nullptr &&
        std::memchr(record, '"', static_cast<size_t>(feed - record)) == nullptr) {
      return feed;
    }
  }
  const char* const found = search(record + searched_, end);
  searched_ = found == nullptr ? static_cast<size_t>(end - record) : 0;
  return found;
}

/// Splits a record without any quote, as most are, sixteen bytes at a time where the machine can.
/// May look at bytes behind the record, which the buffer's padding allows.
void CsvFramer::split_plain(std::string_view record, Value* cells, size_t most) {
  const char separator = options_.separator;
  const char* p = record.data();
  const char* const end = p + record.size();
  const char* cell = p;
  size_t count = 0;
  const auto add = [&](const char* stop) {
    if (count < most) cells[count] = Value::of_text({cell, static_cast<size_t>(stop - cell)});
    ++count;
    cell = stop + 1;
  };
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(separator);
  for (; p < end; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    auto hits = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
    if (end - p < 16) hits &= (1U << (end - p)) - 1;
    for (; hits != 0; hits &= hits - 1) add(p + std::countr_zero(hits));
  }
#else
  for (; p < end; ++p) {
    if (*p == separator) add(p);
  }
#endif
  add(end);
  count_ = count;
}

/// Splits a record without its line end into `cells`, at most `most` of them. Answers an empty
/// text, or what is wrong.
std::string CsvFramer::split(std::string_view record, bool quoted, Arena& arena, Value* cells,
                             size_t most) {
  if (!quoted) {
    split_plain(record, cells, most);
    return {};
  }
  const char separator = options_.separator;
  count_ = 0;
  const char* p = record.data();
  const char* const end = p + record.size();
  const auto add = [&](std::string_view cell) {
    if (count_ < most) cells[count_] = Value::of_text(cell);
    ++count_;
  };
  while (true) {
    if (p == end || *p != '"') {
      const auto* stop =
          static_cast<const char*>(std::memchr(p, separator, static_cast<size_t>(end - p)));
      if (stop == nullptr) {
        add({p, static_cast<size_t>(end - p)});
        return {};
      }
      add({p, static_cast<size_t>(stop - p)});
      p = stop + 1;
      continue;
    }
    const char* const content = ++p;
    size_t doubled = 0;
    while (true) {
      const auto* quote =
          static_cast<const char*>(std::memchr(p, '"', static_cast<size_t>(end - p)));
      if (quote == nullptr) return "a quote is opened and not closed before the end of the input";
      if (quote + 1 < end && quote[1] == '"') {
        ++doubled;
        p = quote + 2;
        continue;
      }
      p = quote;
      break;
    }
    std::string_view cell(content, static_cast<size_t>(p - content));
    if (doubled > 0 && count_ < most) {
      char* const plain = arena.allocate(cell.size() - doubled);
      char* to = plain;
      for (size_t i = 0; i < cell.size(); ++i) {
        *to++ = cell[i];
        if (cell[i] == '"') ++i;
      }
      cell = {plain, cell.size() - doubled};
    }
    add(cell);
    if (++p == end) return {};
    if (*p != separator) {
      return "text follows the closing quote of field " + std::to_string(count_);
    }
    ++p;
  }
}

/// Makes the schema. An empty name becomes the column's number; of equal names the second becomes
/// name_2 and so on, passing over names that the header has itself.
std::string CsvFramer::read_header(std::string_view record, bool quoted) {
  if (!is_utf8(record)) return "the CSV header is not well-formed UTF-8";
  Arena arena;
  std::vector<Value> cells(std::min(kMostColumns, record.size() + 1));
  if (const std::string problem = split(record, quoted, arena, cells.data(), cells.size());
      !problem.empty()) {
    return "the CSV header cannot be read: " + problem;
  }
  if (count_ > kMostColumns) {
    return "the CSV header has " + std::to_string(count_) + " columns, more than " +
           std::to_string(kMostColumns);
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
    const bool unclosed = feed == nullptr && quoted && in_ == In::kQuoted;
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
        return machine_error("line " + std::to_string(first_line) + ": " + problem);
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
    std::string problem = split(record, quoted, batch.arena, row, width);
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
  return static_cast<size_t>(p - start);
}

Framer::Passed CsvFramer::pass(std::string_view bytes, bool last) {
  if (!passing_) in_ = In::kCellStart;
  passing_ = true;
  searched_ = 0;
  const char* const end = bytes.data() + bytes.size();
  const char* const feed = search(bytes.data(), end);
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

std::unique_ptr<Framer> make_csv_framer(const FramingOptions& options) {
  return std::make_unique<CsvFramer>(options);
}

}  // namespace weir
