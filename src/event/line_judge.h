// Ruling events out by their fields while they are lines, and no rows yet.
#pragma once

#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/json_scan.h"
#include "event/path.h"
#include "event/value.h"

namespace weir {

/// What a filter in front of all other stages says of lines. Constant: any thread.
class LineJudge {
 public:
  /// Reads the fields of `slots`: one or more event paths, and not the whole event.
  LineJudge(const PathTable& paths, const std::vector<int>& slots)
      : slots_(slots), scanner_(paths, slots) {}
  virtual ~LineJudge() = default;

  /// True if kernels read the fields: there is no other way here.
  bool is_able() const { return scanner_.uses_kernels(); }

  /// The fields of one line.
  struct Reading {
    std::vector<std::vector<Value>> columns;  ///< by slot, as a batch of one row has them
    std::vector<Value> scratch;               ///< for reading several
    Arena arena;
  };
  /// Room for what `rules_out` reads.
  Reading make_reading() const;

  /// The line feed behind the first of some whole lines, if that is an event that has all fields,
  /// and by them is ruled out whatever else is in it. Null: it has to become a row. Bytes up to
  /// `readable` may be looked at.
  const char* rules_out(std::string_view lines, const char* readable, Reading& reading) const;

 private:
  /// True if an event with these fields is filtered, and if nobody has to hear more of it: each
  /// field is of the type that it is compared with (Counterpart).
  virtual bool is_ruled_out_by(Reading& reading) const = 0;

  std::vector<int> slots_;
  PathScanner scanner_;
};

}  // namespace weir
