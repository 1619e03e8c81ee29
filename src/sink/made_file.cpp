#include "sink/made_file.h"

#include <cerrno>
#include <utility>

#include "sink/temporary_name.h"

namespace weir {
namespace {

constexpr size_t kCopied = size_t{256} << 10;

/// True for errors that come of the name, and not of the machine.
bool is_of_name(int error) {
  return error == -ELOOP || error == -ENOTDIR || error == -ENAMETOOLONG || error == -EISDIR ||
         error == -EILSEQ || error == -EINVAL;
}

}  // namespace

int open_folder_below(FileSystem& files, int root, std::string_view path, bool make) {
  constexpr int kFolder = O_RDONLY | O_DIRECTORY;
  OpenFile at(files, files.open_in(root, ".", kFolder, 0));
  while (at && !path.empty()) {
    const size_t slash = path.find('/');
    const std::string part(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    int next = files.open_in(at.fd(), part, kFolder, 0);
    if (next == -ENOENT && make) {
      const int made = files.make_folder_in(at.fd(), part);
      if (made < 0 && made != -EEXIST) return made;
      next = files.open_in(at.fd(), part, kFolder, 0);
    }
    if (next < 0) return next;
    at = OpenFile(files, next);
  }
  return at.release();
}

std::string MadeFile::folder() const {
  const size_t slash = name_.rfind('/');
  return slash == std::string::npos ? std::string() : name_.substr(0, slash);
}

std::unexpected<Error> MadeFile::failure(int error) const {
  if (error == -EMFILE || error == -ENFILE) {
    return machine_error(shown_ + ": cannot be written: " + describe_errno(error) +
                         ": a smaller --open-files (64 if not given) keeps fewer of them open");
  }
  return machine_error(shown_ + ": cannot be written: " + describe_errno(error));
}

/// Looks at what has the name. Answers why it cannot be replaced, or an empty text.
Result<std::string> MadeFile::look(int folder) {
  const std::string name = name_of(name_);
  struct stat status {};
  const int found = files_.status_in(folder, name, status);
  if (found == -ENOENT) return std::string();
  if (found < 0 && is_of_name(found)) return describe_errno(found);
  if (found < 0) return failure(found);
  if (S_ISLNK(status.st_mode)) return std::string("it is a link, which is not followed");
  if (!S_ISREG(status.st_mode)) return std::string("it is there, and no regular file");
  // Opening it asks whether it may be written at all: a rename would not.
  const OpenFile existing(files_, files_.open_in(folder, name, O_WRONLY | O_NOCTTY, 0));
  if (!existing) return failure(existing.fd());
  replaced_ = id_of(status);
  mode_ = status.st_mode & 07777;
  found_ = status.st_size;
  return std::string();
}

/// Begins the file with what the one has that it replaces.
Result<void> MadeFile::copy(int folder, bool lines) {
  const OpenFile from(files_, files_.open_in(folder, name_of(name_), O_RDONLY | O_NOCTTY, 0));
  const auto unreadable = [this](ssize_t error) {
    return machine_error(shown_ + ": cannot be read: " + describe_errno(static_cast<int>(error)));
  };
  if (!from) return unreadable(from.fd());
  std::string bytes(kCopied, '\0');
  char last = '\n';
  while (true) {
    const ssize_t got = files_.read(from.fd(), bytes.data(), bytes.size());
    if (got < 0) return unreadable(got);
    if (got == 0) break;
    const std::string_view read(bytes.data(), static_cast<size_t>(got));
    last = read.back();
    if (auto written = write(read); !written) return written;
    begun_ = size_;
  }
  if (!lines || last == '\n') return {};
  return machine_error(shown_ + ": ends in the middle of a line, and nothing can be appended");
}

Result<std::string> MadeFile::create(bool append, bool lines) {
  append_ = append;
  const OpenFile folder_of_it(files_, open_folder_below(files_, root_, folder(), true));
  const int fd = folder_of_it.fd();
  if (fd == -ENOTDIR || fd == -ELOOP) {
    return "'" + folder() + "' is no folder, or leads to one by a link, which is not followed";
  }
  if (is_of_name(fd)) return describe_errno(fd);
  if (fd < 0) return failure(fd);
  auto fits = look(fd);
  if (!fits || !fits->empty()) return fits;
  constexpr int kTries = 100;
  for (int i = 0; i < kTries && !file_; ++i) {
    std::string temporary = with_ending(name_of(name_), temporary_ending());
    const int opened =
        files_.open_in(fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, mode_ & 0777);
    if (opened == -EEXIST) continue;
    if (opened < 0 && is_of_name(opened)) return describe_errno(opened);
    if (opened < 0) return failure(opened);
    file_ = OpenFile(files_, opened);
    temporary_ = std::move(temporary);
  }
  if (!file_) return failure(-EEXIST);
  if (!replaced_) return std::string();
  // The umask has nothing to say about a mode that was chosen before.
  if (const int result = files_.change_mode(file_.fd(), mode_); result < 0) return failure(result);
  if (!append) return std::string();
  if (auto copied = copy(fd, lines); !copied) return std::unexpected(copied.error());
  return std::string();
}

Result<void> MadeFile::reopen() {
  const OpenFile in(files_, open_folder_below(files_, root_, folder(), false));
  if (!in) return failure(in.fd());
  const int opened = files_.open_in(in.fd(), temporary_, O_WRONLY | O_APPEND, 0);
  if (opened < 0) return failure(opened);
  file_ = OpenFile(files_, opened);
  return {};
}

Result<void> MadeFile::write(std::string_view bytes) {
  if (broken_ || bytes.empty()) return {};
  const int result = write_all(files_, file_.fd(), bytes);
  if (result == 0) {
    size_ += bytes.size();
    return {};
  }
  broken_ = true;
  // Half an event is worse than none; where that cannot be helped, the error is told all the same.
  files_.truncate(file_.fd(), static_cast<off_t>(size_));
  return failure(result);
}

Result<void> MadeFile::close() {
  const int closed = file_.close();
  if (closed == 0) return {};
  broken_ = true;
  return failure(closed);
}

/// True if the name is still that of the file that was there at first, or of none.
bool MadeFile::is_unchanged(int folder) {
  struct stat status {};
  const int found = files_.status_in(folder, name_of(name_), status);
  if (!replaced_) return found == -ENOENT;
  return found == 0 && id_of(status) == *replaced_ && (!append_ || status.st_size == found_);
}

Result<void> MadeFile::complete(int folder) {
  if (const int result = files_.sync(file_.fd()); result < 0) return failure(result);
  if (const int result = file_.close(); result < 0) return failure(result);
  if (!is_unchanged(folder)) {
    return machine_error(shown_ + ": was made or changed by others in the meantime");
  }
  const int result = files_.rename_in(folder, temporary_, name_of(name_));
  if (result < 0) return failure(result);
  temporary_.clear();
  end_ = End::kComplete;
  return {};
}

/// Gives the file a name if nothing has it; see FileOutput.
bool MadeFile::take_if_free(int folder, const std::string& name) {
  const int linked = files_.link_in(folder, temporary_, name);
  if (linked == 0) {
    files_.remove_in(folder, temporary_);
    temporary_.clear();
    return true;
  }
  struct stat status {};
  if (linked == -EEXIST || files_.status_in(folder, name, status) != -ENOENT) return false;
  if (files_.rename_in(folder, temporary_, name) < 0) return false;
  temporary_.clear();
  return true;
}

/// Keeps what was written under another name.
void MadeFile::keep_part(int folder) {
  constexpr int kTries = 100;
  std::string part = temporary_;
  for (int i = 1; i <= kTries && !temporary_.empty(); ++i) {
    std::string free =
        with_ending(name_of(name_), i == 1 ? ".partial" : ".partial." + std::to_string(i));
    if (take_if_free(folder, free)) part = std::move(free);
  }
  temporary_.clear();
  end_ = End::kPart;
  part_ = shown_.substr(0, shown_.size() - name_of(shown_).size()) + part;
}

void MadeFile::drop() {
  file_.close();
  if (temporary_.empty()) return;
  const OpenFile in(files_, open_folder_below(files_, root_, folder(), false));
  if (in) files_.remove_in(in.fd(), temporary_);
  temporary_.clear();
}

Result<void> MadeFile::finish(Outcome outcome) {
  if (size_ == begun_ || temporary_.empty()) {
    drop();
    return {};
  }
  Result<void> result;
  if (!file_) result = reopen();
  const OpenFile in(files_, open_folder_below(files_, root_, folder(), false));
  if (result && !in) result = failure(in.fd());
  if (!result) {
    temporary_.clear();  // it cannot be reached, and stays what it is
    return result;
  }
  const bool takes = outcome == Outcome::kComplete ||
                     (outcome == Outcome::kInterrupted && append_ && replaced_.has_value());
  if (takes && !broken_) {
    result = complete(in.fd());
  } else {
    const bool synced = files_.sync(file_.fd()) == 0;
    file_.close();
    const bool may_take = outcome == Outcome::kInterrupted && !broken_ && synced;
    if (may_take && take_if_free(in.fd(), name_of(name_))) end_ = End::kComplete;
  }
  if (!temporary_.empty()) {
    file_.close();
    keep_part(in.fd());
  }
  return result;
}

}  // namespace weir
