// Amounts with units, as people write them: 64MiB.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

/// Reads a number of bytes: a whole number with, optionally, a unit. KiB, MiB, GiB, TiB and the
/// bare letters K, M, G, T count in powers of 1024 (IEC 80000-13); kB, MB, GB, TB in powers of
/// 1000; B is bytes. Letters in any case, one space before the unit allowed. Anything else, and
/// what does not fit into 64 bits, is an error of kind kUsage.
Result<uint64_t> parse_size(std::string_view text);

/// Bytes in the largest binary unit that gives a whole number: "8 MiB", "1000 bytes".
std::string format_size(uint64_t bytes);

/// A count with its thousands set apart: "1,234,567".
std::string format_count(uint64_t count);

}  // namespace weir
