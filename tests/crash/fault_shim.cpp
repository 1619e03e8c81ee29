// A library to be preloaded (LD_PRELOAD, ld.so(8)) that makes one call of the operating system fail
// on purpose, below SQLite and weir's own file seam alike. The environment says which and how:
//
//   WEIR_FAULT_BELOW  a folder, absolute: only files in it are looked at
//   WEIR_FAULT_CALL   open (for writing), write, sync, truncate, rename, unlink, or any of these;
//                     or read
//   WEIR_FAULT_AT     the how manyth of these calls meets it; 0 or nothing: none does
//   WEIR_FAULT_WITH   eio     it fails with EIO
//                     broken  so do all after it
//                     enospc  it fails with ENOSPC
//                     full    a write writes half; what needs room fails with ENOSPC from there on
//                     short   a write or read does half of its bytes, and says so
//                     kill    the process is killed instead of the call
//                     torn    so it is, and a write writes half of its bytes before
//                     power   as kill, and files lose what was appended since they were synced, and
//                             new ones their names, unless their folder was synced
//   WEIR_FAULT_LOG    the file that tells, once it is met, which call it was
//
// Synchronizing does nothing: what is killed here is a process, whose writes the kernel keeps.
//
// Memory that is mapped is read without a call: SQLite's -shm, which is no more than an index of
// its log. The file of the bus it reads by calls, unless it is told otherwise (PRAGMA mmap_size).

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

namespace {

/// Which call it is, as WEIR_FAULT_CALL names it.
enum class Call { kOpen, kWrite, kSync, kTruncate, kRename, kUnlink, kRead };
constexpr std::array<std::string_view, 7> kCalls = {"open",   "write",  "sync", "truncate",
                                                    "rename", "unlink", "read"};

/// What becomes of a call.
enum class Fate { kGoes, kFails, kHalf };

/// A file that is open.
struct Open {
  bool below = false;
  bool is_written = false;
  off_t synced = 0;    ///< so long it is for sure
  bool named = false;  ///< its folder says for sure that it is there
  std::string folder;
  std::string name;
};

constexpr int kMostFiles = 256;

/// The next function of this name: the C library's.
template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string_view setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class Fault {
 public:
  Fault()
      : below_(setting("WEIR_FAULT_BELOW")),
        call_(setting("WEIR_FAULT_CALL")),
        with_(setting("WEIR_FAULT_WITH")),
        log_(setting("WEIR_FAULT_LOG")),
        at_(std::atoi(std::string(setting("WEIR_FAULT_AT")).c_str())) {
    if (!below_.empty() && !below_.ends_with('/')) below_ += '/';
  }

  /// A path from the root, if it is one of a file that is looked at; else nothing.
  std::string find(const char* path) const {
    if (below_.empty()) return {};
    std::string whole = path;
    char folder[PATH_MAX];
    if (path[0] != '/' && getcwd(folder, sizeof folder) != nullptr) {
      whole = std::string(folder) + "/" + path;
    }
    return (whole + "/").starts_with(below_) ? whole : std::string();
  }

  /// Remembers a file that was opened, to be written or only to be read.
  void opened(int fd, const std::string& path, bool is_written, bool is_new) {
    if (fd < 0 || fd >= kMostFiles) return;
    const std::lock_guard lock(mutex_);
    Open& file = files_[static_cast<size_t>(fd)];
    file.folder = path.substr(0, path.rfind('/'));
    file.name = path.substr(path.rfind('/') + 1);
    struct stat status {};
    file.synced = is_new || fstat(fd, &status) < 0 ? 0 : status.st_size;
    file.named = !is_new;
    file.below = true;
    file.is_written = is_written;
    // Opened a second time, it has no more for sure than the first says.
    for (const Open& other : files_) {
      if (&other == &file || !other.is_written) continue;
      if (other.name != file.name || other.folder != file.folder) continue;
      file.synced = other.synced;
      file.named = other.named;
    }
  }
  void closed(int fd) {
    if (fd < 0 || fd >= kMostFiles) return;
    files_[static_cast<size_t>(fd)].below = false;
    files_[static_cast<size_t>(fd)].is_written = false;
  }
  void synced(int fd) {
    struct stat status {};
    if (fstat(fd, &status) == 0) files_[static_cast<size_t>(fd)].synced = status.st_size;
  }
  void synced_folder(std::string_view folder) {
    for (Open& file : files_) {
      if (file.folder == folder) file.named = true;
    }
  }
  void cut(int fd, off_t size) {
    off_t& synced = files_[static_cast<size_t>(fd)].synced;
    if (size < synced) synced = size;
  }
  /// The name of the file behind a descriptor, if it is one that is looked at; else null.
  const char* name_of(int fd) const {
    if (fd < 0 || fd >= kMostFiles || !files_[static_cast<size_t>(fd)].below) return nullptr;
    return files_[static_cast<size_t>(fd)].name.c_str();
  }
  /// The same for those that were opened to be written.
  const char* written_name_of(int fd) const {
    const char* const name = name_of(fd);
    return name != nullptr && files_[static_cast<size_t>(fd)].is_written ? name : nullptr;
  }

  /// Counts a call, on a file of that name or with such a size, and says what becomes of it. With
  /// kHalf the caller does half of it and asks `half_done`.
  Fate meet(Call call, const char* name, bool can_be_half) {
    const std::lock_guard lock(mutex_);
    const std::string_view said = kCalls[static_cast<size_t>(call)];
    // What reads changes nothing, and there is much of it: it is met when it is asked for.
    const bool is_met = call_ == said || (call_ == "any" && call != Call::kRead);
    if (at_ <= 0 || !is_met) return Fate::kGoes;
    ++count_;
    const bool needs_room = call != Call::kSync && call != Call::kUnlink && call != Call::kRead;
    if (count_ > at_) {
      errno = with_ == "full" ? ENOSPC : EIO;
      return with_ == "broken" || (with_ == "full" && needs_room) ? Fate::kFails : Fate::kGoes;
    }
    if (count_ < at_) return Fate::kGoes;
    tell(said, name);
    if (with_ == "eio" || with_ == "broken") {
      errno = EIO;
      return Fate::kFails;
    }
    if (with_ == "enospc" || (with_ == "full" && !can_be_half && needs_room)) {
      errno = ENOSPC;
      return Fate::kFails;
    }
    if (with_ == "kill" || with_ == "power" || (with_ == "torn" && !can_be_half)) end();
    return can_be_half ? Fate::kHalf : Fate::kGoes;
  }
  void half_done() {
    if (with_ == "torn") end();
  }

 private:
  void tell(std::string_view call, const char* name) const {
    static auto* const real_open = next<int(const char*, int, ...)>("open");
    static auto* const real_write = next<ssize_t(int, const void*, size_t)>("write");
    static auto* const real_close = next<int(int)>("close");
    const std::string line = std::string(call) + " of " + name + "\n";
    const int fd = real_open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0) return;
    [[maybe_unused]] const ssize_t written = real_write(fd, line.data(), line.size());
    real_close(fd);
  }
  [[noreturn]] void end() {
    static auto* const real_truncate = next<int(int, off_t)>("ftruncate");
    static auto* const real_unlink = next<int(const char*)>("unlink");
    for (int fd = 0; with_ == "power" && fd < kMostFiles; ++fd) {
      const Open& file = files_[static_cast<size_t>(fd)];
      struct stat status {};
      if (!file.is_written || fstat(fd, &status) < 0) continue;
      [[maybe_unused]] int gone = 0;
      if (status.st_size > file.synced) gone = real_truncate(fd, file.synced);
      if (!file.named) gone = real_unlink((file.folder + "/" + file.name).c_str());
    }
    kill(getpid(), SIGKILL);
    while (true) pause();
  }

  std::string below_;
  std::string call_;
  std::string with_;
  std::string log_;
  int at_ = 0;
  int count_ = 0;
  std::mutex mutex_;
  std::array<Open, kMostFiles> files_;
};

/// Never destroyed: calls come until the very end of the process.
Fault& fault() {
  static auto* const one = new Fault;
  return *one;
}

/// Meets a call on a path. True if it fails.
bool fails(Call call, const char* path) {
  const std::string whole = fault().find(path);
  if (whole.empty()) return false;
  return fault().meet(call, whole.c_str() + whole.rfind('/') + 1, false) == Fate::kFails;
}

int open_or_fail(const char* path, int flags, mode_t mode) {
  static auto* const real = next<int(const char*, int, ...)>("open");
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  const std::string whole = fault().find(path);
  if (whole.empty()) return real(path, flags, mode);
  if (writes && fails(Call::kOpen, path)) return -1;
  struct stat status {};
  const bool is_new = stat(path, &status) < 0;
  const int fd = real(path, flags, mode);
  fault().opened(fd, whole, writes, is_new);
  return fd;
}

/// A call that writes or reads, on a file of that name or one that is not looked at: `some` does so
/// many bytes of `size`.
template <typename Do>
ssize_t do_or_fail(Call call, const char* name, size_t size, Do&& some) {
  if (name == nullptr) return some(size);
  switch (fault().meet(call, name, size > 1)) {
    case Fate::kFails:
      return -1;
    case Fate::kHalf: {
      const ssize_t done = some(size / 2);
      fault().half_done();
      return done;
    }
    case Fate::kGoes:
      break;
  }
  return some(size);
}

template <typename Write>
ssize_t write_or_fail(int fd, size_t size, Write&& some) {
  return do_or_fail(Call::kWrite, fault().written_name_of(fd), size, some);
}

template <typename Read>
ssize_t read_or_fail(int fd, size_t size, Read&& some) {
  return do_or_fail(Call::kRead, fault().name_of(fd), size, some);
}

int sync_or_fail(int fd, int (*real)(int)) {
  const char* const name = fault().written_name_of(fd);
  if (name != nullptr) {
    if (fault().meet(Call::kSync, name, false) == Fate::kFails) return -1;
    fault().synced(fd);
    return 0;
  }
  // A folder is opened to be read.
  char folder[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), folder, sizeof folder - 1);
  folder[size < 0 ? 0 : size] = '\0';
  if (size <= 0 || fault().find(folder).empty()) return real(fd);
  if (fault().meet(Call::kSync, "a folder", false) == Fate::kFails) return -1;
  fault().synced_folder(folder);
  return 0;
}

int truncate_or_fail(int fd, off_t size) {
  static auto* const real = next<int(int, off_t)>("ftruncate");
  const char* const name = fault().written_name_of(fd);
  if (name != nullptr && fault().meet(Call::kTruncate, name, false) == Fate::kFails) return -1;
  const int result = real(fd, size);
  if (name != nullptr && result == 0) fault().cut(fd, size);
  return result;
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) == 0 ? 0 : static_cast<mode_t>(va_arg(rest, unsigned));
}

}  // namespace

// The C library's names, under which the program and its libraries find these first.
extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_or_fail(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_or_fail(path, flags, mode);
}

int close(int fd) {
  static auto* const real = next<int(int)>("close");
  fault().closed(fd);
  return real(fd);
}

ssize_t write(int fd, const void* from, size_t size) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return write_or_fail(fd, size, [&](size_t some) { return real(fd, from, some); });
}

ssize_t pwrite(int fd, const void* from, size_t size, off_t at) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return write_or_fail(fd, size, [&](size_t some) { return real(fd, from, some, at); });
}

ssize_t pwrite64(int fd, const void* from, size_t size, off_t at) {
  return pwrite(fd, from, size, at);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static auto* const real = next<ssize_t(int, const iovec*, int)>("writev");
  // Half of the parts is half enough.
  return write_or_fail(fd, static_cast<size_t>(count),
                       [&](size_t some) { return real(fd, parts, static_cast<int>(some)); });
}

ssize_t read(int fd, void* to, size_t size) {
  static auto* const real = next<ssize_t(int, void*, size_t)>("read");
  return read_or_fail(fd, size, [&](size_t some) { return real(fd, to, some); });
}

ssize_t pread(int fd, void* to, size_t size, off_t at) {
  static auto* const real = next<ssize_t(int, void*, size_t, off_t)>("pread");
  return read_or_fail(fd, size, [&](size_t some) { return real(fd, to, some, at); });
}

ssize_t pread64(int fd, void* to, size_t size, off_t at) { return pread(fd, to, size, at); }

int fsync(int fd) {
  static auto* const real = next<int(int)>("fsync");
  return sync_or_fail(fd, real);
}

int fdatasync(int fd) {
  static auto* const real = next<int(int)>("fdatasync");
  return sync_or_fail(fd, real);
}

int ftruncate(int fd, off_t size) noexcept { return truncate_or_fail(fd, size); }
int ftruncate64(int fd, off_t size) noexcept { return truncate_or_fail(fd, size); }

int rename(const char* from, const char* to) noexcept {
  static auto* const real = next<int(const char*, const char*)>("rename");
  if (fails(Call::kRename, to)) return -1;
  return real(from, to);
}

int unlink(const char* path) noexcept {
  static auto* const real = next<int(const char*)>("unlink");
  if (fails(Call::kUnlink, path)) return -1;
  return real(path);
}

}  // extern "C"
