// Between JSON text and values.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "event/value.h"

namespace weir {

/// Reads one JSON value that was checked (or found by the scan) into a Value: numbers as int, else
/// uint, else double, with their spelling; strings decoded into `arena` if they have escapes (a
/// lone surrogate decodes to U+FFFD, the spelling stays reachable through `quote`); lists and maps
/// raw. Gives kError if the text is no JSON value. `json` has no white space around it.
Value read_json_value(std::string_view json, Arena& arena);

/// Opens a raw list or map one level deep; a value that is not raw comes back as it is. The members
/// are read by read_json_value; of members with equal keys only the first is there. The JSON text
/// stays with the value. Gives kError if the text is damaged.
Value decode_container(const Value& value, Arena& arena);

/// Decodes the escape of a JSON string that starts at p (behind the backslash); a lone surrogate
/// decodes to U+FFFD. Moves p behind it and `to` behind what was written, which is no longer than
/// the escape. False if there is no such escape in [p, end).
bool decode_json_escape(const char*& p, const char* end, char*& to);

/// Appends the value as JSON. What was read from an event and never changed keeps its spelling;
/// doubles are written shortest round-trip, whole ones with `.0`; bytes as base64, timestamps as
/// RFC 3339, durations as "1.5s". Answers an empty text, or why the value has no JSON form (NaN, an
/// infinity, an error, a clash of map keys, or nested more than kMaxDepth deep where it is written
/// `inside` so many lists and objects).
std::string write_json(const Value& value, std::string& out, int inside = 0);

/// How deep lists and objects are nested in a JSON value that was checked; 0 for a scalar.
int nesting(std::string_view json);

/// The value that a reader of the event would get where this one is written: bytes, types and times
/// are strings then; others stay as they are.
Value as_written(const Value& value, Arena& arena);

/// Appends a finite double with the fewest digits that read back as the same number: as a decimal
/// fraction from 1e-5 up to 1e21, with an exponent elsewhere. Whole ones have no point.
void append_shortest(double number, std::string& out);

/// Appends `text` as a JSON string, with quotes. Needs well-formed UTF-8.
void write_json_string(std::string_view text, std::string& out);

/// The number that a text field (CSV, logfmt ...) reads as: JSON's grammar, or digits with leading
/// zeros, without digits before or behind the point (007, .5, 5.), with a plus sign and with white
/// space around. kError if it is none. A spelling that JSON allows is kept.
Value read_number(std::string_view text);

}  // namespace weir
