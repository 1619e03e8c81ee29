// A child process with a time limit, for the tests that run programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace weir::test {

/// What to start and where. Descriptors are given to the child as they are; -1 means /dev/null.
struct Command {
  std::vector<std::string> words;        ///< words[0] is looked up on this process's PATH
  std::vector<std::string> environment;  ///< NAME=value; empty: that of this process
  std::string directory;                 ///< empty: the current one
  int in = -1;
  int out = -1;
  int err = -1;
};

/// How a child ended.
struct Ended {
  int status = 0;                    ///< exit status, or 128 + the signal's number
  bool timed_out = false;            ///< killed because the time was over
  int64_t peak_kib = 0;              ///< greatest resident size of the child, KiB
  std::chrono::microseconds cpu{0};  ///< that the child took, the system's on its behalf included
};

/// A running child in a process group of its own. The destructor kills what is left of the group,
/// so no test leaves a process behind. Throws std::runtime_error if the child cannot be started.
class Process {
 public:
  explicit Process(const Command& command);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// Waits until the child has ended; kills its group when `limit` is over.
  Ended wait(std::chrono::milliseconds limit);

  /// Sends the signal to the child alone.
  void send(int signal) const;

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int watch_ = -1;  // pidfd: readable as soon as the child has ended
  bool reaped_ = false;
};

/// The content of a file, or an empty string if there is none.
std::string read_file(const std::string& path);

/// Writes the file anew. Throws std::runtime_error if it cannot.
void write_file(const std::string& path, const std::string& content);

}  // namespace weir::test
