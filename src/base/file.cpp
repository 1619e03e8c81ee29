#include "base/file.h"

#include <dirent.h>
#include <glob.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace weir {
namespace {

/// As many links in a row as Linux follows itself (path_resolution(7)).
constexpr int kMostLinks = 40;

/// Makes the call until no signal is in the way, and turns a failure into the negated errno.
template <typename Call>
auto steady(Call&& call) {
  while (true) {
    auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return static_cast<decltype(result)>(-errno);
  }
}

class SystemFiles : public FileSystem {
 public:
  int open(const std::string& path, int flags, mode_t mode) override {
    return steady([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  }
  ssize_t read(int fd, char* to, size_t size) override {
    return steady([&] { return ::read(fd, to, size); });
  }
  ssize_t read_at(int fd, char* to, size_t size, off_t offset) override {
    return steady([&] { return ::pread(fd, to, size, offset); });
  }
  int move(int fd, off_t by) override {
    const off_t place = ::lseek(fd, by, SEEK_CUR);
    return place < 0 ? -errno : 0;
  }
  ssize_t write(int fd, const char* from, size_t size) override {
    return steady([&] { return ::write(fd, from, size); });
  }
  int sync(int fd) override {
    return steady([&] { return ::fsync(fd); });
  }
  int close(int fd) override {
    // Linux frees the descriptor even if a signal cut in: calling again could close another's.
    return ::close(fd) == 0 || errno == EINTR ? 0 : -errno;
  }
  int rename(const std::string& from, const std::string& to) override {
    return steady([&] { return ::rename(from.c_str(), to.c_str()); });
  }
  int link(const std::string& from, const std::string& to) override {
    return steady([&] { return ::link(from.c_str(), to.c_str()); });
  }
  int remove(const std::string& path) override {
    return steady([&] { return ::unlink(path.c_str()); });
  }
  int change_mode(int fd, mode_t mode) override {
    return steady([&] { return ::fchmod(fd, mode); });
  }
  int truncate(int fd, off_t size) override {
    return steady([&] { return ::ftruncate(fd, size); });
  }
  int status(const std::string& path, struct stat& to) override {
    return steady([&] { return ::stat(path.c_str(), &to); });
  }
  int status(int fd, struct stat& to) override {
    return steady([&] { return ::fstat(fd, &to); });
  }
  int readable(const std::string& path) override {
    return steady([&] { return ::access(path.c_str(), R_OK); });
  }
  int ready(int fd, short events) override {
    pollfd one{.fd = fd, .events = events, .revents = 0};
    return steady([&] { return ::poll(&one, 1, 0); });
  }
  int enlarge_pipe(int fd) override {
    return steady([&] { return ::fcntl(fd, F_SETPIPE_SZ, 1 << 20); });
  }
  int resolve(const std::string& path, std::string& to) override {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                           &std::free);
    if (real == nullptr) return -errno;
    to = real.get();
    return 0;
  }
  int read_link(const std::string& path, std::string& to) override {
    char target[PATH_MAX];
    const ssize_t size = steady([&] { return ::readlink(path.c_str(), target, sizeof target); });
    if (size < 0) return static_cast<int>(size);
    to.assign(target, static_cast<size_t>(size));
    return 0;
  }
  int glob(const std::string& pattern, std::vector<std::string>& to) override {
    glob_t found{};
    const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
    if (result == 0) to.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    if (result == GLOB_NOSPACE) return -ENOMEM;
    if (result == GLOB_ABORTED) return -EIO;
    std::sort(to.begin(), to.end());
    return 0;
  }
  int list(const std::string& folder, size_t limit, std::vector<std::string>& to) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> open_folder(::opendir(folder.c_str()), &::closedir);
    if (open_folder == nullptr) return -errno;
    while (to.size() < limit) {
      const dirent* entry = ::readdir(open_folder.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") to.emplace_back(name);
    }
    return 0;
  }
  int open_in(int folder, const std::string& name, int flags, mode_t mode) override {
    return steady(
        [&] { return ::openat(folder, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode); });
  }
  int make_folder_in(int folder, const std::string& name) override {
    return steady([&] { return ::mkdirat(folder, name.c_str(), 0777); });
  }
  int rename_in(int folder, const std::string& from, const std::string& to) override {
    return steady([&] { return ::renameat(folder, from.c_str(), folder, to.c_str()); });
  }
  int link_in(int folder, const std::string& from, const std::string& to) override {
    return steady([&] { return ::linkat(folder, from.c_str(), folder, to.c_str(), 0); });
  }
  int remove_in(int folder, const std::string& name) override {
    return steady([&] { return ::unlinkat(folder, name.c_str(), 0); });
  }
  int status_in(int folder, const std::string& name, struct stat& to) override {
    return steady([&] { return ::fstatat(folder, name.c_str(), &to, AT_SYMLINK_NOFOLLOW); });
  }
};

}  // namespace

FileSystem& system_files() {
  static SystemFiles files;
  return files;
}

int write_all(FileSystem& files, int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = files.write(fd, bytes.data(), bytes.size());
    if (written == -EAGAIN) {
      // Another process made the shared description non-blocking: wait until there is room.
      pollfd one{.fd = fd, .events = POLLOUT, .revents = 0};
      if (::poll(&one, 1, -1) < 0 && errno != EINTR) return -errno;
      continue;
    }
    if (written < 0) return static_cast<int>(written);
    // A write of nothing would be tried for ever; no file system should answer so.
    if (written == 0) return -EIO;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

int sync_folder(FileSystem& files, std::string_view path) {
  const int folder = files.open(folder_of(path), O_RDONLY | O_DIRECTORY, 0);
  if (folder < 0) return 0;
  const OpenFile open_folder(files, folder);
  const int result = files.sync(folder);
  return result == -EINVAL || result == -EBADF ? 0 : result;
}

std::string describe_errno(int error) {
  // Files of our own are open: this is a standard stream that weir was started without.
  if (error == EBADF || error == -EBADF) return "it is closed";
  char text[128];
  std::string words = ::strerror_r(error < 0 ? -error : error, text, sizeof text);
  // "No space left" starts a sentence, ours stand inside one; "RPC ..." stays as it is.
  if (words.size() > 1 && std::islower(static_cast<unsigned char>(words[1])) != 0) {
    words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  }
  return words;
}

std::string folder_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

std::string name_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string follow_links(FileSystem& files, std::string path) {
  std::string next;
  for (int i = 0; i < kMostLinks && files.read_link(path, next) == 0; ++i) {
    path = next.starts_with('/') ? next : folder_of(path) + "/" + next;
  }
  return path;
}

}  // namespace weir
