// A weir that runs while a test feeds it, reads from it and sends it signals.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runner/process.h"

namespace weir::test {

using Clock = std::chrono::steady_clock;

/// Milliseconds since `start`.
int64_t ms_since(Clock::time_point start);

/// The figure a test asks for on a quiet machine, and what it fails at, so that a busy one does not
/// fail it: a promptness of 100 ms is printed as measured, and held against ten times that.
constexpr int64_t kPromptMs = 1000;

/// Under a sanitizer weir takes several times the memory and the time, and files of its own. g++
/// says so by a macro, clang by a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

inline constexpr size_t kMiB = 1 << 20;

/// How long any wait may last before a test gives up.
constexpr std::chrono::milliseconds kPatience{20'000};

/// A folder of its own under the system's temporary folder, removed at the end.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  std::string path(std::string_view name) const { return folder_ / name; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

/// weir with pipes for stdin and stdout, and stderr in a file. The program is the one that the
/// environment variable WEIR names.
class Running {
 public:
  explicit Running(std::vector<std::string> arguments, bool stdout_closed = false);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  /// Writes to weir's stdin; false if weir does not read any more, or not within patience.
  bool write(std::string_view text);

  /// Ends weir's stdin.
  void close_in();

  /// Closes our end of weir's stdout, as `head -1` does when it has what it wants.
  void close_out();

  /// Reads stdout until at least `bytes` have arrived, or until its end, or until patience is over.
  std::string read_at_least(size_t bytes);

  /// Reads stdout until its end.
  std::string read_all() { return read_at_least(SIZE_MAX); }

  Ended wait() { return process_->wait(kPatience); }
  void send(int signal) { process_->send(signal); }
  pid_t pid() const { return process_->pid(); }
  std::string complaints() const { return read_file(scratch_.path("err")); }

 private:
  Scratch scratch_;
  int in_ = -1;
  int out_ = -1;
  std::unique_ptr<Process> process_;
};

}  // namespace weir::test
