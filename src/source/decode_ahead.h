// Decompressing a file on threads of its own, a little ahead of whoever reads it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "codec/compression.h"

namespace weir {

/// Gives the bytes of a stream, which threads decode into a ring of blocks, a few ahead. They take
/// turns at the stream: each fills the next block, or takes frames from the stream that can be
/// decoded by themselves, and lets the next thread have its turn while it decodes them. Nobody
/// waits for others to be done but where the ring is full or empty. A stream without such frames is
/// decoded on one thread.
class DecodeAhead {
 public:
  /// Frames that were taken from a stream.
  struct Frames {
    std::string packed;
    size_t content = 0;   ///< at most so many bytes are in them, if they are sound frames
    uint64_t offset = 0;  ///< in the stream, as it is compressed
  };

  /// What is decoded. Its functions are called by one thread at a time.
  class Stream {
   public:
    virtual ~Stream() = default;
    /// Puts up to `room` bytes at `to` and answers how many; 0 at the end. After that or an error
    /// nothing is called again.
    virtual std::expected<size_t, std::string> decode(char* to, size_t room) = 0;
    /// True if there may be something to take, as far as was read.
    virtual bool has_frames() const { return false; }
    /// Takes whole frames from the stream, those that come next. Of several, no more than have
    /// `content` bytes in them. False if what comes next is to be decoded as a stream.
    virtual bool take_frames(Frames& /*to*/, size_t /*content*/) { return false; }
  };

  /// Starts a thread, and up to `threads` when there are frames to be taken, which are in
  /// `compression`. Throws std::system_error if there is none to be had; `stream`, which must
  /// outlive this, is unused then.
  DecodeAhead(Stream& stream, Compression compression, size_t threads);
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;
  /// Ends the threads, which finish what they are at.
  ~DecodeAhead();

  /// As Stream::decode: waits until there is something. The end and an error come again and again.
  std::expected<size_t, std::string> read(char* to, size_t room);

  /// Of an end that came since frames did not decode by themselves: the offset in the stream where
  /// these begin. All bytes before it were read, and the stream is to be decoded from there, which
  /// shows what is wrong, if anything is.
  std::optional<uint64_t> undecoded() const { return undecoded_; }

 private:
  /// Small enough that a few of them stay in a cache, large enough to make waking cheap.
  static constexpr size_t kBlock = size_t{256} << 10;
  static constexpr size_t kFewestBlocks = 4;
  /// One thread takes what these decode; more of them would only take memory.
  static constexpr size_t kMostThreads = 8;

  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t capacity = 0;
    size_t size = 0;
    Frames frames;              ///< the last that it had
    bool is_undecoded = false;  ///< they did not decode
    bool last = false;          ///< nothing follows but, perhaps, a failure
    std::string failure;        ///< behind the bytes
    bool ready = false;         ///< guarded by mutex_: the reader's
  };

  Block& block(size_t number) { return blocks_[number % blocks_.size()]; }
  void start_thread();
  void work();
  bool cut(Block& block);
  void fill(Block& block);

  Stream& stream_;
  Compression compression_;
  size_t wanted_threads_;
  std::vector<Block> blocks_;

  // The reader's.
  size_t read_ = 0;  ///< bytes of the oldest block that it has
  std::optional<uint64_t> undecoded_;

  /// Held by the thread whose turn it is at the stream.
  std::mutex turn_;
  size_t next_ = 0;                   ///< guarded by turn_: the block to be filled next
  bool has_ended_ = false;            ///< guarded by turn_: the last one was filled
  std::vector<std::thread> threads_;  ///< guarded by turn_

  std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable free_;
  size_t emptied_ = 0;  ///< guarded by mutex_, written by the reader: blocks before it are read
  bool stop_ = false;   ///< guarded by mutex_
};

}  // namespace weir
