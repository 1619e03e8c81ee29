// What a fuzz target demands of what it tried.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace weir {

/// Ends the process, which libFuzzer takes for a finding, unless `holds`.
inline void require(bool holds, std::string_view what, std::string_view one = {},
                    std::string_view other = {}) {
  if (holds) return;
  const std::string text = std::string(what) + "\n  one:   " + std::string(one) +
                           "\n  other: " + std::string(other) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::abort();
}

inline void require_same(std::string_view what, std::string_view one, std::string_view other) {
  require(one == other, what, one, other);
}

}  // namespace weir
