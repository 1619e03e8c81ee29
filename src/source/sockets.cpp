#include "source/sockets.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <list>
#include <string>
#include <utility>

#include "base/socket.h"
#include "source/connection.h"

namespace weir {
namespace {

/// More connections than this at a time are left waiting in the kernel's queue.
constexpr size_t kMostConnections = 4096;
/// What unfinished events beyond TurnBuffers::kSmall may take together.
constexpr size_t kLargeBytes = size_t{64} << 20;
/// How many of those that are ready are asked for at a time, and accepted.
constexpr size_t kAtATime = 64;
/// Connections that broke off and are said in full; the rest is counted.
constexpr uint64_t kSaidInFull = 5;

/// No more descriptors or memory at the moment: it passes when a connection is closed.
bool is_shortage(int error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM;
}

class SocketSource : public Source {
 public:
  SocketSource(std::vector<Endpoint> endpoints, const SourceOptions& options,
               std::optional<uint64_t> accept, FileSystem& files)
      : endpoints_(std::move(endpoints)),
        options_(options),
        accept_(accept),
        files_(files),
        most_large_(std::max(size_t{1}, kLargeBytes / options.max_event)) {}

  Result<void> open() override;
  Result<Pull> next(Batch& batch) override;
  int wait_fd() const override { return ready_.fd(); }
  bool is_live() const override { return true; }
  Amount amount() const override { return {.read = read_, .total = {}}; }
  std::vector<std::string> describe() const override;
  Form form() const override {
    return {.may_be_json = options_.format.value_or(Format::kNdjson) == Format::kNdjson};
  }
  std::vector<std::string> take_messages() override { return std::exchange(messages_, {}); }
  void stop() override { stopped_ = true; }

 private:
  /// A connection among the others.
  struct Member {
    Connection connection;
    std::list<Member>::iterator self = {};
    bool was_read = false;  ///< in its turn
    bool large = false;     ///< one of those with a large event unfinished
  };

  Result<void> watch(int fd, Member* member);
  void unwatch(int fd) { epoll_ctl(ready_.fd(), EPOLL_CTL_DEL, fd, nullptr); }
  Result<void> add(OpenFile socket, std::string name);
  Result<bool> gather();
  Result<void> accept_some(Listener& listener);
  Result<void> wait_with_accepting(int error);
  Result<bool> serve(Member& member, Batch& batch);
  Result<void> end_turn(Member& member);
  Result<void> let_go(Member& member);
  Result<void> close(Member& member, const Error* error);
  void begin_to_stop();
  bool is_over() const { return listeners_.empty() && members_.empty(); }

  std::vector<Endpoint> endpoints_;
  SourceOptions options_;
  std::optional<uint64_t> accept_;
  FileSystem& files_;
  size_t most_large_;

  OpenFile ready_;  ///< the epoll set: readable when any of those watched has something to say
  std::vector<Listener> listeners_;
  bool listens_ = false;
  bool accepting_ = true;  ///< the listeners are watched
  bool said_full_ = false;
  uint64_t accepted_ = 0;

  std::list<Member> members_;    ///< in the order in which they came
  std::deque<Member*> turns_;    ///< those that have something to say, the next one first
  std::deque<Member*> waiting_;  ///< those that are not read until a large event is finished
  size_t large_ = 0;             ///< how many members are
  TurnBuffers buffers_;

  std::atomic<bool> stopped_{false};
  bool stopping_ = false;
  uint64_t read_ = 0;
  uint64_t broken_ = 0;
  std::vector<std::string> messages_;
};

Result<void> SocketSource::open() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return machine_error("sockets cannot be waited for: " + describe_errno(errno));
  ready_ = OpenFile(files_, fd);
  for (const Endpoint& endpoint : endpoints_) {
    if (!endpoint.listens) {
      auto socket = connect_to(endpoint, files_);
      if (!socket) return std::unexpected(socket.error());
      if (auto added = add(std::move(*socket), endpoint.text); !added) return added;
      continue;
    }
    raise_descriptor_limit();
    auto listener = Listener::at(endpoint, files_);
    if (!listener) return std::unexpected(listener.error());
    if (auto watched = watch(listener->fd(), nullptr); !watched) return watched;
    messages_.push_back("listening on " + listener->name());
    listeners_.push_back(std::move(*listener));
    listens_ = true;
  }
  return {};
}

std::vector<std::string> SocketSource::describe() const {
  const std::string format(format_name(options_.format.value_or(Format::kNdjson)));
  std::vector<std::string> lines;
  for (const Endpoint& endpoint : endpoints_) {
    lines.push_back(endpoint.text + ": " + format + (endpoint.listens ? ", listening" : ""));
  }
  return lines;
}

/// Adds a descriptor to those that make the source ready; without a member it is a listener.
Result<void> SocketSource::watch(int fd, Member* member) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = member;
  if (epoll_ctl(ready_.fd(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return machine_error("sockets cannot be waited for: " + describe_errno(errno));
}

Result<void> SocketSource::add(OpenFile socket, std::string name) {
  auto origin = std::make_shared<const Origin>(Origin{.name = std::move(name), .is_peer = true});
  auto reader = std::make_unique<StreamReader>(options_, Format::kNdjson, std::move(origin));
  members_.push_back(
      {.connection = Connection(std::move(socket), std::move(reader), options_.max_event)});
  Member& member = members_.back();
  member.self = std::prev(members_.end());
  return watch(member.connection.fd(), &member);
}

/// Asks who has something to say, and gives each a turn. False if nobody has. The kernel begins
/// where it left off (epoll_wait(2)), so however many there are, each comes round.
Result<bool> SocketSource::gather() {
  std::array<epoll_event, kAtATime> events{};
  const int count = epoll_wait(ready_.fd(), events.data(), kAtATime, /*timeout=*/0);
  if (count < 0 && errno != EINTR) {
    return machine_error("sockets cannot be waited for: " + describe_errno(errno));
  }
  bool connects = false;
  for (int i = 0; i < count; ++i) {
    auto* member = static_cast<Member*>(events[static_cast<size_t>(i)].data.ptr);
    if (member == nullptr) {
      connects = true;
      continue;
    }
    member->was_read = false;
    turns_.push_back(member);
  }
  if (connects) {
    for (Listener& listener : listeners_) {
      if (auto accepted = accept_some(listener); !accepted) {
        return std::unexpected(accepted.error());
      }
    }
    if (accept_ && accepted_ == *accept_) listeners_.clear();
  }
  return count > 0;
}

Result<void> SocketSource::accept_some(Listener& listener) {
  for (size_t i = 0; i < kAtATime && accepting_; ++i) {
    if (accept_ && accepted_ == *accept_) return {};
    if (members_.size() == kMostConnections) return wait_with_accepting(0);
    Listener::Accepted accepted;
    const int error = listener.accept(accepted);
    if (error == -EAGAIN) return {};
    if (is_shortage(error)) return wait_with_accepting(error);
    // Any other failure is that of this one connection, which is gone (accept(2)).
    if (error < 0) continue;
    ++accepted_;
    if (auto added = add(std::move(accepted.socket), std::move(accepted.peer)); !added) {
      return added;
    }
  }
  return {};
}

/// Accepts nobody until a connection is closed.
Result<void> SocketSource::wait_with_accepting(int error) {
  if (members_.empty()) {
    return machine_error("no connection can be accepted: " + describe_errno(error));
  }
  for (const Listener& listener : listeners_) unwatch(listener.fd());
  accepting_ = false;
  if (!std::exchange(said_full_, true)) {
    messages_.push_back(std::to_string(members_.size()) +
                        " connections are open: others have to wait until one is closed");
  }
  return {};
}

/// Goes on with a member's turn. False if it is over.
Result<bool> SocketSource::serve(Member& member, Batch& batch) {
  Connection& connection = member.connection;
  while (true) {
    const Result<bool> some = connection.take(batch);
    if (!some) {
      auto closed = close(member, &some.error());
      return closed ? Result<bool>(false) : std::unexpected(closed.error());
    }
    if (*some) return true;
    if (connection.at_end() || member.was_read) {
      auto ended = connection.at_end() ? close(member, nullptr) : end_turn(member);
      return ended ? Result<bool>(false) : std::unexpected(ended.error());
    }
    read_ += connection.read(files_, buffers_);
    member.was_read = true;
  }
}

/// Bounds what connections hold between their turns: only so many may have a large event
/// unfinished. One of these can always go on to its end, so the others wait for no more than that.
Result<void> SocketSource::end_turn(Member& member) {
  member.connection.end_turn(buffers_);
  if (member.connection.unfinished() <= TurnBuffers::kSmall) return let_go(member);
  if (member.large) return {};
  if (large_ == most_large_) {
    unwatch(member.connection.fd());
    waiting_.push_back(&member);
    return {};
  }
  member.large = true;
  ++large_;
  return {};
}

/// The member's large event is finished, if it had one: the first of those that wait may go on.
Result<void> SocketSource::let_go(Member& member) {
  if (!std::exchange(member.large, false)) return {};
  --large_;
  if (stopping_ || waiting_.empty()) return {};
  Member& next = *waiting_.front();
  waiting_.pop_front();
  next.large = true;
  ++large_;
  return watch(next.connection.fd(), &next);
}

/// Ends a connection, which may have broken off; `error` is what is wrong with its content.
Result<void> SocketSource::close(Member& member, const Error* error) {
  const StreamReader& reader = member.connection.reader();
  std::string problem;
  if (error != nullptr) {
    problem = error->message;
  } else if (!member.connection.failure().empty()) {
    problem = reader.origin()->name + ": cannot be read on: " + member.connection.failure() + "; " +
              std::to_string(reader.lines()) + (reader.lines() == 1 ? " line was" : " lines were") +
              " read before";
  }
  if (auto gone = let_go(member); !gone) return gone;
  members_.erase(member.self);
  if (!problem.empty()) {
    if (!listens_) return machine_error(problem);
    if (++broken_ <= kSaidInFull) messages_.push_back(std::move(problem));
  }
  if (accepting_) return {};
  accepting_ = true;
  for (const Listener& listener : listeners_) {
    if (auto watched = watch(listener.fd(), nullptr); !watched) return watched;
  }
  return {};
}

/// Reads and accepts no more; what was read of each connection is its end.
void SocketSource::begin_to_stop() {
  stopping_ = true;
  listeners_.clear();
  turns_.clear();
  for (Member& member : members_) {
    member.connection.stop();
    turns_.push_back(&member);
  }
}

Result<Pull> SocketSource::next(Batch& batch) {
  while (true) {
    if (stopped_ && !stopping_) begin_to_stop();
    if (!turns_.empty()) {
      const Result<bool> some = serve(*turns_.front(), batch);
      if (some && *some) return Pull::kBatch;
      turns_.pop_front();
      if (!some) return std::unexpected(some.error());
    } else if (is_over()) {
      if (broken_ > kSaidInFull) {
        messages_.push_back(std::to_string(std::exchange(broken_, 0) - kSaidInFull) +
                            " more connections could not be read to their end");
      }
      return Pull::kEnd;
    } else {
      const Result<bool> some = gather();
      if (!some) return std::unexpected(some.error());
      if (!*some) return Pull::kIdle;
    }
  }
}

}  // namespace

Result<std::unique_ptr<Source>> make_socket_source(std::vector<Endpoint> endpoints,
                                                   SourceOptions options,
                                                   std::optional<uint64_t> accept,
                                                   FileSystem& files) {
  if (auto settled = settle_options(options); !settled) return std::unexpected(settled.error());
  return std::make_unique<SocketSource>(std::move(endpoints), options, accept, files);
}

}  // namespace weir
