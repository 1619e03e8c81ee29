// Writing to standard output, a file that takes its name when it is complete, or a device.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "sink/output.h"

namespace weir {

/// A regular file is written beside its name (NAME.weir-XXXXXX) and renamed
/// over it when all is well, so that a run that fails never leaves half a file in place of a good
/// one:
///
/// - links are followed first: what they lead to is replaced, they stay;
/// - the mode of a file that is replaced is kept; one that may not be written is refused;
/// - kComplete: synced, renamed, and the folder synced; kInterrupted: the same if nothing has the
///   name; otherwise what was written is kept as NAME.partial (NAME.partial.2 ... if that is
///   taken), or nothing if there is nothing.
///
/// What exists and is no regular file (devices, FIFOs, /dev/fd/N) is written in place.
class FileOutput : public Output {
 public:
  FileOutput(const Endpoint& endpoint, FileSystem& files) : endpoint_(endpoint), files_(files) {}
  /// Removes what `finish` was not called for.
  ~FileOutput() override;

  Result<void> open() override;
  /// A reader of standard output that went away is an error of kind kClosed. After an error what a
  /// file has of `bytes` is cut off again.
  Result<void> write(std::string_view bytes) override;
  Result<void> finish(Outcome outcome) override;

  std::string name() const override { return endpoint_.is_standard() ? "stdout" : endpoint_.text; }
  std::optional<WrittenFile> written_file() const override { return written_; }
  Error reader_gone() const override;
  int error_fd() const override { return temporary_.empty() ? fd_ : -1; }
  /// Where a file that is not complete was kept; else empty.
  std::string message() const override { return message_; }

 private:
  std::unexpected<Error> failure(int error) const;
  Result<void> open_path();
  Result<void> open_beside(const std::string& target, bool exists, mode_t mode);
  Result<void> complete();
  bool take_if_free(const std::string& path);
  void keep_part();
  void drop();

  Endpoint endpoint_;
  FileSystem& files_;
  OpenFile own_;  ///< what was opened here, and will be closed
  int fd_ = -1;
  std::optional<WrittenFile> written_;
  std::string target_;     ///< the name to take, links followed; empty if written in place
  std::string temporary_;  ///< the name until then
  bool existed_ = false;
  uint64_t written_bytes_ = 0;
  bool broken_ = false;
  std::string message_;
};

}  // namespace weir
