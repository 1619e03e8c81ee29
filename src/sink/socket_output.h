// Writing to a TCP or Unix socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/socket.h"
#include "sink/output.h"

namespace weir {

/// One connection. Where it listens, the first who connects gets everything, and nobody else is let
/// in. The reader was asked for by name, so that one who goes away is an error, whenever that is
/// noticed: when it is written to, while there is nothing to write, or at the end, where it must
/// have taken all.
class SocketOutput : public Output {
 public:
  SocketOutput(const Endpoint& endpoint, FileSystem& files) : endpoint_(endpoint), files_(files) {}

  /// Connects, or begins to listen; `message` then says where.
  Result<void> open() override;
  Result<void> await_reader() override;
  Result<void> write(std::string_view bytes) override;
  Result<void> finish(Outcome outcome) override;

  std::string name() const override { return endpoint_.text; }
  int error_fd() const override { return socket_.fd(); }
  Error reader_gone() const override;
  std::string message() const override { return message_; }

 private:
  std::unexpected<Error> failure(int error) const;

  Endpoint endpoint_;
  FileSystem& files_;
  std::optional<Listener> listener_;  ///< until the reader is there
  OpenFile socket_;
  bool broken_ = false;
  std::string message_;
};

}  // namespace weir
