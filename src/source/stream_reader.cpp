#include "source/stream_reader.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/units.h"
#include "codec/binary.h"
#include "codec/compression.h"
#include "codec/csv_row.h"

namespace weir {
namespace {

/// So that a batch of tiny events takes about as much memory as one of large ones.
constexpr size_t kBatchRows = 16384;
/// By so many bytes at the front of a stretch of lines it is guessed how long the others are.
constexpr size_t kGuessedBy = 4096;
/// Rows count their bytes in 32 bits.
constexpr size_t kLongestEvent = size_t{1} << 30;

/// Whole lines at the front of `bytes`: about `rows` of them, or one, or all there are. There is no
/// line feed in the first `searched` bytes, which are no more than there are.
std::string_view whole_lines(std::string_view bytes, size_t searched, size_t rows) {
  if (!bytes.substr(searched).contains('\n')) return {};
  const std::string_view front = bytes.substr(0, kGuessedBy);
  const auto lines = static_cast<size_t>(std::ranges::count(front, '\n'));
  const size_t size = std::min(bytes.size(), front.size() * rows / (lines + lines / 8 + 1));
  size_t feed = bytes.substr(0, size).rfind('\n');
  if (feed == std::string_view::npos) feed = bytes.find('\n', size);
  return bytes.substr(0, feed + 1);
}

}  // namespace

Result<void> settle_options(SourceOptions& options) {
  if (options.separator) {
    if (auto checked = check_csv_separator(*options.separator); !checked) return checked;
  }
  if (options.max_event == 0 || options.max_event > kLongestEvent) {
    return usage_error("--max-event is at least 1 byte and at most " + format_size(kLongestEvent));
  }
  if (options.batch_rows == 0) options.batch_rows = kBatchRows;
  return {};
}

/// Looks at the first bytes for a byte order mark and the format. False if that takes more bytes.
Result<bool> StreamReader::begin(const Piece& piece, size_t& done) {
  const std::string_view content = piece.bytes;
  const std::string& name = origin_->name;
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (content.starts_with("\xff\xfe") || content.starts_with("\xfe\xff")) {
    const std::string from = content.front() == '\xff' ? "UTF-16LE" : "UTF-16BE";
    return machine_error(name + ": is UTF-16, and weir reads UTF-8: convert it with iconv -f " +
                         from + " -t UTF-8");
  }
  if (origin_->is_peer) {
    const std::optional<Compression> packed = detect_compression(content, piece.last);
    if (!packed) return false;
    if (*packed != Compression::kNone) {
      return machine_error(name + ": is " + std::string(compression_name(*packed)) +
                           " data, which weir reads from files only, not from sockets");
    }
  }
  const std::optional<const BinaryKind*> binary = detect_binary(content, piece.last);
  if (!binary) return false;
  if (*binary != nullptr) {
    return machine_error(name + ": is " + std::string((*binary)->name) +
                         " data, which weir does not read: " +
                         remedy_for(**binary, name, standard_ || origin_->is_peer));
  }
  const bool cut = content == "\xff" || content == "\xfe" ||
                   (content.size() < kMark.size() && kMark.starts_with(content));
  if (cut && !piece.last) return false;
  const size_t mark = content.starts_with(kMark) ? kMark.size() : 0;
  std::optional<Format> format = options_.format;
  if (!format) format = detect_format(by_name_, content.substr(mark), piece.last);
  if (!format) return false;
  done += mark;
  framer_ =
      make_framer(*format, {.max_event = options_.max_event, .separator = options_.separator});
  return true;
}

/// Fills the batch with the rows that are there. False if there are none.
Result<bool> StreamReader::take_rows(const Piece& piece, size_t& done, Batch& batch) {
  batch.buffer = piece.buffer;
  const Result<size_t> taken = framer_->take(piece.bytes.substr(done), piece.last && !piece.broken,
                                             options_.batch_rows, batch);
  if (!taken) {
    batch.buffer = Buffer();
    return std::unexpected(Error{
        taken.error().kind,
        origin_->name + ":" + std::to_string(framer_->line()) + ": " + taken.error().message});
  }
  done += *taken;
  if (batch.rows.empty()) {
    batch.buffer = Buffer();
    return false;
  }
  batch.buffer_offset = piece.offset;
  batch.origin = origin_;
  return true;
}

/// Goes on with an event that is too long. True if it ended, and its row is in the batch.
bool StreamReader::pass_over(const Piece& piece, size_t& done, Batch& batch) {
  const std::string_view bytes = piece.bytes.substr(done);
  if (bytes.empty() && !piece.last) return false;
  const Framer::Passed passed = framer_->pass(bytes, piece.last && !piece.broken);
  const size_t content = passed.bytes - passed.line_end;
  const size_t kept = std::min(content, kCutBytes - head_size_);
  if (kept > 0) std::memcpy(head_.data() + head_size_, bytes.data(), kept);
  head_size_ += kept;
  length_ += content;
  done += passed.bytes;
  if (!passed.ended) return false;
  passing_ = false;
  batch.buffer = std::move(head_);
  batch.buffer_offset = passed_offset_;
  batch.first_line = passed_line_;
  batch.origin = origin_;
  add_cut_row(batch, {batch.buffer.data(), head_size_}, length_, 0, options_.max_event);
  return true;
}

/// Gives out whole lines as they are. False if there are none, or if a framer has to see them.
bool StreamReader::leave_uncut(const Piece& piece, size_t& done, Batch& batch) {
  // The first batch has a number, so that lines are not counted on from another stream.
  if (!piece.may_stay_uncut || !has_begun_) return false;
  std::shared_ptr<const LineCutter> cutter = framer_->cutter();
  if (cutter == nullptr) return false;
  const std::string_view lines =
      whole_lines(piece.bytes.substr(done), framer_->searched(), options_.batch_rows);
  if (lines.empty()) return false;
  batch.uncut = {.text = lines,
                 .most_rows = static_cast<uint32_t>(options_.batch_rows),
                 .cutter = std::move(cutter)};
  batch.buffer = piece.buffer;
  batch.buffer_offset = piece.offset;
  batch.origin = origin_;
  batch.unnumbered = true;
  batch.first_line = 0;
  batch.lines = framer_->line() - next_line_;  // blank ones
  framer_->skip();
  next_line_ = framer_->line();
  left_uncut_ = true;
  done += lines.size();
  return true;
}

/// Notes which lines a batch takes up that the framer has filled.
void StreamReader::number(Batch& batch) {
  if (batch.rows.empty()) return;
  has_begun_ = true;
  if (left_uncut_) {
    batch.unnumbered = true;
    batch.lines = framer_->line() - next_line_;
    batch.first_line -= next_line_;
  } else {
    batch.lines = framer_->line() - batch.first_line;
  }
  next_line_ = framer_->line();
}

Result<size_t> StreamReader::take(const Piece& piece, Batch& batch) {
  size_t done = 0;
  if (framer_ == nullptr) {
    if (piece.bytes.empty() && !piece.last) return done;
    const Result<bool> known = begin(piece, done);
    if (!known) return std::unexpected(known.error());
    if (!*known) return done;
  }
  if (!passing_) {
    if (leave_uncut(piece, done, batch)) return done;
    const Result<bool> some = take_rows(piece, done, batch);
    if (!some) return std::unexpected(some.error());
    number(batch);
    // Room for a line end of two bytes: the event itself may still be just short enough.
    if (*some || piece.bytes.size() - done <= options_.max_event + 2) return done;
    passing_ = true;
    head_ = Buffer(kCutBytes);
    head_size_ = 0;
    length_ = 0;
    passed_line_ = framer_->line();
    passed_offset_ =
        piece.offset + static_cast<uint64_t>(piece.bytes.data() - piece.buffer.data()) + done;
  }
  if (pass_over(piece, done, batch)) number(batch);
  return done;
}

}  // namespace weir
