// Where bytes go: standard output, a file that takes its name when it is complete, or a device.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "sink/sink.h"

namespace weir {

/// One output of bytes. A regular file is written beside its name (NAME.weir-XXXXXX) and renamed
/// over it when all is well, so that a run that fails never leaves half a file in place of a good
/// one:
///
/// - links are followed first: what they lead to is replaced, they stay;
/// - the mode of a file that is replaced is kept; one that may not be written is refused;
/// - kComplete: synced, renamed, and the folder synced; kInterrupted: the same if nothing has the
///   name; otherwise what was written is kept as NAME.partial, or nothing if there is nothing.
///
/// What exists and is no regular file (devices, FIFOs, /dev/fd/N) is written in place.
class Output {
 public:
  Output(const Endpoint& endpoint, FileSystem& files) : endpoint_(endpoint), files_(files) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  /// Removes what `finish` was not called for.
  ~Output();

  /// Errors name the output and the reason.
  Result<void> open();
  /// Writes all of `bytes`. A reader of standard output that went away is an error of kind
  /// kClosed. After an error
  /// nothing more is written.
  Result<void> write(std::string_view bytes);
  Result<void> finish(Outcome outcome);

  /// What messages call it.
  std::string name() const { return endpoint_.is_standard() ? "stdout" : endpoint_.text; }
  /// A descriptor whose POLLERR means that nobody reads any more, or -1.
  int error_fd() const { return temporary_.empty() ? fd_ : -1; }
  /// Where a part was kept, or empty.
  const std::string& message() const { return message_; }

 private:
  std::unexpected<Error> failure(int error) const;
  Result<void> open_path();
  Result<void> open_beside(const std::string& target, bool exists, mode_t mode);
  Result<void> complete();
  bool take_free_name();
  void keep_part();
  void drop();

  Endpoint endpoint_;
  FileSystem& files_;
  OpenFile own_;  ///< what was opened here, and will be closed
  int fd_ = -1;
  std::string target_;     ///< the name to take, links followed; empty if written in place
  std::string temporary_;  ///< the name until then
  bool existed_ = false;
  bool has_bytes_ = false;
  bool broken_ = false;
  std::string message_;
};

}  // namespace weir
