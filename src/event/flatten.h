// Nested objects and lists as flat keys, and back.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"

namespace weir {

/// Which members of an event are meant, and what stands between the names in a flat key.
struct Flatness {
  std::vector<std::string> names;  ///< of members of the event; none: all of them
  std::string separator = ".";     ///< well-formed UTF-8, not empty

  bool is_meant(std::string_view name) const;
  /// Notes in `met`, an element for each of the names, that an event has a member of that name.
  void note(std::string_view name, std::vector<bool>& met) const;
};

/// What flatten or unflatten made of an event.
struct Reshaped {
  bool changed = false;
  std::string problem;  ///< why it cannot be done, or empty
};

/// Makes members that are objects or lists into a member for each value inside: `{"a":{"b":[1]}}`
/// becomes `{"a.b.0":1}`. Empty ones stay as values. Appends the new text to `out` if there is
/// one. A problem: two members would get the same key, or the event would grow out of all
/// proportion (16 times its length, and more than 64 KiB). `met`, an element for each of the names
/// that are meant, becomes true for those of which the event has something; it may be null.
Reshaped flatten(std::string_view json, const Flatness& flatness, std::string& out,
                 std::vector<bool>* met = nullptr);

/// The reverse: keys with the separator inside become objects, and lists where the names are 0, 1,
/// 2 and so on without a gap. An object stands where its first member stood. A problem: a key leads
/// into something that is no new object, or comes twice; or the event would be nested deeper than
/// kMaxDepth.
Reshaped unflatten(std::string_view json, const Flatness& flatness, std::string& out,
                   std::vector<bool>* met = nullptr);

/// A key in quotes, as a message shows it: a long one is cut.
std::string shown_key(std::string_view key);

using Reshape = Reshaped (*)(std::string_view, const Flatness&, std::string&, std::vector<bool>*);

/// Does the one or the other to a row. A record stays one; its cells without a change are kept.
/// The columns do not follow. Answers as the functions above.
Reshaped reshape_row(Batch& batch, uint32_t row, const Flatness& flatness, Reshape reshape,
                     std::vector<bool>* met);

}  // namespace weir
