// The same work for registers of different sizes: the program runs on every x86-64, and takes the
// widest that the machine at hand has.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "event/scan_plan.h"
#include "event/value.h"

namespace weir {

/// How many bytes a kernel may look at behind the block that it is working on.
inline constexpr size_t kKernelReach = 128;

/// The inner loops over JSON text, 64 bytes at a time. They decide the common case, and leave every
/// other to the exact ways in json_scan.cpp and json_check.cpp, whose answers are the measure.
struct Kernels {
  std::string_view name;  ///< of the registers: "avx2"

  /// Scans an event as PathScanner::scan does. True if it has all answers; false if the exact way
  /// must decide: the values mean nothing then. `values` are missing before. Bytes up to `readable`
  /// (not before the event's end) may be looked at, and count for nothing.
  bool (*scan)(const ScanPlan& plan, std::string_view event, const char* readable,
               std::span<Value> values, Arena& arena);

  /// True if the text is an object or a list in JSON, as check_json has it; false if the exact way
  /// must decide. `readable` as above.
  bool (*check)(std::string_view text, const char* readable);
};

#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
extern const Kernels kSse2Kernels;
#endif

/// The best ones that run on this machine, or null where there are none.
const Kernels* best_kernels();
/// All that run on this machine.
std::span<const Kernels* const> usable_kernels();

}  // namespace weir
