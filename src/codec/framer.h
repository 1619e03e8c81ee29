// Taking events out of bytes: one framer for each format.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/format.h"
#include "event/batch.h"

namespace weir {

/// How much of an event that is too long is kept.
inline constexpr size_t kCutBytes = size_t{64} << 10;

struct FramingOptions {
  size_t max_event = size_t{8} << 20;  ///< a longer event is rejected
  /// CSV and TSV: between cells; else what the format says.
  std::optional<char> separator = {};
};

/// Finds the events of one input, which it sees piece by piece, and in order. What it finds depends
/// on the bytes only, never on how they were cut into pieces.
class Framer {
 public:
  virtual ~Framer() = default;

  /// Appends the rows that stand at the front of `bytes`, at most `max_rows`, and answers how many
  /// bytes are done with. `bytes` lies in `batch.buffer`, where the rows will point. What is left
  /// comes again, with more behind it; `last` says that no more will come, and then all rows come
  /// out. A batch without rows gets its `first_line`. An error says that nothing of this input can
  /// be read, and why; `line` tells where.
  virtual Result<size_t> take(std::string_view bytes, bool last, size_t max_rows, Batch& batch) = 0;

  /// How far an event goes that is too long to be held.
  struct Passed {
    size_t bytes = 0;     ///< of the given ones belong to it
    bool ended = false;   ///< its end was among them
    size_t line_end = 0;  ///< how many of the bytes are the line end, no part of the event
  };
  /// Passes over an event longer than max_event, piece by piece, from its first byte on. Used when
  /// `take` left more than `max_event` bytes + 2; never while it still answers otherwise.
  virtual Passed pass(std::string_view bytes, bool last) = 0;

  /// What cuts whole lines without this framer, if nothing but a line feed ends an event; else
  /// null.
  virtual std::shared_ptr<const LineCutter> cutter() const { return nullptr; }

  /// Bytes that it has seen were cut without it.
  void skip() { searched_ = 0; }
  /// How many bytes at the front it has seen and found no event's end in.
  size_t searched() const { return searched_; }

  /// The number (from 1) of the line that the next byte is in, of the lines that it was given.
  uint64_t line() const { return line_; }

 protected:
  explicit Framer(const FramingOptions& options) : options_(options) {}

  FramingOptions options_;
  uint64_t line_ = 1;
  /// Bytes at the front that were searched in vain for an event's end, so that an event that comes
  /// in small pieces is not searched again and again from its start.
  size_t searched_ = 0;
};

std::unique_ptr<Framer> make_framer(Format format, const FramingOptions& options);

/// Why an event of `length` bytes is rejected.
std::string too_long_reason(uint64_t length, size_t max_event);

/// Appends the row of an event longer than max_event, of which `head` is the beginning (at most
/// kCutBytes, in `batch.buffer`): rejected, out of `alive`.
void add_cut_row(Batch& batch, std::string_view head, uint64_t length, uint32_t line,
                 size_t max_event);

/// The full length of an event that add_cut_row cut (at most 4 GiB - 1), or 0 if the row is whole.
inline uint64_t cut_length(const Row& row) {
  return row.text == nullptr && !row.is_record() && row.text_size > row.source_size ? row.text_size
                                                                                    : 0;
}

/// Appends a row of `source` that is rejected for `reason`, out of `alive`.
void add_rejected_row(Batch& batch, std::string_view source, uint32_t line, std::string reason);

std::unique_ptr<Framer> make_ndjson_framer(const FramingOptions& options);
std::unique_ptr<Framer> make_csv_framer(char separator, const FramingOptions& options);
std::unique_ptr<Framer> make_text_framer(const FramingOptions& options);

}  // namespace weir
