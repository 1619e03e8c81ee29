// The time that expressions call now().
#pragma once

#include "event/time.h"

namespace weir {

/// The time at which the run is said to take place: what `fix_now` set; else the system's clock
/// when this was first called. It is the same for the whole run, on every thread.
Timestamp now();

/// Sets it. Called once at most, before anything is planned.
void fix_now(Timestamp time);

}  // namespace weir
