// Files that fail, stutter and fall silent as a test wants.
#pragma once

#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/file.h"

namespace weir {

/// The operating system's files, except that descriptors 0 and 1 are the test's own, and that
/// chosen calls fail.
class FakeFiles : public FileSystem {
 public:
  /// What descriptor 0 reads; `generate`, if set, comes before it: it fills up to `size` bytes and
  /// answers how many, 0 when it has no more.
  std::string input;
  std::function<size_t(char* to, size_t size)> generate;
  /// Descriptor 0 is a pipe; it has something to say only every other time it is asked.
  bool is_pipe = false;
  bool stutters = false;
  /// Descriptor 0 says nothing more when `input` is used up, and does not end.
  bool stays_open = false;
  /// No read or write moves more bytes than this.
  size_t at_most = SIZE_MAX;
  /// What was written to descriptor 1.
  std::string output;

  /// The call of that name fails with `error` when it is made for the nth time (from 1).
  void fail(const std::string& call, int nth, int error) { failures_[{call, nth}] = error; }
  /// How often a call was made.
  int calls(const std::string& call) { return counts_[call]; }

  int open(const std::string& path, int flags, mode_t mode) override {
    if (const int error = count("open")) return error;
    return real_.open(path, flags, mode);
  }
  ssize_t read(int fd, char* to, size_t size) override {
    if (const int error = count("read")) return error;
    size = std::min(size, at_most);
    if (fd != 0) return real_.read(fd, to, size);
    if (generate) {
      const size_t made = generate(to, size);
      if (made > 0) return static_cast<ssize_t>(made);
    }
    size = std::min(size, input.size() - position_);
    std::memcpy(to, input.data() + position_, size);
    position_ += size;
    return static_cast<ssize_t>(size);
  }
  ssize_t read_at(int fd, char* to, size_t size, off_t offset) override {
    if (const int error = count("read_at")) return error;
    return real_.read_at(fd, to, std::min(size, at_most), offset);
  }
  int move(int fd, off_t by) override {
    if (const int error = count("move")) return error;
    if (fd != 0) return real_.move(fd, by);
    position_ += static_cast<size_t>(by);
    return 0;
  }
  ssize_t write(int fd, const char* from, size_t size) override {
    if (const int error = count("write")) return error;
    size = std::min(size, at_most);
    if (fd != 1) return real_.write(fd, from, size);
    output.append(from, size);
    return static_cast<ssize_t>(size);
  }
  int sync(int fd) override {
    if (const int error = count("sync")) return error;
    return real_.sync(fd);
  }
  int close(int fd) override {
    const int error = count("close");
    const int result = real_.close(fd);
    return error != 0 ? error : result;
  }
  int rename(const std::string& from, const std::string& to) override {
    if (const int error = count("rename")) return error;
    return real_.rename(from, to);
  }
  int link(const std::string& from, const std::string& to) override {
    if (const int error = count("link")) return error;
    return real_.link(from, to);
  }
  int remove(const std::string& path) override { return real_.remove(path); }
  int truncate(int fd, off_t size) override {
    if (const int error = count("truncate")) return error;
    return real_.truncate(fd, size);
  }
  int change_mode(int fd, mode_t mode) override {
    if (const int error = count("change_mode")) return error;
    return real_.change_mode(fd, mode);
  }
  int status(const std::string& path, struct stat& to) override { return real_.status(path, to); }
  int status(int fd, struct stat& to) override {
    if (fd != 0) return real_.status(fd, to);
    to = {};
    to.st_mode = is_pipe ? S_IFIFO | 0600 : S_IFREG | 0600;
    return 0;
  }
  int readable(const std::string& path) override {
    if (const int error = count("readable")) return error;
    return real_.readable(path);
  }
  int ready(int fd, short events) override {
    if (fd != 0) return real_.ready(fd, events);
    if (stays_open && position_ == input.size()) return 0;
    return stutters && ++asked_ % 2 == 0 ? 0 : 1;
  }
  int enlarge_pipe(int fd) override { return fd <= 1 ? 0 : real_.enlarge_pipe(fd); }
  int resolve(const std::string& path, std::string& to) override { return real_.resolve(path, to); }
  int read_link(const std::string& path, std::string& to) override {
    return real_.read_link(path, to);
  }
  int glob(const std::string& pattern, std::vector<std::string>& to) override {
    if (const int error = count("glob")) return error;
    return real_.glob(pattern, to);
  }
  int list(const std::string& folder, size_t limit, std::vector<std::string>& to) override {
    return real_.list(folder, limit, to);
  }
  int open_in(int folder, const std::string& name, int flags, mode_t mode) override {
    if (const int error = count("open_in")) return error;
    return real_.open_in(folder, name, flags, mode);
  }
  int make_folder_in(int folder, const std::string& name) override {
    if (const int error = count("make_folder_in")) return error;
    return real_.make_folder_in(folder, name);
  }
  int rename_in(int folder, const std::string& from, const std::string& to) override {
    if (const int error = count("rename_in")) return error;
    return real_.rename_in(folder, from, to);
  }
  int link_in(int folder, const std::string& from, const std::string& to) override {
    if (const int error = count("link_in")) return error;
    return real_.link_in(folder, from, to);
  }
  int remove_in(int folder, const std::string& name) override {
    return real_.remove_in(folder, name);
  }
  int status_in(int folder, const std::string& name, struct stat& to) override {
    return real_.status_in(folder, name, to);
  }

 private:
  int count(const std::string& call) {
    const auto found = failures_.find({call, ++counts_[call]});
    return found == failures_.end() ? 0 : -found->second;
  }

  FileSystem& real_ = system_files();
  std::map<std::pair<std::string, int>, int> failures_;
  std::map<std::string, int> counts_;
  size_t position_ = 0;
  int asked_ = 0;
};

}  // namespace weir
