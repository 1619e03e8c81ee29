// Reading the demanded paths out of an event's JSON text, and nothing else.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/kernels.h"
#include "event/path.h"
#include "event/scan_plan.h"
#include "event/value.h"

namespace weir {

/// The one specified scan. It decides what an unchecked line says (design: a line's fate), so what
/// it does is part of weir's contract, and any faster way must give the same answers:
///
/// - It sees strings (a backslash takes the next byte along), the brackets `{ [ ] }` outside
/// strings,
///   counted without regard to their kind, and colons behind strings. Everything else is passed
///   over unchecked.
/// - An event that does not start with `{` has no fields: the line is checked whole instead, and is
///   broken if it is no JSON value.
/// - A key is a string directly inside a followed object, behind which (after white space) a colon
///   stands. Keys are compared decoded. Only the first of equal keys in an object counts.
/// - The value behind a key is followed if it starts with `{` and the path goes on; else, if the
/// path
///   ends here, it is read: a string or bracketed value up to its end, anything else up to the next
///   comma, closing bracket, colon or white space, or to the end of the line.
/// - Of the spellings of a path (`{"a":{"b":..}}`, `{"a.b":..}`) the first in the text counts.
/// - The scan ends as soon as every path is answered, or when the outermost object ends: paths
/// without
///   an answer are missing then.
/// - The line is broken if it ends before that, or if a value that is read is no JSON value.
class PathScanner {
 public:
  /// Will read the paths of `slots` (event paths that are not the whole event) out of `paths`.
  PathScanner(const PathTable& paths, std::span<const int> slots);
  explicit PathScanner(const std::vector<Path>& paths);

  size_t size() const { return plan_.count; }
  /// True if kernels run, and the exact way only where they leave an event to it.
  bool uses_kernels() const { return kernels_ != nullptr; }
  /// What runs where it can: the best kernels of this machine, unless a test wants others, or null
  /// for the exact way alone. Paths that are not for kernels are read by the exact way all the
  /// same.
  void use(const Kernels* kernels) { kernels_ = plan_.for_kernels ? kernels : nullptr; }

  /// Scans one event. `values` has one element for each path; it gets kMissing where there is none.
  /// Values borrow from `event` and `arena`; each keeps the place it was read from (`data`, or
  /// `quote` for strings). Answers an empty text, or why the line is broken. Bytes up to `readable`
  /// may be looked at, which makes the scan faster, and count for nothing; null: the event's alone.
  std::string scan(std::string_view event, std::span<Value> values, Arena& arena,
                   const char* readable = nullptr) const;

  /// The same by the kernels alone. False if they leave the event to `scan`.
  bool scan_quickly(std::string_view event, std::span<Value> values, Arena& arena,
                    const char* readable) const {
    if (kernels_ == nullptr) return false;
    for (Value& value : values) value = Value::missing();
    return kernels_->scan(plan_, event, readable, values, arena);
  }

  /// The same for the first of some lines, of which the last has its line feed, too. Answers the
  /// one behind the first, or null if the kernels leave the line to `scan`.
  const char* scan_line(std::string_view lines, std::span<Value> values, Arena& arena,
                        const char* readable) const {
    if (kernels_ == nullptr) return nullptr;
    for (Value& value : values) value = Value::missing();
    return kernels_->scan_line(plan_, lines, readable, values, arena);
  }

 private:
  const ScanEdge* match(const ScanNode& node, std::string_view raw_key) const;
  std::string scan_exactly(std::string_view event, std::span<Value> values, Arena& arena) const;

  ScanPlan plan_;
  const Kernels* kernels_ = nullptr;
};

}  // namespace weir
