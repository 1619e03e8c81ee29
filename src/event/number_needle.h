// Ruling events out by the number that stands behind a key, wherever in them that key is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/kernels.h"
#include "event/path.h"

namespace weir {

/// What an event must have in which the field at a path is a number between two: a key that ends in
/// the last name of the path, and behind it something else than a whole number that is not between
/// them. Only of what begins with a brace it is said that it lacks that. That is looked for in the
/// bytes alone: nesting, strings and the other names of the path do not count. So it is there
/// wherever the scan (PathScanner) finds such a field, and in other events, too.
class NumberNeedle {
 public:
  /// Nothing if the name may be spelled in more ways than by itself and by `\u`.
  static std::optional<NumberNeedle> of(const Path& path, int64_t least, int64_t most);

  /// The name that the keys end in.
  std::string_view name() const { return {key_end_.data(), key_end_.size() - 1}; }

  /// True if the JSON text, an event, has such a key and lacks what is looked for.
  bool is_lacked_by(std::string_view json) const;

 private:
  friend class NumberSearch;
  NumberNeedle(std::string key_end, int64_t least, int64_t most);

  /// What is at a place of a line.
  enum class Found : uint8_t {
    kNothing,
    kOutside,  ///< the key, and a whole number that is not between the two
    kPerhaps,  ///< what is looked for, or what could spell it, or it is hard to say
  };
  Found look_at(const char* place, const char* end) const;

  std::string key_end_;  ///< the name and a quote: more may stand in front, as in "a.name"
  size_t first_ = 0;     ///< places in `key_end_` of the two bytes that it is found by
  size_t second_ = 0;
  int64_t least_;
  int64_t most_;
};

/// NumberNeedle::is_lacked_by for lines, one after another. Only where there are kernels.
class NumberSearch {
 public:
  /// Of whole lines, less than 4 GiB. Bytes up to `readable` may be looked at, and count for
  /// nothing.
  NumberSearch(const NumberNeedle& needle, std::string_view lines, const char* readable);

  struct Front {
    size_t events = 0;  ///< each line is one
    size_t bytes = 0;
  };
  /// The next lines that lack what is looked for: from the first one on, and then from behind the
  /// line that stands behind those of the answer before.
  Front next();

 private:
  /// Where the line ends in which p stands: behind its line feed.
  size_t line_end(const char* p) const;

  const NumberNeedle& needle_;
  std::string_view lines_;
  const char* readable_;
  LinePlaces places_;
  size_t looked_at_ = 0;  ///< of the places
  size_t line_ = 0;       ///< where to go on, in lines
  size_t from_ = 0;       ///< and in bytes
};

}  // namespace weir
