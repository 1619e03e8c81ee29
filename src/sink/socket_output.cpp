#include "sink/socket_output.h"

#include <poll.h>

#include <cerrno>
#include <utility>

#include "base/interrupt.h"

namespace weir {

namespace {

/// True for what a write or a close is told where the other end has gone away.
bool is_gone(int error) { return error == -EPIPE || error == -ECONNRESET; }

}  // namespace

std::unexpected<Error> SocketOutput::failure(int error) const {
  if (is_gone(error)) return std::unexpected(reader_gone());
  return machine_error(name() + ": cannot be written: " + describe_errno(error));
}

Error SocketOutput::reader_gone() const {
  return {ErrorKind::kMachine, name() + ": the reader closed the connection"};
}

Result<void> SocketOutput::open() {
  if (!endpoint_.listens) {
    auto socket = connect_to(endpoint_, files_);
    if (!socket) return std::unexpected(socket.error());
    socket_ = std::move(*socket);
    return {};
  }
  auto listener = Listener::at(endpoint_, files_);
  if (!listener) return std::unexpected(listener.error());
  message_ = "listening on " + listener->name() + " for a reader";
  listener_.emplace(std::move(*listener));
  return {};
}

Result<void> SocketOutput::await_reader() {
  message_.clear();
  while (listener_) {
    if (wait_for(listener_->fd(), POLLIN) == Waited::kInterrupted) {
      return machine_error(name() + ": interrupted before anybody read it");
    }
    Listener::Accepted reader;
    const int error = listener_->accept(reader);
    // One who went away before it was accepted; the next may stay (accept(2)).
    if (error == -EAGAIN || error == -ECONNABORTED) continue;
    if (error < 0) return failure(error);
    socket_ = std::move(reader.socket);
    listener_.reset();
  }
  return {};
}

Result<void> SocketOutput::write(std::string_view bytes) {
  if (broken_) return {};
  const int error = write_all(files_, socket_.fd(), bytes);
  if (error == 0) return {};
  broken_ = true;
  return failure(error);
}

Result<void> SocketOutput::finish(Outcome outcome) {
  if (!socket_) return {};
  const bool whole = outcome != Outcome::kFailed && !broken_;
  const int error = whole ? close_when_read(socket_.fd()) : 0;
  socket_.close();
  if (is_gone(error)) {
    return machine_error(name() + ": the reader closed the connection and has not taken all");
  }
  if (error < 0) {
    return machine_error(name() + ": the reader has not taken all: " + describe_errno(error));
  }
  return {};
}

}  // namespace weir
