// Looking for one text in many events.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "event/batch.h"
#include "event/kernels.h"

namespace weir {

/// A text that is looked for again and again. Two of its bytes, those that events have least, are
/// looked for at 64 places at once; where both are, the whole is compared (W. Muła, SIMD-friendly
/// algorithms for substring searching, 2016).
class Needle {
 public:
  explicit Needle(std::string text);

  const std::string& text() const { return text_; }
  /// True if the JSON text may have the needle in a string: its bytes stand there, or `\u`, which
  /// could spell any of them. The empty text may stand everywhere. Bytes up to `readable` may be
  /// looked at, and count for nothing; null is the text's end.
  bool may_be_in(std::string_view json, const char* readable = nullptr) const {
    return text_.empty() || find(json, readable) != json.data() + json.size();
  }
  /// The first place where the needle, which is not empty, or `\u` stands, else the text's end.
  const char* find(std::string_view json, const char* readable) const;
  /// The same in lines. `count`, which is empty, becomes that of the lines in front of the place.
  const char* find(std::string_view lines, const char* readable, LineCount& count) const;

 private:
  std::string text_;
  size_t first_ = 0;  ///< places in `text_` of the two bytes; one place if there is one byte only
  size_t second_ = 0;
};

/// Needle::may_be_in for the text rows of a batch, one after another. Where they lie behind one
/// another, as lines do, many are searched at once for a needle that is rare.
class NeedleSearch {
 public:
  NeedleSearch(const Needle& needle, const Batch& batch);

  bool may_be_in(const Row& row);

 private:
  const Needle& needle_;
  const Batch& batch_;
  const char* end_ = nullptr;    ///< of the last row, if that lies where it was read
  const char* from_ = nullptr;   ///< nothing was found from here on,
  const char* place_ = nullptr;  ///< up to here
};

}  // namespace weir
