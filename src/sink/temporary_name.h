// What a file is called until it is complete.
#pragma once

#include <string>

namespace weir {

/// `path` with `ending` behind its name, which is cut if it would be too long for a file system.
std::string with_ending(const std::string& path, const std::string& ending);

/// An ending that hardly anything has: ".weir-" and six letters or digits.
std::string temporary_ending();

}  // namespace weir
