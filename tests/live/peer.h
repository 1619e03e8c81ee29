// The other end of weir's sockets: a client, or a server with one connection.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "live/running.h"

namespace weir::test {

/// Where a weir that listens says it does: "tcp://127.0.0.1:41233". Waits for the message.
std::string address_of(const Running& running);

/// One end of a connection.
class Peer {
 public:
  /// Connects to "tcp://127.0.0.1:PORT" or "unix:PATH". Throws std::runtime_error if it cannot.
  explicit Peer(const std::string& address);
  /// Takes over a connected socket.
  explicit Peer(int fd) : fd_(fd) {}
  Peer(Peer&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Peer& operator=(Peer&&) = delete;
  ~Peer();

  /// Sends all; false if weir does not take it within patience, or is gone.
  bool send(std::string_view text) { return send_some(text, kPatience) == text.size(); }
  /// Sends until `limit` passes without weir taking anything: how much it took.
  size_t send_some(std::string_view text, std::chrono::milliseconds limit);
  /// Reads until at least `bytes` have arrived, or until the end, or until patience is over.
  std::string read_at_least(size_t bytes);
  /// Closes as usual, and so that the other end sees a reset (TCP).
  void close();
  void reset();

 private:
  int fd_ = -1;
};

/// A server at a free port of the loopback, or at a path ("unix:PATH"), for weir to connect to. As
/// many as `backlog` and one more may connect before they are accepted.
class Server {
 public:
  explicit Server(const std::string& address = "tcp://127.0.0.1:0", int backlog = 128);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Where it is, with its port.
  const std::string& address() const { return address_; }
  /// The next connection. Throws if none comes within patience.
  Peer accept() const;

 private:
  int fd_ = -1;
  std::string address_;
};

}  // namespace weir::test
