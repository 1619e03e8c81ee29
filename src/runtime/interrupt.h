// SIGINT, SIGTERM and SIGHUP: finish what was read, then end.
#pragma once

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

}  // namespace weir
