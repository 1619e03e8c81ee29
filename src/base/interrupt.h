// SIGINT, SIGTERM and SIGHUP: finish what was read, then end.
#pragma once

#include <cstdint>

namespace weir {

/// Catches SIGINT, SIGTERM and (unless it is ignored) SIGHUP while it lives (one at a time). The
/// first signal is remembered; the second one ends the process at once, as if nothing caught it.
/// SIGPIPE is ignored: writes answer EPIPE instead.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// The signal that came, or 0.
  int signal() const;
  /// Becomes readable when a signal comes.
  int fd() const;
};

/// How a wait ended.
enum class Waited : uint8_t {
  kReady,        ///< the descriptor has something to say
  kTimeout,      ///< the time is over
  kInterrupted,  ///< a signal came, now or before
};

/// Waits until `fd` is ready for `events` (poll(2)), at most `timeout_ms` milliseconds (-1: for
/// ever). A signal that an Interrupt catches ends it, whenever it came. For waits outside of the
/// run's own loop: while something is opened. `fd` may be -1: then only the time passes.
Waited wait_for(int fd, short events, int timeout_ms = -1);

}  // namespace weir
