// Keeping the events that were rejected (--errors).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "bus/session.h"
#include "event/batch.h"
#include "sink/sink.h"

namespace weir {

/// Writes rejects as NDJSON, one object each:
///   {"file":"a.ndjson","line":812,"offset":40961,"stage":"filter","reason":"...","text":"..."}
/// `base64` (RFC 4648, section 4) stands in place of `text` where the bytes are not UTF-8; `length`
/// follows where the text is only the beginning of a longer event; `peer` stands in place of `file`
/// where the event came over a connection, and `queue` and `eid` stand for all four where it came
/// from a queue. Events that a stage made have no
/// file, line and offset; their text is the event as JSON.
class RejectSink {
 public:
  virtual ~RejectSink() = default;
  virtual Result<void> open() = 0;
  /// Writes row `row` of `batch`, whatever its fate, rejected by `stage` for `reason`.
  virtual Result<void> write(const Batch& batch, uint32_t row, std::string_view stage,
                             std::string_view reason) = 0;
  virtual Result<void> flush() = 0;
  virtual Result<void> finish(Outcome outcome) = 0;
  /// As Sink has them.
  virtual std::optional<WrittenFile> written_file() const = 0;
  virtual int error_fd() const = 0;
  virtual std::string message() const = 0;
};

/// A reject sink for a queue, where each reject is an event.
std::unique_ptr<RejectSink> make_reject_queue(std::string queue,
                                              std::shared_ptr<BusSession> session);

/// A reject sink for `endpoint`: the rules for files are those of `to`, compression by the name.
std::unique_ptr<RejectSink> make_reject_sink(const Endpoint& endpoint,
                                             FileSystem& files = system_files());

}  // namespace weir
