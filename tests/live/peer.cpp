#include "live/peer.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::test {
namespace {

struct Address {
  sockaddr_storage bytes = {};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
};

Address read_address(const std::string& text) {
  Address address;
  if (text.starts_with("unix:")) {
    auto* to = reinterpret_cast<sockaddr_un*>(&address.bytes);
    to->sun_family = AF_UNIX;
    std::strncpy(to->sun_path, text.c_str() + 5, sizeof to->sun_path - 1);
    address.size = sizeof(sockaddr_un);
    return address;
  }
  auto* to = reinterpret_cast<sockaddr_in*>(&address.bytes);
  to->sin_family = AF_INET;
  to->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to->sin_port = htons(static_cast<uint16_t>(std::stoi(text.substr(text.rfind(':') + 1))));
  address.size = sizeof(sockaddr_in);
  return address;
}

/// A socket for the address, which it is given to by `use` (connect or bind).
int make_socket(Address& address, int (*use)(int, const sockaddr*, socklen_t)) {
  const int fd = socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && use(fd, address.get(), address.size) == 0) return fd;
  const std::string why = std::strerror(errno);
  if (fd >= 0) close(fd);
  throw std::runtime_error("no socket: " + why);
}

}  // namespace

std::string address_of(const Running& running) {
  constexpr std::string_view kSaid = "listening on ";
  const auto start = Clock::now();
  while (ms_since(start) < kPatience.count()) {
    const std::string text = running.complaints();
    const size_t at = text.find(kSaid);
    const size_t end = at == std::string::npos ? at : text.find_first_of(" \n", at + kSaid.size());
    if (end != std::string::npos) {
      return text.substr(at + kSaid.size(), end - at - kSaid.size());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw std::runtime_error("weir does not say where it listens");
}

Peer::Peer(const std::string& address) {
  Address place = read_address(address);
  fd_ = make_socket(place, ::connect);
}

Peer::~Peer() { close(); }

size_t Peer::send_some(std::string_view text, std::chrono::milliseconds limit) {
  size_t sent = 0;
  while (sent < text.size()) {
    pollfd waiting{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(limit.count())) == 0) break;
    const ssize_t done =
        ::send(fd_, text.data() + sent, text.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done < 0 && errno != EINTR && errno != EAGAIN) break;
    if (done > 0) sent += static_cast<size_t>(done);
  }
  return sent;
}

std::string Peer::read_at_least(size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, static_cast<int>(kPatience.count())) == 0) break;
    char piece[1 << 16];
    const ssize_t got = read(fd_, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(piece, static_cast<size_t>(got));
  }
  return text;
}

void Peer::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void Peer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

Server::Server(const std::string& address, int backlog) {
  Address place = read_address(address);
  fd_ = make_socket(place, ::bind);
  listen(fd_, backlog);
  address_ = address;
  if (place.bytes.ss_family != AF_INET) return;
  getsockname(fd_, place.get(), &place.size);
  const uint16_t port = ntohs(reinterpret_cast<const sockaddr_in*>(&place.bytes)->sin_port);
  address_ = "tcp://127.0.0.1:" + std::to_string(port);
}

Server::~Server() { ::close(fd_); }

Peer Server::accept() const {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(kPatience.count())) <= 0) {
    throw std::runtime_error("nobody connects");
  }
  return Peer(accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
}

}  // namespace weir::test
