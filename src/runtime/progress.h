// The line on the terminal that tells how far a run has come (--progress).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/ledger.h"
#include "runtime/report.h"
#include "source/source.h"

namespace weir {

/// How far a run has come.
struct Standing {
  uint64_t in = 0;   ///< events that were read
  uint64_t out = 0;  ///< events that were written
  Source::Amount bytes = {};
  std::chrono::duration<double> elapsed = {};
};

/// The standing in one line, the most telling first, for it may be cut: percent and time left where
/// the size is known, counts, and rates since the start.
std::string progress_line(const Standing& standing);

/// Keeps the line up to date while it lives, and takes it away at the end.
class Progress {
 public:
  /// How old the line may become.
  static constexpr std::chrono::milliseconds kInterval{500};

  /// Draws on `fd`, a terminal. `source` and `ledger` outlive it.
  Progress(int fd, const Source& source, const Ledger& ledger)
      : fd_(fd), source_(source), ledger_(ledger) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { erase(); }

  /// Looks at the clock, and draws the line anew if it is old.
  void update();
  /// Says something on a line of its own: the progress goes away meanwhile.
  void say(const Say& say, std::string_view line);

 private:
  using Clock = std::chrono::steady_clock;

  void draw();
  void erase();
  void show(const std::string& line);

  int fd_;
  const Source& source_;
  const Ledger& ledger_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_ = start_;
  size_t width_ = 0;  ///< of the line that is there
};

}  // namespace weir
