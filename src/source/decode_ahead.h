// Decompressing a file on a thread of its own, a little ahead of whoever reads it.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace weir {

/// Gives the bytes that a function makes, which runs on a thread of its own and fills a few blocks
/// ahead.
class DecodeAhead {
 public:
  /// Puts up to `room` bytes at `to` and answers how many; 0 at the end. After that or an error it
  /// is not called again.
  using Decode = std::function<std::expected<size_t, std::string>(char* to, size_t room)>;

  /// Starts the thread. Throws std::system_error if there is none to be had; `decode` is unused
  /// then.
  explicit DecodeAhead(Decode decode);
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;
  /// Ends the thread, which finishes the call of `decode` that it is in.
  ~DecodeAhead();

  /// As Decode: waits until there is something. The end and an error come again and again.
  std::expected<size_t, std::string> read(char* to, size_t room);

 private:
  /// Small enough that a few of them stay in a cache, large enough to make waking cheap.
  static constexpr size_t kBlock = size_t{256} << 10;
  static constexpr size_t kBlocks = 4;

  struct Block {
    std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kBlock);
    size_t size = 0;
    bool last = false;    ///< nothing follows but, perhaps, a failure
    std::string failure;  ///< behind the bytes
  };

  Block& block(size_t number) { return blocks_[number % kBlocks]; }
  void work();
  void fill(Block& block);

  Decode decode_;
  std::array<Block, kBlocks> blocks_;
  size_t read_ = 0;  ///< the reader's: bytes of the oldest block that it has

  std::mutex mutex_;
  std::condition_variable changed_;
  size_t filled_ = 0;   ///< guarded by mutex_: blocks before it are full
  size_t emptied_ = 0;  ///< guarded by mutex_, written by the reader: blocks before it are read
  bool stop_ = false;   ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace weir
