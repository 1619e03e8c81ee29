// The file beside the bus that writers queue up at, bots are locked in, and readers are woken by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

/// A file of locks, NAME-lock. Its locks belong to the open file (F_OFD_SETLK, fcntl(2)): they go
/// when it is closed or the process ends, however it ends. The file itself stays: who deleted it
/// would let two in.
class LockFile {
 public:
  LockFile() = default;
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

  /// Opens or makes the file, for its owner alone.
  Result<void> open(const std::string& path);

  /// Waits for the turn to write; the kernel grants it in the order of asking.
  Result<void> take_turn();
  void end_turn();
  /// Takes the lock of that name, if nobody has it; to share it with others who do, if nobody has
  /// it alone.
  enum class Hold : uint8_t { kAlone, kShared };
  Result<bool> try_lock(std::string_view name, Hold hold = Hold::kAlone);

  /// True if somebody else has the lock of that name, alone or with others. Takes nothing.
  Result<bool> is_locked(std::string_view name) const;

  /// Wakes all that watch the file (IN_MODIFY, inotify(7)).
  void notify() const;

 private:
  Result<bool> lock(short type, long long start, bool wait) const;

  std::string path_;
  int fd_ = -1;
};

}  // namespace weir
