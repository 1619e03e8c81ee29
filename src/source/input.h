// The decompressed bytes of one file or of standard input.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "codec/compression.h"
#include "source/decode_ahead.h"

namespace weir {

/// Reads one file (or descriptor) and decompresses it if its first bytes say so. Never waits for a
/// pipe, terminal or socket: it asks whether something is there before each read, because the
/// descriptor may be shared with other processes, whose reads O_NONBLOCK would change as well.
class Input : private DecodeAhead::Stream {
 public:
  explicit Input(FileSystem& files) : files_(files) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// Opens a path, or takes over descriptor 0. Messages begin with `name`.
  Result<void> open(const std::string& path);
  Result<void> open_standard();

  /// Allows a compressed file that is not short to be decoded on up to `threads` of its own.
  void decode_ahead(size_t threads) { ahead_threads_ = threads; }
  /// What these may decode, from the next read on.
  enum class Ahead : uint8_t {
    kFrames,  ///< frames, side by side, from where one is found that can be decoded by itself
    kAll,     ///< everything
  };
  void limit_ahead(Ahead what) { ahead_ = what; }

  /// True once they do.
  bool is_decoded_ahead() const { return threads_ != nullptr; }

  struct Got {
    enum class Kind : uint8_t { kBytes, kIdle, kEnd };
    Kind kind = Kind::kEnd;
    size_t bytes = 0;
  };
  /// Up to `room` (at least one) decompressed bytes. An error says what is wrong without the file's
  /// name, and comes after all bytes that could be had.
  std::expected<Got, std::string> read(char* to, size_t room);

  /// Reads no more. What was read already is still decoded; that it ends early is no error then.
  void stop() { stopped_ = true; }

  /// How many bytes were read of it, compressed ones as they are.
  uint64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }

  /// True for what may have nothing to say at the moment: anything but a regular file.
  bool is_live() const { return live_; }
  /// True once it is known not to be compressed.
  bool is_plain() const { return known_ && decoder_ == nullptr; }
  /// The same, and that it is a regular file.
  bool is_plain_file() const { return is_plain() && !live_; }
  int fd() const { return fd_; }

 private:
  Result<void> look_at(const std::string& name);
  std::expected<Got, std::string> read_raw(char* to, size_t room);
  std::expected<Got, std::string> fill_raw();
  std::string_view raw() const { return {raw_.get() + raw_begin_, raw_end_ - raw_begin_}; }
  std::expected<Got, std::string> read_plain(char* to, size_t room);
  std::expected<Got, std::string> read_compressed(char* to, size_t room);
  bool finds_frame();
  void start_ahead();
  std::expected<size_t, std::string> decode(char* to, size_t room) override;
  bool has_frames() const override;
  bool take_frames(DecodeAhead::Frames& to, size_t content) override;
  bool read_for_frame();
  std::expected<Got, std::string> read_ahead(char* to, size_t room);
  std::expected<void, std::string> go_back(uint64_t offset);

  FileSystem& files_;
  OpenFile own_;  ///< what was opened here, and will be closed
  int fd_ = -1;
  bool live_ = false;
  bool stopped_ = false;
  bool at_end_ = false;
  std::atomic<uint64_t> bytes_read_ = 0;

  /// Bytes as they stand in the file: the first few of all inputs, all of compressed ones.
  std::unique_ptr<char[]> raw_;
  size_t raw_capacity_ = 0;
  size_t raw_begin_ = 0;
  size_t raw_end_ = 0;
  bool known_ = false;  ///< whether it is compressed
  Compression compression_ = Compression::kNone;
  std::unique_ptr<Decoder> decoder_;
  std::string read_failure_;  ///< of a read for frames, to be told behind what was read before
  size_t ahead_threads_ = 0;
  Ahead ahead_ = Ahead::kAll;
  size_t decoded_ = 0;  ///< bytes, until `threads_` take over
  /// They have the descriptor, `raw_` and the decoder to themselves.
  std::unique_ptr<DecodeAhead> threads_;
};

}  // namespace weir
