// An output with a buffer in front, and compression where it is wanted.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/compression.h"
#include "sink/output.h"

namespace weir {

/// Collects bytes and hands them on in large pieces.
class Stream {
 public:
  /// `encoder` may be null: the bytes go as they are.
  Stream(const Endpoint& endpoint, FileSystem& files, std::unique_ptr<Encoder> encoder)
      : output_(output_at(endpoint, files)), encoder_(std::move(encoder)) {}

  Result<void> open() { return output_->open(); }
  Result<void> await_reader() { return output_->await_reader(); }
  /// Where to append what shall be written; `settle` afterwards.
  std::string& buffer() { return buffer_; }
  /// Writes if much was collected.
  Result<void> settle();
  /// So many bytes are worth a write of their own.
  static constexpr size_t kEnough = size_t{256} << 10;
  /// Writes what was collected, and these bytes behind it, which need not be copied so.
  Result<void> write(std::string_view bytes);
  /// Writes all, so that a reader can have it now.
  Result<void> flush();
  /// Writes what is left, ends the compressed stream, and ends the output (see Output::finish). A
  /// write that fails here makes it a failed one.
  Result<void> finish(Outcome outcome);

  const Output& output() const { return *output_; }
  /// What was collected so far, before compression.
  uint64_t bytes() const { return drained_ + buffer_.size(); }

 private:
  Result<void> drain(Encoder::Mode mode);
  Result<void> hand_on(std::string_view bytes, Encoder::Mode mode);

  std::unique_ptr<Output> output_;
  std::unique_ptr<Encoder> encoder_;
  std::string buffer_;
  std::string packed_;
  bool unflushed_ = false;  ///< the encoder holds bytes that no reader can have yet
  uint64_t drained_ = 0;    ///< bytes that were to be written and are not in the buffer
  bool failed_ = false;
};

}  // namespace weir
