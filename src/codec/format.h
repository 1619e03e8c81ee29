// The formats that events are written in, and how the right one is found.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir {

enum class Format : uint8_t {
  kNdjson,  ///< one JSON value a line
  kCsv,     ///< RFC 4180, the first line names the fields
  kTable,   ///< for people: aligned columns; can only be written
  kText,    ///< a line is an event with one field, `message`
};

/// What people call the formats, for option rows: separated by spaces.
inline constexpr std::string_view kInputFormats = "ndjson csv text";
inline constexpr std::string_view kOutputFormats = "ndjson csv table text";

/// "ndjson", "csv", "table", "text".
std::string_view format_name(Format format);
/// The format of that name ("jsonl" is ndjson as well), or nothing.
std::optional<Format> find_format(std::string_view name);

/// What a file's name says about its content, with .gz and .zst taken away, in any case of letters:
/// .csv is CSV; a part `log` or `txt` between dots is text (server.log, access.log.3), unless the
/// content says otherwise; everything else is NDJSON.
Format format_of_name(std::string_view file_name);

/// How far detect_format looks for the first byte of content.
inline constexpr size_t kDetectionBytes = size_t{64} << 10;

/// What an input is, by its name and the bytes it starts with: text whose first byte that is no
/// white space is `{` is NDJSON after all. Nothing if that takes more bytes; `whole` says that
/// there are no more. The answer depends on name and content only, never on how much has arrived.
std::optional<Format> detect_format(Format by_name, std::string_view content, bool whole);

}  // namespace weir
