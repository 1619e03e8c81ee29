#include "base/interrupt.h"

#include <csignal>

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

using namespace weir;

TEST_CASE("a wait ends with the descriptor, with the time, and with a signal that came before it") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  CHECK(wait_for(ends[0], POLLIN, 1) == Waited::kTimeout);
  CHECK(wait_for(-1, 0, 1) == Waited::kTimeout);
  CHECK(wait_for(ends[1], POLLOUT) == Waited::kReady);
  {
    const Interrupt interrupt;
    CHECK(interrupt.signal() == 0);
    CHECK(wait_for(ends[0], POLLIN, 1) == Waited::kTimeout);
    std::raise(SIGTERM);
    CHECK(interrupt.signal() == SIGTERM);
    CHECK(wait_for(ends[0], POLLIN) == Waited::kInterrupted);
    CHECK(wait_for(ends[1], POLLOUT) == Waited::kInterrupted);
  }
  CHECK(wait_for(ends[0], POLLIN, 1) == Waited::kTimeout);
  close(ends[0]);
  close(ends[1]);
}
