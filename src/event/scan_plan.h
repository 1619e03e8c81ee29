// What a scan looks for, as a tree of objects and the keys that matter in each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/path.h"

namespace weir {

/// What a key in a followed object leads to.
struct ScanEdge {
  std::string key;
  int child = -1;              ///< the node that follows the value, if it is an object
  std::vector<uint32_t> ends;  ///< paths that end here, by index
};

/// Where a key may be, as bits of 64 bytes: behind a quote stands a letter, the one of the key that
/// events have least, and at the key's end another quote. What lies behind the 64 bytes may be
/// both.
struct KeyProbe {
  explicit KeyProbe(std::string_view key);

  char letter;
  uint8_t letter_at;        ///< how far behind the first quote the letter stands
  uint8_t close_at;         ///< and the other quote
  uint64_t letters_behind;  ///< bits of places whose letter lies behind the 64 bytes
  uint64_t closes_behind;
  bool operator==(const KeyProbe&) const = default;
};

/// An object that is followed: its keys that matter.
struct ScanNode {
  std::vector<ScanEdge> edges;
  std::vector<KeyProbe>
      probes;  ///< of the edges, each once; of all nodes if the plan is `one_pass`
};

/// The paths to read, in the form that a scan follows: nodes[0] is the event.
struct ScanPlan {
  explicit ScanPlan(const std::vector<Path>& paths);

  std::vector<ScanNode> nodes;
  size_t count = 0;  ///< of the paths
  /// Whether the kernels can look for the keys by their bytes (event/kernels.h).
  bool for_kernels = false;
  /// The keys are so few that all are looked for everywhere, so that another object can be followed
  /// in the middle of a block.
  bool one_pass = false;
};

}  // namespace weir
