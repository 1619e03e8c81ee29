// The same work for registers of different sizes: the program runs on every x86-64, and takes the
// widest that the machine at hand has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "event/scan_plan.h"
#include "event/value.h"

namespace weir {

/// How many bytes a kernel may look at behind the block that it is working on.
inline constexpr size_t kKernelReach = 128;

/// How far into a needle the bytes may lie that it is found by.
inline constexpr size_t kNeedleReach = kKernelReach - 64;

/// A needle, and what it is found by.
struct NeedleBytes {
  std::string_view text;  ///< not empty
  size_t first;           ///< places of two of its bytes, less than kNeedleReach
  size_t second;
};

/// How many bytes more than it was asked for find_byte may find.
inline constexpr size_t kMoreFound = 64;

/// What a text of lines has of them.
struct LineCount {
  size_t feeds = 0;         ///< line feeds
  bool has_blanks = false;  ///< perhaps lines that are empty: a line feed stands behind white space
};

/// Where in a text of lines, less than 4 GiB, a needle may stand, or `\u`, or a line may begin that
/// is no object, some at a time.
struct LinePlaces {
  struct Place {
    uint32_t at;    ///< two bytes of the needle stand here, a backslash, or a line feed in front
                    ///< of something else than a brace
    uint32_t line;  ///< how many line feeds stand before, and here: the line that this says
                    ///< something of
  };
  size_t searched = 0;  ///< bytes of the text so far,
  uint32_t feeds = 0;   ///< and line feeds in them
  size_t count = 0;     ///< of the places
  std::array<Place, 128> all;
};

/// The inner loops over JSON text, 64 bytes at a time. They decide the common case, and leave every
/// other to the exact ways in json_scan.cpp and json_check.cpp, whose answers are the measure.
struct Kernels {
  std::string_view name;  ///< of the registers: "avx2"

  /// Scans an event as PathScanner::scan does. True if it has all answers; false if the exact way
  /// must decide: the values mean nothing then. `values` are missing before. Bytes up to `readable`
  /// (not before the event's end) may be looked at, and count for nothing.
  bool (*scan)(const ScanPlan& plan, std::string_view event, const char* readable,
               std::span<Value> values, Arena& arena);

  /// The same for the first of some lines, whose end is not known; the last has its line feed, too.
  /// Answers the line feed behind the first, or null if the exact way must decide. What stands
  /// behind it counts for nothing.
  const char* (*scan_line)(const ScanPlan& plan, std::string_view lines, const char* readable,
                           std::span<Value> values, Arena& arena);

  /// True if the text is an object or a list in JSON, as check_json has it; false if the exact way
  /// must decide. `readable` as above.
  bool (*check)(std::string_view text, const char* readable);

  /// Notes where `wanted` stands in the text, until `most` are found or the text ends, and answers
  /// how many are. `places` has room for kMoreFound more than `most`.
  size_t (*find_byte)(std::string_view text, char wanted, size_t most, uint32_t* places);

  /// How often `wanted` stands in the text.
  size_t (*count_byte)(std::string_view text, char wanted);

  /// The first place in the JSON text where the needle stands, or `\u`, which could spell any of
  /// its letters; else the text's end. `readable` as above.
  const char* (*find_needle)(const NeedleBytes& needle, std::string_view json,
                             const char* readable);
  /// The same in lines, and what lines there are in front of the place.
  const char* (*find_needle_in_lines)(const NeedleBytes& needle, std::string_view lines,
                                      const char* readable, LineCount& count);

  /// Notes the next places, behind what was searched so far: none only if that is all. `readable`
  /// as above.
  void (*note_places)(const NeedleBytes& needle, std::string_view lines, const char* readable,
                      LinePlaces& places);
};

#if defined(__x86_64__)
extern const Kernels kAvx512Kernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kSse2Kernels;
#endif

/// The best ones that run on this machine, or null where there are none.
const Kernels* best_kernels();
/// Kernels::find_byte of the best ones, or without them.
size_t find_byte(std::string_view text, char wanted, size_t most, uint32_t* places);
/// Kernels::count_byte, likewise.
size_t count_byte(std::string_view text, char wanted);
/// All that run on this machine.
std::span<const Kernels* const> usable_kernels();

}  // namespace weir
