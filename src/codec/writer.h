// Turning rows into bytes: one writer for each format.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/terminal.h"
#include "codec/format.h"
#include "event/batch.h"

namespace weir {

struct WriterOptions {
  std::vector<std::string> columns =
      {};  ///< CSV, table: as dotted paths; none: from the first events
  /// CSV and TSV: what stands between the cells, if not the usual.
  std::optional<char> separator = {};
  /// CSV: the header where no event came and there are no columns; none: there is no header then.
  std::vector<std::string> fields = {};
  /// NDJSON: each event, which was read from a queue, is written in the envelope that it had there.
  bool envelopes = false;
  uint8_t stage_index = 0;  ///< under which rows that cannot be written are rejected
  Terminal terminal = {};   ///< table: the terminal that it is for
};

/// Writes the events of one output, in order.
class Writer {
 public:
  virtual ~Writer() = default;
  /// Appends the alive rows of the batch to `out`. Rows that have no form in this format are
  /// rejected in the batch and taken out of `alive`; nothing of them is in `out`.
  virtual void write(Batch& batch, std::string& out) = 0;
  /// What `write` would append, if it lies in the batch in one piece; else empty. Then the batch
  /// need not be written.
  virtual std::string_view as_it_lies(const Batch&) const { return {}; }
  /// Appends what was held back until now and need not be, so that a reader can have it: the source
  /// has nothing to say for a while.
  virtual void flush(std::string&) {}
  /// Appends what was held back until now, where the output ends early.
  virtual void release(std::string&) {}
  /// Appends what stands at the end of an output.
  virtual void finish(std::string& out) = 0;
};

/// Errors (kUsage): columns, a separator or envelopes for a format without them, a separator that
/// is none, a column named twice or not at all.
Result<std::unique_ptr<Writer>> make_writer(Format format, WriterOptions options);

std::unique_ptr<Writer> make_ndjson_writer(uint8_t stage_index);
std::unique_ptr<Writer> make_envelope_writer(uint8_t stage_index);
std::unique_ptr<Writer> make_text_writer(uint8_t stage_index);
/// `separator` is one that check_csv_separator takes; the columns are not empty texts and differ.
std::unique_ptr<Writer> make_csv_writer(char separator, WriterOptions options);
std::unique_ptr<Writer> make_table_writer(WriterOptions options);

}  // namespace weir
