// The contract of everything events can be read from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "bus/bus.h"
#include "event/batch.h"

namespace weir {

/// What a pull brought.
enum class Pull : uint8_t {
  kBatch,  ///< a batch with at least one row, or with lines that are no rows yet
  kIdle,   ///< nothing there at the moment; wait for the source's `wait_fd()`
  kEnd,    ///< there is no more
};

/// The upper end of a pipeline. Pulled by one thread at a time, in order: by the one that runs the
/// pipeline, or, where `reads_on` allows it, by any. Then `amount`, `is_live` and `take_messages`
/// may be called beside `next`. `reads_on` and `stop` are called by who pulls, and everything else
/// by the former while nobody does.
class Source {
 public:
  virtual ~Source() = default;

  /// Finds what is to be read and checks that it can be. Called once, before `next`; a fault in the
  /// last of many inputs shows here, before the first is read.
  virtual Result<void> open() = 0;

  /// Allows batches whose lines were not cut into rows yet (Batch::uncut), and do not know their
  /// numbers: whoever pulls sees to both. Called before `next`, if at all.
  virtual void leave_uncut() {}

  /// Allows threads of the source's own, beside the `jobs` that work on batches, for what these
  /// cannot do. Called before `next`, if at all.
  virtual void decode_ahead(size_t /*jobs*/) {}

  /// Fills `batch` (which is empty) with the next events, untouched and unchecked; rows that cannot
  /// even be told apart (longer than --max-event, a CSV row with too few fields) come with the fate
  /// kRejected and a note, in their place. Never blocks on a pipe or terminal that has nothing to
  /// say: then it answers kIdle. An error comes after everything that was read before it.
  virtual Result<Pull> next(Batch& batch) = 0;

  /// True if there is more to be had at once, so that any thread may call `next` again. Asked by
  /// whoever called it last, after kBatch.
  virtual bool reads_on() const { return false; }

  /// The descriptor to wait on (poll, POLLIN) after kIdle.
  virtual int wait_fd() const = 0;

  /// True while it reads what may have nothing to say at the moment: a pipe, a terminal, sockets.
  virtual bool is_live() const = 0;

  /// How many bytes were read and how many there are, as they stand in the inputs: a compressed
  /// file counts with its own size, not with what comes out of it. Empty where that cannot be
  /// known.
  struct Amount {
    std::optional<uint64_t> read;
    std::optional<uint64_t> total;
  };
  /// How far reading has come since `open`.
  virtual Amount amount() const { return {}; }

  /// What it reads, a line for each input, as far as that is known before `open`: "a.csv: csv".
  virtual std::vector<std::string> describe() const { return {}; }

  /// What events come as, as far as that is known before `open`.
  struct Form {
    bool may_be_json = true;    ///< as the text of JSON, or else as records
    bool may_be_uncut = false;  ///< as lines that are no rows yet (see leave_uncut)
  };
  virtual Form form() const { return {}; }

  /// What the input is called that is this file, once opened; empty if none is.
  virtual std::string input_name(const FileId&) const { return {}; }

  /// What a person should know since the last call, a line each: where it listens (after `open`),
  /// who broke off.
  virtual std::vector<std::string> take_messages() { return {}; }

  /// True if it said idle for the sake of a bot's commit only, and has more.
  virtual bool wants_commit() const { return false; }

  /// True if it said idle so that signals and deadlines are looked at: it has read much without an
  /// event, goes on at once, and nothing that waits is to be handed on for that.
  virtual bool takes_breath() const { return false; }

  /// What a bot is to remember if all that was given so far is done with: called when it has gone
  /// through the pipeline. Nothing if nothing was given.
  virtual std::vector<Move> moves() const { return {}; }
  /// What `moves` answered was committed.
  virtual void moved() {}

  /// Reads no more bytes: what was read already still comes out, then kEnd.
  virtual void stop() = 0;
};

}  // namespace weir
