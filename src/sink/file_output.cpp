#include "sink/file_output.h"

#include <cerrno>
#include <charconv>
#include <optional>

#include "base/interrupt.h"
#include "sink/temporary_name.h"

namespace weir {
namespace {

/// The descriptor that a path such as /dev/stdout means, which must not be opened anew: that would
/// write a redirected file from its start.
std::optional<int> descriptor_of(std::string_view path) {
  if (path == "/dev/stdout") return 1;
  if (path == "/dev/stderr") return 2;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const std::string_view number = path.substr(folder.size());
    int fd = -1;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fd);
    if (error == std::errc() && end == number.data() + number.size() && fd >= 0) return fd;
  }
  return std::nullopt;
}

}  // namespace

FileOutput::~FileOutput() {
  own_.close();
  drop();
}

std::unexpected<Error> FileOutput::failure(int error) const {
  if (error == -EPIPE) return std::unexpected(reader_gone());
  return machine_error(name() + ": cannot be written: " + describe_errno(error));
}

/// Only standard output may go away quietly: what else is written to was asked for by name.
Error FileOutput::reader_gone() const {
  const bool quietly = canonical_output(endpoint_, files_) == "-";
  return {quietly ? ErrorKind::kClosed : ErrorKind::kMachine, name() + ": the reader is gone"};
}

Result<void> FileOutput::open() {
  const std::optional<int> fd = endpoint_.is_standard() ? 1 : descriptor_of(endpoint_.text);
  if (!fd) return open_path();
  fd_ = *fd;
  struct stat status {};
  if (files_.status(fd_, status) < 0) return {};
  if (S_ISREG(status.st_mode)) written_ = {.file = id_of(status), .at_once = true};
  if (S_ISFIFO(status.st_mode)) files_.enlarge_pipe(fd_);
  return {};
}

Result<void> FileOutput::open_path() {
  const std::string target = follow_links(files_, endpoint_.text);
  struct stat status {};
  const int found = files_.status(target, status);
  if (found == -ENOENT) {
    const std::string folder = folder_of(target);
    if (files_.status(folder, status) == -ENOENT) {
      return machine_error(name() + ": cannot be written: there is no folder '" + folder + "'");
    }
    if (target.ends_with('/')) return failure(-EISDIR);
    return open_beside(target, false, 0666);
  }
  if (found < 0) return failure(found);
  if (S_ISDIR(status.st_mode)) return failure(-EISDIR);
  // Opening it asks whether it may be written at all: a rename would not.
  const bool fifo = S_ISFIFO(status.st_mode);
  int fd = files_.open(target, O_WRONLY | O_NOCTTY | (fifo ? O_NONBLOCK : 0), 0);
  // A FIFO that nobody reads yet: to wait inside of open(2) would be deaf to signals.
  while (fifo && fd == -ENXIO) {
    constexpr int kLookAgainMs = 20;
    if (wait_for(-1, 0, kLookAgainMs) == Waited::kInterrupted) {
      return machine_error(name() + ": interrupted before anybody read it");
    }
    fd = files_.open(target, O_WRONLY | O_NOCTTY | O_NONBLOCK, 0);
  }
  if (fd < 0) return failure(fd);
  OpenFile existing(files_, fd);
  if (S_ISREG(status.st_mode)) written_ = {.file = id_of(status), .at_once = false};
  if (S_ISREG(status.st_mode)) return open_beside(target, true, status.st_mode & 07777);
  own_ = std::move(existing);
  fd_ = own_.fd();
  if (fifo) files_.enlarge_pipe(fd_);
  return {};
}

Result<void> FileOutput::open_beside(const std::string& target, bool exists, mode_t mode) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    std::string temporary = with_ending(target, temporary_ending());
    const int fd = files_.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode & 0777);
    if (fd == -EEXIST) continue;
    if (fd < 0) return failure(fd);
    own_ = OpenFile(files_, fd);
    fd_ = fd;
    target_ = target;
    temporary_ = std::move(temporary);
    existed_ = exists;
    if (!exists) return {};
    // The umask has nothing to say about a mode that was chosen before.
    if (const int result = files_.change_mode(fd, mode); result < 0) return failure(result);
    return {};
  }
  return failure(-EEXIST);
}

Result<void> FileOutput::write(std::string_view bytes) {
  if (broken_ || bytes.empty()) return {};
  const int result = write_all(files_, fd_, bytes);
  if (result == 0) {
    written_bytes_ += bytes.size();
    return {};
  }
  broken_ = true;
  // Half an event is worse than none; where that cannot be helped, the error is told all the same.
  if (!temporary_.empty()) files_.truncate(fd_, static_cast<off_t>(written_bytes_));
  return failure(result);
}

/// Syncs the file and gives it its name; afterwards both survive a loss of power.
Result<void> FileOutput::complete() {
  if (const int result = files_.sync(fd_); result < 0) return failure(result);
  if (const int result = own_.close(); result < 0) return failure(result);
  if (const int result = files_.rename(temporary_, target_); result < 0) return failure(result);
  temporary_.clear();
  const int result = sync_folder(files_, target_);
  return result < 0 ? Result<void>(failure(result)) : Result<void>();
}

/// Gives the file a name if nothing has it. link(2) asks and acts in one step; where a file system
/// has no links, the question comes first.
bool FileOutput::take_if_free(const std::string& path) {
  const int linked = files_.link(temporary_, path);
  if (linked == 0) {
    drop();
    return true;
  }
  struct stat status {};
  if (linked == -EEXIST || files_.status(path, status) != -ENOENT) return false;
  if (files_.rename(temporary_, path) < 0) return false;
  temporary_.clear();
  return true;
}

void FileOutput::drop() {
  if (temporary_.empty()) return;
  files_.remove(temporary_);
  temporary_.clear();
}

/// Keeps what was written under another name.
void FileOutput::keep_part() {
  if (written_bytes_ == 0) {
    drop();
    return;
  }
  constexpr int kTries = 100;
  std::string part = temporary_;
  for (int i = 1; i <= kTries && !temporary_.empty(); ++i) {
    std::string free = with_ending(target_, i == 1 ? ".partial" : ".partial." + std::to_string(i));
    if (take_if_free(free)) part = std::move(free);
  }
  temporary_.clear();
  message_ = name() + (existed_ ? " was left as it was" : " was not written") +
             "; what was finished is in " + part;
}

Result<void> FileOutput::finish(Outcome outcome) {
  if (fd_ < 0) return {};
  Result<void> result;
  if (temporary_.empty()) {
    if (const int closed = own_.close(); closed < 0 && !broken_) result = failure(closed);
  } else if (outcome == Outcome::kComplete && !broken_) {
    result = complete();
    if (!result && !temporary_.empty()) {
      own_.close();
      keep_part();
    }
  } else {
    const bool synced = files_.sync(fd_) == 0;
    own_.close();
    const bool may_take = outcome == Outcome::kInterrupted && !broken_ && synced;
    if (may_take && take_if_free(target_)) {
      message_ = name() + " holds what was finished before the interrupt";
    } else {
      keep_part();
    }
  }
  fd_ = -1;
  return result;
}

}  // namespace weir
