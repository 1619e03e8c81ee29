// The seam between weir and the operating system's files, so that tests can make them fail.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// What weir asks of POSIX. Each call answers as the system call of its name does, except that a
/// failure is the negated errno (-ENOENT), and that EINTR is never seen: the call is made again.
/// All descriptors are close-on-exec.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// open(2): a descriptor.
  virtual int open(const std::string& path, int flags, mode_t mode) = 0;
  virtual ssize_t read(int fd, char* to, size_t size) = 0;
  /// pread(2): reads from `offset` on, and leaves the place of the descriptor as it is.
  virtual ssize_t read_at(int fd, char* to, size_t size, off_t offset) = 0;
  /// lseek(2) with SEEK_CUR: moves the place of the descriptor `by` bytes. 0, or why not.
  virtual int move(int fd, off_t by) = 0;
  /// write(2): may write less than `size`; see write_all.
  virtual ssize_t write(int fd, const char* from, size_t size) = 0;
  virtual int sync(int fd) = 0;
  virtual int close(int fd) = 0;
  virtual int rename(const std::string& from, const std::string& to) = 0;
  /// link(2): gives a file a second name; fails with -EEXIST where one stands.
  virtual int link(const std::string& from, const std::string& to) = 0;
  virtual int remove(const std::string& path) = 0;
  virtual int change_mode(int fd, mode_t mode) = 0;
  virtual int truncate(int fd, off_t size) = 0;
  virtual int status(const std::string& path, struct stat& to) = 0;
  virtual int status(int fd, struct stat& to) = 0;
  /// access(2) for reading: 0 if the file is there and may be read.
  virtual int readable(const std::string& path) = 0;
  /// poll(2) on one descriptor: 1 if one of `events` (or an error, or a hang-up) is there at once.
  virtual int ready(int fd, short events) = 0;
  /// F_SETPIPE_SZ: asks for a pipe of 1 MiB. A default one holds 64 KiB, so that who writes and who
  /// reads take many more turns. Failing does no harm.
  virtual int enlarge_pipe(int fd) = 0;
  /// realpath(3): 0 and the path without links, or why not.
  virtual int resolve(const std::string& path, std::string& to) = 0;
  /// readlink(2): 0 and where a link leads to, or why not (-EINVAL: it is no link).
  virtual int read_link(const std::string& path, std::string& to) = 0;
  /// The paths that match a pattern (glob(7)), in order of their bytes. None is no failure.
  virtual int glob(const std::string& pattern, std::vector<std::string>& to) = 0;
  /// The names in a folder, at most `limit` of them.
  virtual int list(const std::string& folder, size_t limit, std::vector<std::string>& to) = 0;

  // The same in an open folder. `name` has no slash in it, and is never followed if it is a link.

  /// openat(2) with O_NOFOLLOW: a link is -ELOOP, or -ENOTDIR where a folder is wanted.
  virtual int open_in(int folder, const std::string& name, int flags, mode_t mode) = 0;
  virtual int make_folder_in(int folder, const std::string& name) = 0;
  virtual int rename_in(int folder, const std::string& from, const std::string& to) = 0;
  virtual int link_in(int folder, const std::string& from, const std::string& to) = 0;
  virtual int remove_in(int folder, const std::string& name) = 0;
  virtual int status_in(int folder, const std::string& name, struct stat& to) = 0;
};

/// Which regular file it is, by whatever name.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};
inline FileId id_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

/// The operating system's own files. Safe to use from several threads.
FileSystem& system_files();

/// Writes all of `bytes`, in as many calls as it takes. 0, or the negated errno. A descriptor that
/// somebody made non-blocking is waited for.
int write_all(FileSystem& files, int fd, std::string_view bytes);

/// Syncs the folder that a path stands in, so that the name survives a loss of power. 0, also where
/// that cannot be done (a folder may be written and not read, and some file systems sync none), or
/// the negated errno.
int sync_folder(FileSystem& files, std::string_view path);

/// What an errno means, in words that fit into a sentence: "no space left on device". Takes it
/// negated or not.
std::string describe_errno(int error);

/// The folder part of a path ("." if it has none) and the name behind it.
std::string folder_of(std::string_view path);
std::string name_of(std::string_view path);

/// Where a chain of links ends, also if nothing stands there yet; `path` itself if it is no link.
std::string follow_links(FileSystem& files, std::string path);

/// A descriptor that is closed when this goes.
class OpenFile {
 public:
  OpenFile() = default;
  OpenFile(FileSystem& files, int fd) : files_(&files), fd_(fd) {}
  OpenFile(OpenFile&& other) noexcept : files_(other.files_), fd_(other.release()) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    if (this == &other) return *this;
    close();
    files_ = other.files_;
    fd_ = other.release();
    return *this;
  }
  ~OpenFile() { close(); }

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  /// Gives the descriptor up without closing it.
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  /// Closes it now, and says what close(2) said. Without a descriptor it does nothing.
  int close() { return fd_ < 0 ? 0 : files_->close(release()); }

 private:
  FileSystem* files_ = nullptr;
  int fd_ = -1;
};

}  // namespace weir
