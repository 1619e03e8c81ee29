#include "sink/stream.h"

namespace weir {

Result<void> Stream::drain(Encoder::Mode mode) {
  auto written = hand_on(buffer_, mode);
  buffer_.clear();
  return written;
}

Result<void> Stream::hand_on(std::string_view bytes, Encoder::Mode mode) {
  if (failed_) return {};
  drained_ += bytes.size();
  if (encoder_ != nullptr) {
    unflushed_ = mode == Encoder::Mode::kMore;
    packed_.clear();
    if (std::string problem = encoder_->encode(bytes, mode, packed_); !problem.empty()) {
      failed_ = true;
      return machine_error(output_->name() + ": cannot be written: " + problem);
    }
    bytes = packed_;
  }
  auto written = output_->write(bytes);
  if (!written) failed_ = true;
  return written;
}

Result<void> Stream::write(std::string_view bytes) {
  if (!buffer_.empty()) {
    if (auto drained = drain(Encoder::Mode::kMore); !drained) return drained;
  }
  return hand_on(bytes, Encoder::Mode::kMore);
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
