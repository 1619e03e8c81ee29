// What an expression may cost.
#pragma once

#include <cstdint>

namespace weir::expr {

/// How deep a tree may be at most, whatever the limit says: whatever walks a tree may recurse.
inline constexpr int kMaxNodeDepth = 500;

/// How much an expression may cost, so that neither it nor an event can hang or kill the process.
/// What goes beyond is an error: of the expression where it shows before the run, else of its
/// evaluation.
struct Limits {
  /// Levels that it may be nested, at most kMaxNodeDepth.
  int depth = 250;
  /// Members that its loops may look at in one evaluation, all together; what functions and
  /// comparisons do counts by the size of what they do it to.
  int64_t steps = 10'000'000;
  /// Bytes that the texts, lists and maps of one evaluation may take, and that one of them may take
  /// when it is written out.
  uint64_t memory = uint64_t{256} << 20;
  /// Bytes that a compiled regular expression may take, for each thread.
  int64_t pattern = int64_t{8} << 20;
};

}  // namespace weir::expr
