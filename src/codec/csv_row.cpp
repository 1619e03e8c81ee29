#include "codec/csv_row.h"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "event/json_value.h"
#include "event/surrogate.h"

namespace weir {
namespace {

/// Splits a row without any quote, as most are, sixteen bytes at a time where the machine can.
/// Answers how many cells there are.
size_t split_plain(std::string_view row, char separator, std::span<Value> cells) {
  const char* p = row.data();
  const char* const end = p + row.size();
  const char* cell = p;
  size_t count = 0;
  const auto add = [&](const char* stop) {
    if (count < cells.size()) {
      cells[count] = Value::of_text({cell, static_cast<size_t>(stop - cell)});
    }
    ++count;
    cell = stop + 1;
  };
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(separator);
  const auto hits_at = [&](const char* at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
  };
  for (; end - p >= 16; p += 16) {
    for (uint32_t hits = hits_at(p); hits != 0; hits &= hits - 1) add(p + std::countr_zero(hits));
  }
  if (p < end && row.size() >= 16) {
    // The last sixteen bytes once more, of which the first are done with.
    const char* const last = end - 16;
    uint32_t hits = hits_at(last) >> (p - last) << (p - last);
    for (; hits != 0; hits &= hits - 1) add(last + std::countr_zero(hits));
    p = end;
  }
#endif
  for (; p < end; ++p) {
    if (*p == separator) add(p);
  }
  add(end);
  return count;
}

}  // namespace

Result<void> check_csv_separator(char separator) {
  const bool is_ascii = static_cast<unsigned char>(separator) < 0x80;
  if (is_ascii && separator != '"' && separator != '\n' && separator != '\r') return {};
  return usage_error("the separator of CSV is one ASCII character, and no quote or line end");
}

Result<char> read_csv_separator(std::string_view text) {
  if (text.size() != 1 && text != "tab") {
    return usage_error("--separator takes one character or the word tab, not '" +
                       std::string(text) + "'");
  }
  const char separator = text == "tab" ? '\t' : text[0];
  if (auto checked = check_csv_separator(separator); !checked) {
    return std::unexpected(checked.error());
  }
  return separator;
}

const char* CsvRowEnd::search(const char* p, const char* end) {
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
    while (p < end && *p != separator_ && *p != '\n') ++p;
    if (p == end) return nullptr;
    if (*p == '\n') return p;
    in_ = In::kCellStart;
    ++p;
  }
  return nullptr;
}

std::string split_csv_row(std::string_view row, bool has_quote, char separator, Arena& arena,
                          std::span<Value> cells, size_t& count) {
  if (!has_quote) {
    count = split_plain(row, separator, cells);
    return {};
  }
  count = 0;
  const char* p = row.data();
  const char* const end = p + row.size();
  const auto add = [&](std::string_view cell) {
    if (count < cells.size()) cells[count] = Value::of_text(cell);
    ++count;
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
    if (doubled > 0 && count < cells.size()) {
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
      return std::string(kTextFollows) + std::to_string(count);
    }
    ++p;
  }
}

void append_csv_cell(std::string_view text, char separator, bool alone, std::string& out) {
  // A line of one empty cell would be a blank line.
  if (text.empty()) {
    if (alone) out += "\"\"";
    return;
  }
  // All of it is looked at, in a way that the compiler can do for many bytes at a time.
  bool quoted = text.front() == ' ' || text.back() == ' ';
  for (const char c : text) quoted |= c == separator || c == '"' || c == '\r' || c == '\n';
  if (!quoted) {
    out += text;
    return;
  }
  out += '"';
  for (size_t quote; (quote = text.find('"')) != std::string_view::npos;) {
    out.append(text.substr(0, quote + 1));
    out += '"';
    text.remove_prefix(quote + 1);
  }
  out += text;
  out += '"';
}

std::string append_csv_value(const Value& value, char separator, bool alone, std::string& out) {
  if (value.is_missing() || value.kind == Kind::kNull) {
    append_csv_cell({}, separator, alone, out);
    return {};
  }
  if (value.kind == Kind::kString) {
    if (has_lone_surrogate(value)) return std::string(kLoneSurrogate);
    append_csv_cell(value.text(), separator, alone, out);
    return {};
  }
  std::string json;
  if (std::string problem = write_json(value, json); !problem.empty()) return problem;
  // Bytes and times become JSON strings: in a cell they stand without JSON's quotes.
  const bool is_string = json.starts_with('"');
  Arena arena;
  append_csv_cell(is_string ? read_json_value(json, arena).text() : std::string_view(json),
                  separator, alone, out);
  return {};
}

}  // namespace weir
