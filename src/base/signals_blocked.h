// Starting threads that signals do not interrupt.
#pragma once

#include <csignal>

namespace weir {

/// While one is there, signals wait for another thread, and threads that are started leave them to
/// others for ever: they are for the thread that pulls, whose waits they end.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace weir
