// Stream sockets, TCP and Unix: connecting, listening, and what the other end is called.
#pragma once

#include <optional>
#include <string>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"

namespace weir {

/// A connection to `endpoint`, which does not listen. Waits until it is there; a signal ends that
/// (see base/interrupt.h). An empty host is this machine, 127.0.0.1; of the addresses that a name
/// has, the first that answers is taken. Errors name the endpoint and the reason. The descriptor is
/// non-blocking, and `files`, which closes it, must outlive it.
Result<OpenFile> connect_to(const Endpoint& endpoint, FileSystem& files = system_files());

/// A place where others connect.
class Listener {
 public:
  /// Listens at `endpoint`. An empty host is 127.0.0.1: nobody but this machine gets in, unless an
  /// address or name says otherwise; of the addresses that a name has, the first that can be had is
  /// taken. A Unix socket gets mode 0600; the one that a dead process left there is replaced,
  /// whatever else is there is an error. Errors name the endpoint and the reason.
  static Result<Listener> at(const Endpoint& endpoint, FileSystem& files = system_files());

  Listener(Listener&& other) noexcept = default;
  Listener& operator=(Listener&& other) noexcept;
  /// Closes it, and removes the file of a Unix socket.
  ~Listener();

  /// Readable when somebody connects.
  int fd() const { return socket_.fd(); }
  /// Where it listens, with the port that it got: "tcp://127.0.0.1:41233".
  const std::string& name() const { return name_; }

  struct Accepted {
    OpenFile socket;   ///< non-blocking
    std::string peer;  ///< "tcp://127.0.0.1:40312"; those of a Unix socket are numbered: "unix:s#1"
  };
  /// Takes the next one who connects: 0, or the negated errno; -EAGAIN if there is none.
  int accept(Accepted& to);

 private:
  Listener(FileSystem& files, OpenFile socket, std::string name)
      : files_(&files), socket_(std::move(socket)), name_(std::move(name)) {}
  void close();

  FileSystem* files_;
  OpenFile socket_;
  std::string name_;
  std::string path_ = {};  ///< of the socket file
  FileId file_ = {};
  uint64_t accepted_ = 0;
};

/// Ends what is written to `socket` and waits until the other end has had it: 0, or the negated
/// errno where it did not. What is still on its way may take as long as it takes; whoever took all
/// and does not close is waited for a moment only.
int close_when_read(int socket);

/// Lets this process have as many descriptors as the system allows it at the most.
void raise_descriptor_limit();

}  // namespace weir
