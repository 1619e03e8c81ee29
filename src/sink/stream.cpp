#include "sink/stream.h"

namespace weir {
namespace {

constexpr size_t kEnough = size_t{256} << 10;

}  // namespace

Result<void> Stream::drain(Encoder::Mode mode) {
  if (failed_) {
    buffer_.clear();
    return {};
  }
  drained_ += buffer_.size();
  std::string* ready = &buffer_;
  if (encoder_ != nullptr) {
    unflushed_ = mode == Encoder::Mode::kMore;
    packed_.clear();
    if (std::string problem = encoder_->encode(buffer_, mode, packed_); !problem.empty()) {
      failed_ = true;
      return machine_error(output_->name() + ": cannot be written: " + problem);
    }
    buffer_.clear();
    ready = &packed_;
  }
  auto written = output_->write(*ready);
  ready->clear();
  if (!written) failed_ = true;
  return written;
}

Result<void> Stream::settle() {
  return buffer_.size() < kEnough ? Result<void>() : drain(Encoder::Mode::kMore);
}

Result<void> Stream::flush() {
  if (buffer_.empty() && !unflushed_) return {};
  return drain(Encoder::Mode::kFlush);
}

Result<void> Stream::finish(Outcome outcome) {
  Result<void> result;
  // A failed run without output writes nothing, not even the frame of an empty stream.
  const bool nothing = outcome == Outcome::kFailed && bytes() == 0;
  if (!nothing) result = drain(Encoder::Mode::kEnd);
  const Result<void> ended = output_->finish(failed_ ? Outcome::kFailed : outcome);
  return result ? ended : result;
}

}  // namespace weir
