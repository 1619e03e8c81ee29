// The events of one stream of bytes: a file's, or a connection's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"
#include "bus/session.h"
#include "codec/format.h"
#include "codec/framer.h"
#include "event/batch.h"
#include "source/commit_rule.h"

namespace weir {

/// How a source reads.
struct SourceOptions {
  std::optional<Format> format = {};     ///< forced; else found by name, then content
  std::optional<char> separator = {};    ///< between the cells of CSV and TSV, if not the usual
  size_t max_event = size_t{8} << 20;    ///< --max-event: a longer event is a reject
  size_t batch_rows = 0;                 ///< the most rows in a batch; 0: as many as are good
  std::shared_ptr<BusSession> bot = {};  ///< files: the run of a bot, which remembers; else null
  CommitRule commit = {};                ///< of a bot: when it commits
};

/// Checks what a person may have set (errors of kind kUsage), and chooses the size of batches.
Result<void> settle_options(SourceOptions& options);

/// What of a stream is in memory.
struct Piece {
  std::string_view bytes;  ///< those not done with, in `buffer`
  const Buffer& buffer;
  uint64_t offset = 0;  ///< in the stream, of the buffer's first byte
  bool last = false;    ///< no more bytes will come
  bool broken = false;  ///< because the stream broke off: the last piece of a line is no event
  bool may_stay_uncut = false;  ///< whole lines may leave as Batch::uncut; the same for all pieces
};

/// Tells the events of one stream apart: finds its format, passes over a byte order mark, cuts
/// events that are too long.
class StreamReader {
 public:
  /// `options` are settled. `by_name` is what the stream's name says of its format. Of the
  /// connections (by `origin`) none may be compressed: a window for each could take any memory.
  /// `standard` tells that it is standard input, for messages.
  StreamReader(const SourceOptions& options, Format by_name, std::shared_ptr<const Origin> origin,
               bool standard = false)
      : options_(options), by_name_(by_name), origin_(std::move(origin)), standard_(standard) {}

  /// Fills `batch`, which is empty, with the next events of the piece, and answers how many of the
  /// bytes are done with. The rest comes again, with more behind it. Without rows it needs more
  /// bytes; of the last piece it is done with all then. An error says, with the stream's name, that
  /// nothing of the stream can be read, and why; it comes behind all events before it.
  Result<size_t> take(const Piece& piece, Batch& batch);

  /// True if the bytes that it is done with end in the middle of an event that is too long.
  bool is_passing() const { return passing_; }
  /// True if whole lines can stay uncut, behind the first batch.
  bool has_cutter() const { return framer_ != nullptr && framer_->cutter() != nullptr; }
  /// How many lines it is done with, without those that stayed uncut.
  uint64_t lines() const { return framer_ == nullptr ? 0 : framer_->line() - 1; }
  const std::shared_ptr<const Origin>& origin() const { return origin_; }

 private:
  Result<bool> begin(const Piece& piece, size_t& done);
  Result<bool> take_rows(const Piece& piece, size_t& done, Batch& batch);
  bool pass_over(const Piece& piece, size_t& done, Batch& batch);
  bool leave_uncut(const Piece& piece, size_t& done, Batch& batch);
  void number(Batch& batch);

  SourceOptions options_;
  Format by_name_;
  std::shared_ptr<const Origin> origin_;
  bool standard_;
  std::unique_ptr<Framer> framer_;  ///< null until the format is known
  bool has_begun_ = false;          ///< a batch was filled
  bool left_uncut_ = false;         ///< so the framer does not know the numbers of lines any more
  uint64_t next_line_ = 1;          ///< by the framer's count, behind the last batch

  // The event that is being passed over because it is too long.
  bool passing_ = false;
  Buffer head_;
  size_t head_size_ = 0;
  uint64_t length_ = 0;
  uint64_t passed_line_ = 0;
  uint64_t passed_offset_ = 0;
};

}  // namespace weir
