// logfmt: a line of key=value pairs, as many services log it. There is no standard; this is the
// language of Go's logfmt package (github.com/go-logfmt/logfmt), which most readers and writers
// share.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "event/value.h"

namespace weir {

/// Reads the pairs of `text`, which is well-formed UTF-8, into a map. Blanks and control characters
/// stand between pairs. A key is anything else but `=` and `"`; a value is the same, or stands in
/// quotes with the escapes of JSON (a control character may stand there as it is). Values are text;
/// a key without a value (`key`, `key=`) is null; of equal keys the first counts. The map borrows
/// from `text` and `arena`. Gives kError with place and reason, the byte counted from 1.
Value read_logfmt(std::string_view text, Arena& arena);

/// Appends the members of a decoded map as pairs: strings as their content, in quotes where reading
/// them back needs it, null as `key=`, lists and objects as their JSON in quotes. Answers an empty
/// text, or why it cannot be done.
std::string write_logfmt(const MapValue& map, std::string& out);

}  // namespace weir
