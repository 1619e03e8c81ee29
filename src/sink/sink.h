// The contract of everything events can be written to.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "bus/bus.h"
#include "event/batch.h"

namespace weir {

/// How a run ended, which decides what becomes of an output file.
enum class Outcome : uint8_t {
  kComplete,     ///< all went well: the file takes its name
  kInterrupted,  ///< a signal: what was finished takes the name only if nothing stands there
  kFailed,       ///< an error: never in place of a good file
};

/// A regular file that was there before, and what becomes of it.
struct WrittenFile {
  FileId file;
  bool at_once = false;  ///< bytes are appended to it as they come; else it is replaced at the end
};

/// The lower end of a pipeline. Used by one thread, in order.
class Sink {
 public:
  virtual ~Sink() = default;

  /// The slots of the paths that it reads itself; they are filled for every alive row.
  virtual std::span<const int> reads() const { return {}; }
  /// Opens what is written to. Called once, after the whole pipeline was planned.
  virtual Result<void> open() = 0;
  /// Waits until somebody is there to read, where that is not so yet; a signal ends that (see
  /// base/interrupt.h), which is an error. Called once, after everything was opened.
  virtual Result<void> await_reader() { return {}; }
  /// Writes the alive rows of the batch in order. A row that cannot be written in this format is
  /// rejected in the batch (fate and note, with this sink's stage index) and taken out of `alive`.
  virtual Result<void> write(Batch& batch) = 0;
  /// Hands everything on that is held back; called when the source has nothing to say.
  virtual Result<void> flush() = 0;
  /// Hands on the bytes that are written, but makes none for it, so that what a reader gets does
  /// not show when this was called.
  virtual Result<void> hand_on() = 0;
  /// Brings what was written to where a commit of the bot that runs makes it stay, and answers what
  /// the bot is to remember of it. Not for outputs that commit by themselves.
  virtual Result<std::vector<Move>> prepare() { return std::vector<Move>(); }
  /// What `prepare` answered was committed.
  virtual void moved() {}
  /// How many bytes of events it has written so far, before compression, headers included.
  virtual uint64_t bytes() const = 0;
  /// Ends the output. Called once, also after an error.
  virtual Result<void> finish(Outcome outcome) = 0;
  /// The file that was there before, once opened; nothing if there was none.
  virtual std::optional<WrittenFile> written_file() const { return {}; }
  /// The files that were there before and that `finish` will replace, where only the events tell.
  virtual std::vector<FileId> replaced_files() const { return {}; }
  /// A descriptor whose POLLERR means that nobody reads any more, or -1.
  virtual int error_fd() const = 0;
  /// What it means that `error_fd` says so.
  virtual Error reader_gone() const { return {ErrorKind::kClosed, {}}; }
  /// What it writes and how, as far as that is known before `open`: "report.csv.gz: csv, gzip".
  virtual std::string describe() const { return {}; }
  /// Something a person should know after `open` (where it waits for a reader) or after `finish`
  /// (where a part was kept), or empty.
  virtual std::string message() const { return {}; }
};

}  // namespace weir
