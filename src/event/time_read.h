// Times read from a format of one's own: the reverse of time_format.h.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "event/time.h"
#include "event/time_zone.h"

namespace weir {

/// Reads what `append_date` writes by this format, so that the one is the reverse of the other as
/// far as the format tells the time. Numbers may lack zeros in front, but for those of years; names
/// of months and days may be long or short, in letters of either case; a blank stands for several.
/// %L, %f and %N read decimals of the second, at most as many as they write, and right behind %s
/// just as many; %z and %:z read an offset in any form of ISO 8601; %Z reads UTC, GMT, Z, an
/// offset, or how the time is called in `zone` then. A year of two digits lies between 1969 and
/// 2068. What the format does not have is the first of January, midnight, and the clocks of `zone`.
/// Where the text says something twice, both must be true. A time that the clocks show twice is the
/// first, unless %Z tells; one that they never show is an error, and so is text that is left. Gives
/// why it cannot be read.
///
/// Needs a format in which `find_wrong_letter` finds nothing and `why_unreadable` neither.
std::expected<Timestamp, std::string> read_date(std::string_view text, std::string_view format,
                                                const TimeZone& zone);

/// Why no text tells a time by this format, as one without a year; empty if one may. Needs a format
/// in which `find_wrong_letter` finds nothing.
std::string why_unreadable(std::string_view format);

}  // namespace weir
