// The formats that events are written in, and how the right one is found.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir {

enum class Format : uint8_t {
  kNdjson,  ///< one JSON value a line
  kCsv,     ///< RFC 4180, the first line names the fields
  kTsv,     ///< CSV with a tab between the cells
  kTable,   ///< for people: aligned columns; can only be written
  kText,    ///< a line is an event with one field, `message`
};

/// What people call the formats, for option rows: separated by spaces.
inline constexpr std::string_view kInputFormats = "ndjson csv tsv text";
inline constexpr std::string_view kOutputFormats = "ndjson csv tsv table text";

/// "ndjson", "csv", "tsv", "table", "text".
std::string_view format_name(Format format);
/// The format of that name ("jsonl" is ndjson as well), or nothing.
std::optional<Format> find_format(std::string_view name);

/// True if the first line of an output names the fields, so that nothing can go on behind it.
constexpr bool has_header(Format format) {
  return format == Format::kCsv || format == Format::kTsv;
}
/// What stands between the cells of a format that has a header.
constexpr char separator_of(Format format) { return format == Format::kTsv ? '\t' : ','; }

/// What a file's name says about its content, with .gz and .zst taken away, in any case of letters:
/// .csv is CSV, .tsv and .tab are TSV; a part `log` or `txt` between dots is text (server.log,
/// access.log.3), unless the content says otherwise; everything else is NDJSON.
Format format_of_name(std::string_view file_name);
/// The format of an output that is called so. What has no header by its name is NDJSON: `to
/// report.txt` writes events, as `to report` does.
Format output_format_of_name(std::string_view file_name);

/// How far detect_format looks for the first byte of content.
inline constexpr size_t kDetectionBytes = size_t{64} << 10;

/// What an input is, by its name and the bytes it starts with: text whose first byte that is no
/// white space is `{` is NDJSON after all. Nothing if that takes more bytes; `whole` says that
/// there are no more. The answer depends on name and content only, never on how much has arrived.
std::optional<Format> detect_format(Format by_name, std::string_view content, bool whole);

}  // namespace weir
