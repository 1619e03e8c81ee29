#include "bus/turn.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/file.h"
#include "base/hash.h"

namespace weir {
namespace {

/// The byte of a lock. Two names share one once in 2^61 pairs.
long long place_of(std::string_view name) { return static_cast<long long>(fnv1a(name) >> 2) + 1; }

}  // namespace

LockFile::~LockFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> LockFile::open(const std::string& path) {
  path_ = path;
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) return machine_error(path + ": cannot be opened: " + describe_errno(-errno));
  return {};
}

/// Sets or clears the lock of one byte. False if it is another's.
Result<bool> LockFile::lock(short type, long long start, bool wait) const {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = start;
  range.l_len = 1;
  while (fcntl(fd_, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EACCES) return false;
    return machine_error(path_ + ": cannot be locked: " + describe_errno(-errno));
  }
  return true;
}

Result<void> LockFile::take_turn() {
  auto locked = lock(F_WRLCK, 0, true);
  if (!locked) return std::unexpected(locked.error());
  return {};
}

void LockFile::end_turn() { (void)lock(F_UNLCK, 0, false); }

Result<bool> LockFile::try_lock(std::string_view name, Hold hold) {
  return lock(hold == Hold::kShared ? F_RDLCK : F_WRLCK, place_of(name), false);
}

Result<bool> LockFile::is_locked(std::string_view name) const {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = place_of(name);
  range.l_len = 1;
  if (fcntl(fd_, F_OFD_GETLK, &range) < 0) {
    return machine_error(path_ + ": cannot be asked for locks: " + describe_errno(-errno));
  }
  return range.l_type != F_UNLCK;
}

void LockFile::notify() const {
  // What is written is nothing that anybody reads.
  [[maybe_unused]] const ssize_t written = pwrite(fd_, "w", 1, 0);
}

}  // namespace weir
