// Looking for one text in many others.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// A text that is looked for again and again. Two of its bytes, those that events have least, are
/// looked for at 16 places at once; where both are, the whole is compared (W. Muła, SIMD-friendly
/// algorithms for substring searching, 2016).
class Needle {
 public:
  explicit Needle(std::string text);

  const std::string& text() const { return text_; }
  /// True if it stands in `hay`; looks at no byte outside of it. The empty text stands everywhere.
  bool is_in(std::string_view hay) const;

 private:
  std::string text_;
  size_t first_ = 0;  ///< places in `text_` of the two bytes; one place if there is one byte only
  size_t second_ = 0;
};

}  // namespace weir
