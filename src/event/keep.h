// A value that outlives its batch.
#pragma once

#include <string>

#include "base/arena.h"
#include "event/value.h"

namespace weir {

/// Owns a copy of a value with all it borrows: its text, its spelling, its members (as JSON).
class KeptValue {
 public:
  KeptValue() = default;
  KeptValue(const KeptValue&) = delete;
  KeptValue& operator=(const KeptValue&) = delete;
  KeptValue(KeptValue&& other) noexcept = default;
  KeptValue& operator=(KeptValue&& other) noexcept = default;

  /// Copies `value` in place of what was kept. Values without a JSON form (NaN inside a list that
  /// an expression made, errors) are kept as kError with the reason.
  void keep(const Value& value);

  /// The kept value, kMissing at first. Borrows from this object, and is valid until the next
  /// `keep` or a move.
  Value get() const;

 private:
  Value value_;           ///< `data` and `quote` are not used: they are made again by get()
  std::string storage_;   ///< the content, and behind it the spelling of a string
  uint32_t content_ = 0;  ///< bytes of the content
};

/// A copy of `value` and all it borrows that lives as long as `arena`. What an expression made
/// (lists and maps without JSON text) becomes JSON text; without a JSON form, kError with the
/// reason.
Value copy_value(const Value& value, Arena& arena);

}  // namespace weir
