#include "base/socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include "base/interrupt.h"

namespace weir {
namespace {

/// Who means "this machine" gets the address that no other machine reaches.
constexpr const char* kLoopback = "127.0.0.1";
/// How often a state is looked at that nothing tells of.
constexpr int kLookAgainMs = 20;

struct Address {
  sockaddr_storage bytes = {};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
};

std::unexpected<Error> failure(const Endpoint& endpoint, std::string_view what, int error) {
  return machine_error(endpoint.text + ": " + std::string(what) + ": " + describe_errno(error));
}

Address unix_address(const std::string& path) {
  Address address;
  auto* to = reinterpret_cast<sockaddr_un*>(&address.bytes);
  to->sun_family = AF_UNIX;
  std::memcpy(to->sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof(sockaddr_un);
  return address;
}

/// The addresses that the host and port of an endpoint have; at least one.
Result<std::vector<Address>> addresses_of(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::kUnix) return std::vector{unix_address(endpoint.address)};
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const char* const host = endpoint.address.empty() ? kLoopback : endpoint.address.c_str();
  const int failed = getaddrinfo(host, std::to_string(endpoint.port).c_str(), &hints, &list);
  if (failed != 0) {
    std::string why = failed == EAI_SYSTEM ? describe_errno(errno) : gai_strerror(failed);
    why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
    return machine_error(endpoint.text + ": the address of '" + endpoint.address +
                         "' cannot be found: " + why);
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    Address& address = addresses.emplace_back();
    std::memcpy(&address.bytes, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
  }
  return addresses;
}

/// "tcp://127.0.0.1:9000", "tcp://[::1]:9000".
std::string tcp_name(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.bytes.ss_family == AF_INET6) {
    const auto* six = reinterpret_cast<const sockaddr_in6*>(&address.bytes);
    inet_ntop(AF_INET6, &six->sin6_addr, text.data(), text.size());
    return "tcp://[" + std::string(text.data()) + "]:" + std::to_string(ntohs(six->sin6_port));
  }
  const auto* four = reinterpret_cast<const sockaddr_in*>(&address.bytes);
  inet_ntop(AF_INET, &four->sin_addr, text.data(), text.size());
  return "tcp://" + std::string(text.data()) + ":" + std::to_string(ntohs(four->sin_port));
}

void switch_on(int socket, int level, int option) {
  const int on = 1;
  // Each of these is a help only: without it the connection works as well.
  setsockopt(socket, level, option, &on, sizeof on);
}

OpenFile new_socket(const Address& address, FileSystem& files) {
  const int fd =
      socket(address.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, /*protocol=*/0);
  return fd < 0 ? OpenFile() : OpenFile(files, fd);
}

/// What both ends of a TCP connection want: that a machine which is gone is noticed some day, and
/// that a few bytes are not held back for more.
void prepare(int socket, Endpoint::Kind kind) {
  if (kind != Endpoint::Kind::kTcp) return;
  switch_on(socket, SOL_SOCKET, SO_KEEPALIVE);
  switch_on(socket, IPPROTO_TCP, TCP_NODELAY);
}

/// Connects: 0, or the negated errno; -EINTR if a signal came.
int connect_socket(int socket, const Address& address) {
  while (connect(socket, address.get(), address.size) != 0) {
    if (errno == EINPROGRESS || errno == EINTR) {
      if (wait_for(socket, POLLOUT) == Waited::kInterrupted) return -EINTR;
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
      return -error;
    }
    // A Unix socket whose queue is full.
    if (errno != EAGAIN) return -errno;
    if (wait_for(-1, 0, kLookAgainMs) == Waited::kInterrupted) return -EINTR;
  }
  return 0;
}

/// Makes room for a Unix socket where a dead process has left one. 0, or why there is none.
int remove_stale(const Address& address, const std::string& path, FileSystem& files) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return errno == ENOENT ? 0 : -errno;
  if (!S_ISSOCK(status.st_mode)) return -ENOTSOCK;
  // A datagram socket asks without being let in: where a stream socket lives it is of the wrong
  // type (connect(2)), and nobody there sees anything of it.
  const OpenFile probe(files, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, /*protocol=*/0));
  if (!probe) return -errno;
  if (connect(probe.fd(), address.get(), address.size) == 0 || errno == EPROTOTYPE) {
    return -EADDRINUSE;
  }
  return errno == ECONNREFUSED ? files.remove(path) : -errno;
}

}  // namespace

Result<OpenFile> connect_to(const Endpoint& endpoint, FileSystem& files) {
  const auto addresses = addresses_of(endpoint);
  if (!addresses) return std::unexpected(addresses.error());
  int error = 0;
  for (const Address& address : *addresses) {
    OpenFile socket = new_socket(address, files);
    error = socket ? connect_socket(socket.fd(), address) : -errno;
    if (error == 0) {
      prepare(socket.fd(), endpoint.kind);
      return socket;
    }
    if (error == -EINTR) return machine_error(endpoint.text + ": interrupted while connecting");
  }
  return failure(endpoint, "cannot be connected", error);
}

Result<Listener> Listener::at(const Endpoint& endpoint, FileSystem& files) {
  const bool is_unix = endpoint.kind == Endpoint::Kind::kUnix;
  const auto addresses = addresses_of(endpoint);
  if (!addresses) return std::unexpected(addresses.error());
  int error = 0;
  for (const Address& address : *addresses) {
    if (is_unix) {
      error = remove_stale(address, endpoint.address, files);
      if (error == -EADDRINUSE) return machine_error(endpoint.text + ": is listened at already");
      if (error == -ENOTSOCK) {
        return machine_error(endpoint.text + ": there is something else than a socket");
      }
      if (error < 0) return failure(endpoint, "cannot be listened at", error);
    }
    OpenFile socket = new_socket(address, files);
    if (!socket) {
      error = -errno;
      continue;
    }
    if (is_unix) {
      // Before bind(2), so that the file never has another mode.
      files.change_mode(socket.fd(), 0600);
    } else {
      // Connections of a run before, which wait for their last packets, do not keep the port.
      switch_on(socket.fd(), SOL_SOCKET, SO_REUSEADDR);
    }
    if (bind(socket.fd(), address.get(), address.size) != 0 ||
        listen(socket.fd(), SOMAXCONN) != 0) {
      error = -errno;
      continue;
    }
    std::string name = endpoint.text;
    if (!is_unix) {
      Address own{.size = sizeof(sockaddr_storage)};
      getsockname(socket.fd(), own.get(), &own.size);
      name = tcp_name(own);
    }
    Listener listener(files, std::move(socket), std::move(name));
    struct stat status {};
    if (is_unix && files.status(endpoint.address, status) == 0) {
      listener.path_ = endpoint.address;
      listener.file_ = id_of(status);
    }
    return listener;
  }
  return failure(endpoint, "cannot be listened at", error);
}

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this == &other) return *this;
  close();
  files_ = other.files_;
  socket_ = std::move(other.socket_);
  name_ = std::move(other.name_);
  path_ = std::move(other.path_);
  file_ = other.file_;
  accepted_ = other.accepted_;
  return *this;
}

Listener::~Listener() { close(); }

void Listener::close() {
  if (!socket_) return;
  struct stat status {};
  // Somebody may have put another file there.
  if (!path_.empty() && files_->status(path_, status) == 0 && id_of(status) == file_) {
    files_->remove(path_);
  }
  socket_.close();
}

int Listener::accept(Accepted& to) {
  Address peer{.size = sizeof(sockaddr_storage)};
  int fd = -1;
  do {
    fd = accept4(socket_.fd(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return -errno;
  const bool is_unix = peer.bytes.ss_family == AF_UNIX;
  prepare(fd, is_unix ? Endpoint::Kind::kUnix : Endpoint::Kind::kTcp);
  ++accepted_;
  to = {.socket = OpenFile(*files_, fd),
        .peer = is_unix ? name_ + "#" + std::to_string(accepted_) : tcp_name(peer)};
  return 0;
}

int close_when_read(int socket) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kGrace{1000};
  // ENOTCONN: the other end is gone, and an error of it was told before.
  if (shutdown(socket, SHUT_WR) != 0) return errno == ENOTCONN ? -ECONNRESET : -errno;
  std::optional<Clock::time_point> taken;
  std::array<char, 4096> ignored{};
  bool ended = false;
  while (true) {
    pollfd waiting{.fd = ended ? -1 : socket, .events = POLLIN, .revents = 0};
    poll(&waiting, 1, kLookAgainMs);
    const ssize_t got = recv(socket, ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (got < 0 && errno != EAGAIN && errno != EINTR) return -errno;
    // A TCP connection that ended and was reset then says so here only.
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0) return -error;
    // What was written and not yet taken (acknowledged; of a Unix socket: read).
    int left = 0;
    if (ioctl(socket, SIOCOUTQ, &left) != 0) left = 0;
    ended = got == 0;
    if (ended && left == 0) return 0;
    if (left > 0) {
      taken.reset();
    } else if (!taken) {
      taken = Clock::now();
    } else if (Clock::now() - *taken > kGrace) {
      return 0;
    }
  }
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace weir
