// One of the files whose names events make.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "sink/sink.h"

namespace weir {

/// Opens the folder that `path` names below the open folder `root`; "" is `root` itself. Goes step
/// by step and follows no link. With `make`, what is not there is made. A descriptor, or the
/// negated errno.
int open_folder_below(FileSystem& files, int root, std::string_view path, bool make);

/// A file below an open folder. As FileOutput it is written beside its name and takes it at the
/// end; links are not followed, and in between it may be closed and opened again. All its calls
/// need the folder `root`.
class MadeFile {
 public:
  /// `name` is the path below the root, `shown` the path for people.
  MadeFile(FileSystem& files, int root, std::string name, std::string shown)
      : files_(files), root_(root), name_(std::move(name)), shown_(std::move(shown)) {}
  MadeFile(const MadeFile&) = delete;
  MadeFile& operator=(const MadeFile&) = delete;
  /// Removes what `finish` was not called for.
  ~MadeFile() { drop(); }

  /// Makes the file, and the folders that it is in. With `append` it begins with what stands there
  /// already; `lines` says that this must end with a line feed. Answers an empty text, or why
  /// there can be no such file: a link, a folder or the like has its name, or that of a folder.
  Result<std::string> create(bool append, bool lines);
  /// Opens it again behind `close`.
  Result<void> reopen();
  /// After an error what the file has of `bytes` is cut off again.
  Result<void> write(std::string_view bytes);
  Result<void> close();
  bool is_open() const { return static_cast<bool>(file_); }

  /// Ends it. kComplete: synced, and takes its name, which nobody else must have taken or replaced
  /// meanwhile; kInterrupted: the same if nothing has the name, or if it appends; otherwise what
  /// was written is kept with .partial behind the name. Where nothing was written, nothing is left.
  Result<void> finish(Outcome outcome);
  /// What became of it, once finished.
  enum class End : uint8_t { kNothing, kComplete, kPart };
  End end() const { return end_; }
  /// Under which name a part of it was kept.
  const std::string& part() const { return part_; }

  const std::string& name() const { return name_; }
  const std::string& shown() const { return shown_; }
  /// The file that it replaces.
  const std::optional<FileId>& replaced() const { return replaced_; }

 private:
  std::unexpected<Error> failure(int error) const;
  Result<std::string> look(int folder);
  Result<void> copy(int folder, bool lines);
  Result<void> complete(int folder);
  bool is_unchanged(int folder);
  bool take_if_free(int folder, const std::string& name);
  void keep_part(int folder);
  void drop();
  std::string folder() const;

  FileSystem& files_;
  int root_;
  std::string name_;
  std::string shown_;
  std::string temporary_;  ///< in the same folder; empty where there is none
  OpenFile file_;
  std::optional<FileId> replaced_;
  mode_t mode_ = 0666;
  bool append_ = false;
  uint64_t size_ = 0;   ///< of the file, with all that was written
  uint64_t begun_ = 0;  ///< its size before the first byte of ours
  off_t found_ = 0;     ///< the size of the file that it replaces
  bool broken_ = false;
  End end_ = End::kNothing;
  std::string part_;
};

}  // namespace weir
