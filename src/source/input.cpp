#include "source/input.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "codec/frames.h"

namespace weir {
namespace {

constexpr size_t kRawBytes = size_t{256} << 10;
/// A file that has more than this is worth a thread.
constexpr size_t kAheadFrom = size_t{1} << 20;

}  // namespace

Result<void> Input::open(const std::string& path) {
  // O_NONBLOCK concerns this description alone, which nobody shares: a FIFO that no one writes to
  // yet must not hold up the run.
  const int fd = files_.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (fd < 0) return machine_error(path + ": cannot be opened: " + describe_errno(fd));
  own_ = OpenFile(files_, fd);
  fd_ = fd;
  return look_at(path);
}

Result<void> Input::open_standard() {
  fd_ = 0;
  return look_at("stdin");
}

Result<void> Input::look_at(const std::string& name) {
  struct stat status {};
  if (const int result = files_.status(fd_, status); result < 0) {
    return machine_error(name + ": cannot be read: " + describe_errno(result));
  }
  if (S_ISDIR(status.st_mode)) return machine_error(name + ": is a directory, not a file");
  live_ = !S_ISREG(status.st_mode);
  if (S_ISFIFO(status.st_mode)) files_.enlarge_pipe(fd_);
  raw_ = std::make_unique_for_overwrite<char[]>(kRawBytes);
  raw_capacity_ = kRawBytes;
  return {};
}

/// One read of the descriptor, if it has something to say.
std::expected<Input::Got, std::string> Input::read_raw(char* to, size_t room) {
  if (!read_failure_.empty()) return std::unexpected(std::exchange(read_failure_, {}));
  if (at_end_ || stopped_) return Got{};
  if (live_) {
    const int ready = files_.ready(fd_, POLLIN);
    if (ready < 0) return std::unexpected("cannot be read: " + describe_errno(ready));
    if (ready == 0) return Got{.kind = Got::Kind::kIdle};
  }
  const ssize_t got = files_.read(fd_, to, room);
  if (got == -EAGAIN) return Got{.kind = Got::Kind::kIdle};
  if (got < 0) {
    at_end_ = true;
    return std::unexpected("cannot be read on: " + describe_errno(static_cast<int>(got)));
  }
  if (got == 0) {
    at_end_ = true;
    return Got{};
  }
  bytes_read_.fetch_add(static_cast<uint64_t>(got), std::memory_order_relaxed);
  return Got{.kind = Got::Kind::kBytes, .bytes = static_cast<size_t>(got)};
}

/// Puts more bytes behind those in `raw_`.
std::expected<Input::Got, std::string> Input::fill_raw() {
  if (raw_begin_ == raw_end_) raw_begin_ = raw_end_ = 0;
  auto got = read_raw(raw_.get() + raw_end_, std::min(kRawBytes, raw_capacity_ - raw_end_));
  if (got.has_value()) raw_end_ += got->bytes;
  return got;
}

std::expected<Input::Got, std::string> Input::read(char* to, size_t room) {
  while (!known_) {
    const std::string_view seen(raw_.get(), raw_end_);
    const bool whole = at_end_ || stopped_;
    if (const auto found = detect_compression(seen, whole); found.has_value()) {
      known_ = true;
      compression_ = *found;
      if (*found != Compression::kNone) decoder_ = make_decoder(*found);
      break;
    }
    const auto got = fill_raw();
    if (!got.has_value() || got->kind == Got::Kind::kIdle) return got;
  }
  if (decoder_ == nullptr) return read_plain(to, room);
  // What a live input says is to be had at once, and it may say nothing.
  const bool may_start =
      !live_ && ahead_threads_ > 0 && threads_ == nullptr && decoded_ >= kAheadFrom;
  if (may_start && (ahead_ == Ahead::kAll || finds_frame())) start_ahead();
  if (threads_ == nullptr) {
    const auto got = read_compressed(to, room);
    if (got) decoded_ += got->bytes;
    return got;
  }
  return read_ahead(to, room);
}

std::expected<Input::Got, std::string> Input::read_plain(char* to, size_t room) {
  if (raw_begin_ == raw_end_) return read_raw(to, room);
  const size_t size = std::min(room, raw_end_ - raw_begin_);
  std::memcpy(to, raw_.get() + raw_begin_, size);
  raw_begin_ += size;
  return Got{.kind = Got::Kind::kBytes, .bytes = size};
}

/// True if a frame comes next that can be decoded by itself, and has something in it.
bool Input::finds_frame() {
  if (!decoder_->between_frames()) return false;
  size_t passed = 0;
  size_t searched = 0;
  while (true) {
    const Frame frame = find_frame(compression_, raw().substr(passed), searched);
    if (frame.kind == Frame::Kind::kOther) return false;
    if (frame.kind == Frame::Kind::kWhole && frame.content > 0) return true;
    if (frame.kind == Frame::Kind::kPartial && !read_for_frame()) return false;
    passed += frame.packed;
    searched = frame.searched;
  }
}

/// From here on the file is decoded on threads of its own, if there is one to be had.
void Input::start_ahead() {
  DecodeAhead::Stream& stream = *this;
  try {
    threads_ = std::make_unique<DecodeAhead>(stream, compression_, ahead_threads_);
  } catch (const std::system_error&) {
    ahead_threads_ = 0;  // it goes on as before
  }
}

/// Reads what the threads have decoded. Where frames did not decode by themselves, the file is read
/// without threads from there.
std::expected<Input::Got, std::string> Input::read_ahead(char* to, size_t room) {
  const auto got = threads_->read(to, room);
  if (!got) return std::unexpected(got.error());
  if (*got > 0) return Got{.kind = Got::Kind::kBytes, .bytes = *got};
  const std::optional<uint64_t> undecoded = threads_->undecoded();
  if (!undecoded) return Got{};
  threads_.reset();
  ahead_threads_ = 0;
  if (const auto done = go_back(*undecoded); !done) return std::unexpected(done.error());
  return read_compressed(to, room);
}

/// Has the next read begin at `offset`, which is between two frames of a regular file.
std::expected<void, std::string> Input::go_back(uint64_t offset) {
  const uint64_t back = bytes_read() - offset;
  raw_begin_ = raw_end_ = 0;
  decoder_->reset();
  if (const int result = files_.move(fd_, -static_cast<off_t>(back)); result < 0) {
    at_end_ = true;
    return std::unexpected("cannot be read once more: " + describe_errno(result));
  }
  bytes_read_.store(offset, std::memory_order_relaxed);
  at_end_ = false;
  read_failure_.clear();
  return {};
}

std::expected<size_t, std::string> Input::decode(char* to, size_t room) {
  const auto got = read_compressed(to, room);
  if (!got) return std::unexpected(got.error());
  return got->bytes;
}

bool Input::has_frames() const {
  return decoder_->between_frames() && find_frame(compression_, raw()).kind == Frame::Kind::kWhole;
}

bool Input::take_frames(DecodeAhead::Frames& to, size_t content) {
  if (!decoder_->between_frames()) return false;
  size_t taken = 0;
  size_t bytes = 0;
  size_t searched = 0;
  while (true) {
    const Frame frame = find_frame(compression_, raw().substr(taken), searched);
    searched = frame.searched;
    if (frame.kind == Frame::Kind::kOther) break;
    if (frame.kind == Frame::Kind::kPartial) {
      if (!read_for_frame()) break;
      continue;
    }
    if (taken > 0 && bytes + frame.content > content) break;
    taken += frame.packed;
    bytes += frame.content;
    if (bytes >= content || taken >= content) break;
  }
  if (taken == 0) return false;
  to.packed = raw().substr(0, taken);
  to.content = bytes;
  to.offset = bytes_read() - raw().size();
  raw_begin_ += taken;
  return true;
}

/// Reads more behind what is there, so that a frame may become whole. False if that is not to be.
bool Input::read_for_frame() {
  if (at_end_) return false;
  if (raw_capacity_ - raw_end_ < kRawBytes / 2) {
    const std::string_view rest = raw();
    // The largest frame has room behind those that are taken with it.
    const size_t wanted = kLargestFrame + 2 * kRawBytes;
    if (rest.size() > kRawBytes / 2 && raw_capacity_ < wanted) {
      auto larger = std::make_unique_for_overwrite<char[]>(wanted);
      std::memcpy(larger.get(), rest.data(), rest.size());
      raw_ = std::move(larger);
      raw_capacity_ = wanted;
    } else {
      std::memmove(raw_.get(), rest.data(), rest.size());
    }
    raw_begin_ = 0;
    raw_end_ = rest.size();
    if (raw_end_ == raw_capacity_) return false;
  }
  const auto got = fill_raw();
  if (!got) read_failure_ = got.error();
  return got && got->kind == Got::Kind::kBytes;
}

std::expected<Input::Got, std::string> Input::read_compressed(char* to, size_t room) {
  while (true) {
    const bool last = (at_end_ || stopped_) && read_failure_.empty();
    std::string_view in = raw();
    const auto decoded = decoder_->decode(in, last, to, room);
    raw_begin_ = raw_end_ - in.size();
    if (!decoded.has_value()) {
      if (stopped_) return Got{};
      return std::unexpected(decoded.error());
    }
    if (*decoded > 0) return Got{.kind = Got::Kind::kBytes, .bytes = *decoded};
    if (last) return Got{};
    const auto got = fill_raw();
    if (!got.has_value() || got->kind == Got::Kind::kIdle) return got;
  }
}

}  // namespace weir
