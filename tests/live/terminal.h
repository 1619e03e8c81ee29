// A terminal that a test looks at, and types on.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include "live/running.h"

namespace weir::test {

/// A terminal of `columns` columns, and what was written to it.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    const winsize size = {.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    REQUIRE(openpty(&screen_, &end_, nullptr, nullptr, &size) == 0);
    fcntl(screen_, F_SETFD, FD_CLOEXEC);
    fcntl(end_, F_SETFD, FD_CLOEXEC);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    close_end();
    close(screen_);
  }

  /// The end that a program gets; ours is closed by `close_end`.
  int end() const { return end_; }
  void close_end() {
    if (end_ >= 0) close(end_);
    end_ = -1;
  }

  /// Reads until `text` has come, or (with an empty one) until nobody has the other end any more.
  bool read_until(std::string_view text) {
    const auto start = Clock::now();
    while (text.empty() || written_.find(text) == std::string::npos) {
      const int64_t left = kPatience.count() - ms_since(start);
      pollfd waiting{.fd = screen_, .events = POLLIN, .revents = 0};
      if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) == 0) return false;
      char piece[4096];
      const ssize_t got = read(screen_, piece, sizeof piece);
      if (got <= 0) return text.empty();
      written_.append(piece, static_cast<size_t>(got));
    }
    return true;
  }

  /// Types.
  void type(std::string_view text) const {
    REQUIRE(::write(screen_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

  const std::string& written() const { return written_; }

  /// What a person sees in the end: a line is overwritten from its start after each \r.
  std::string seen() const {
    std::string seen;
    std::string line;
    size_t at = 0;
    for (const char c : written_) {
      if (c == '\r') {
        at = 0;
      } else if (c == '\n') {
        seen += trimmed(line) + "\n";
        line.clear();
        at = 0;
      } else {
        line.resize(std::max(line.size(), at + 1), ' ');
        line[at++] = c;
      }
    }
    return seen + trimmed(line);
  }

  /// The most columns that anything takes.
  size_t widest() const {
    size_t widest = 0;
    size_t width = 0;
    for (const char c : written_) {
      width = c == '\r' || c == '\n' ? 0 : width + 1;
      widest = std::max(widest, width);
    }
    return widest;
  }

 private:
  static std::string trimmed(const std::string& line) {
    return line.substr(0, line.find_last_not_of(' ') + 1);
  }

  int screen_ = -1;
  int end_ = -1;
  std::string written_;
};

}  // namespace weir::test
