// The contract of everything events can be read from.
#pragma once

#include "base/result.h"
#include "event/batch.h"

namespace weir {

/// What a pull brought.
enum class Pull : uint8_t {
  kBatch,  ///< a batch with at least one row
  kIdle,   ///< nothing there at the moment; wait for the source's `wait_fd()`
  kEnd,    ///< there is no more
};

/// The upper end of a pipeline. Pulled by one thread, in order.
class Source {
 public:
  virtual ~Source() = default;

  /// Finds what is to be read and checks that it can be. Called once, before `next`; a fault in the
  /// last of many inputs shows here, before the first is read.
  virtual Result<void> open() = 0;

  /// Fills `batch` (which is empty) with the next events, untouched and unchecked; rows that cannot
  /// even be told apart (longer than --max-event, a CSV row with too few fields) come with the fate
  /// kRejected and a note, in their place. Never blocks on a pipe or terminal that has nothing to
  /// say: then it answers kIdle. An error comes after everything that was read before it.
  virtual Result<Pull> next(Batch& batch) = 0;

  /// The descriptor to wait on (poll, POLLIN) after kIdle.
  virtual int wait_fd() const = 0;

  /// Reads no more bytes: what was read already still comes out, then kEnd.
  virtual void stop() = 0;
};

}  // namespace weir
