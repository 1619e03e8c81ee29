// One connection that events are read from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/file.h"
#include "source/stream_reader.h"

namespace weir {

/// Buffers that are used for one turn and then again, by whichever connection is next.
class TurnBuffers {
 public:
  /// How much a connection may say in a turn.
  static constexpr size_t kTurn = size_t{64} << 10;
  /// Unfinished events up to this size are carried into the buffer of a turn, and out of it.
  static constexpr size_t kSmall = size_t{16} << 10;

  Buffer take();
  /// `old` may still be in use by batches: then it is not given out until it is free.
  void give_back(Buffer old);

 private:
  std::vector<Buffer> free_;
};

/// What was read of a connection and belongs to no whole event yet, and where its events begin and
/// end. Between turns it holds what is unfinished, and no more.
class Connection {
 public:
  Connection(OpenFile socket, std::unique_ptr<StreamReader> reader, size_t max_event)
      : socket_(std::move(socket)), reader_(std::move(reader)), max_event_(max_event) {}

  int fd() const { return socket_.fd(); }
  const StreamReader& reader() const { return *reader_; }

  /// Reads what is there, at most kTurn bytes: how many that were.
  size_t read(FileSystem& files, TurnBuffers& buffers);
  /// Reads no more: what is left is the end.
  void stop() { at_end_ = true; }
  bool at_end() const { return at_end_; }
  /// Why it ended early; empty if it did not.
  const std::string& failure() const { return failure_; }

  /// Fills `batch` with the next events of what was read. False if there are none.
  Result<bool> take(Batch& batch);

  /// Keeps what is unfinished in as little room as it needs, and gives the rest back.
  void end_turn(TurnBuffers& buffers);
  /// How much is unfinished.
  size_t unfinished() const { return end_ - begin_; }

 private:
  void move_to(Buffer buffer, TurnBuffers& buffers);

  OpenFile socket_;
  std::unique_ptr<StreamReader> reader_;
  size_t max_event_;
  Buffer buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t offset_ = 0;  ///< in the stream, of the buffer's first byte
  bool at_end_ = false;
  std::string failure_;
};

}  // namespace weir
