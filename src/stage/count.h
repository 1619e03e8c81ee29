// The number of events that head, tail and the like take.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/option.h"
#include "base/result.h"

namespace weir {

/// Reads COUNT, which stands alone or behind --count; 10 if there is none. `verb` is for the
/// messages.
Result<uint64_t> read_count(const Arguments& arguments, std::string_view verb);

}  // namespace weir
