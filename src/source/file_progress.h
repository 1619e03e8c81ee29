// How far a bot has read a file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "bus/session.h"

namespace weir {

/// What a bot remembers of the files that it reads. A file is known by its device and inode, by
/// whatever name, by how it begins, and by what is before the place that was reached: one that was
/// cut off, or has the place of a removed one, is another file. Its checkpoint is written
/// `OFFSET/SIZE/LENGTH-HASH-BEFORE-END/NAME`: the offset behind the last event (of the decompressed
/// bytes), the size that the file had if all of it was read, else 0, how many of its first bytes
/// were looked at with the hash of these, the hash of up to 1024 (decompressed) bytes before the
/// offset, that of the last bytes of the file as it lies if all of it was read, and its name then.
/// Earlier versions wrote neither BEFORE nor END; then these are not asked for.
class FileProgress {
 public:
  FileProgress(std::shared_ptr<BusSession> session, FileSystem& files)
      : session_(std::move(session)), files_(files), started_(now_ms()) {}

  /// What to do with a file.
  struct Plan {
    bool is_done = false;       ///< nothing in it is new
    bool is_rewritten = false;  ///< it has another beginning than when it was read
    uint64_t skip = 0;          ///< the offset up to which its events were read
    uint64_t waiting = 0;       ///< how many bytes of its last line are there, if nothing is new
    /// The source of the file that had this name when it was read last, where this one is new.
    std::string in_place_of = {};
  };
  /// Under which source the checkpoint of a file is kept.
  static std::string source_of(const FileId& file);
  /// Looks a file up, which is read next. An error if it cannot be read, or is no regular file.
  Result<Plan> begin(const std::string& name);
  /// The next bytes of the file, which it has from its first on.
  void pass(std::string_view bytes);
  /// False if what was passed, with `rest` behind it up to the offset of the plan, does not end as
  /// it did when that was reached.
  bool is_known(std::string_view rest) const;
  /// The file comes again from its first byte, and all of it is new.
  void restart();
  /// `events` more have been given, and all that was passed is done with.
  void advance(uint64_t events);
  /// The file has been read to its end.
  void end();
  /// The offset behind all that is done with.
  uint64_t reached() const { return known_.back().offset; }

  /// See Source.
  std::vector<Move> moves() const;
  void moved();

 private:
  struct Known {
    std::string source;  ///< "file:DEVICE-INODE"
    Checkpoint from;     ///< as it is on the bus
    Checkpoint now;
    std::string front;   ///< LENGTH-HASH
    std::string before;  ///< the hash; empty if an earlier version did not say it
    std::string end;     ///< the hash
    std::string name;
    uint64_t size = 0;  ///< when it was looked up
    uint64_t offset = 0;
    bool ended = false;
  };
  /// A file that was read, by the name that it had then.
  struct Named {
    std::string name;
    std::string source;
    int64_t at = 0;  ///< when, ms
  };
  Result<std::string> last_named(const std::string& name);
  std::string position_of(const Known& known) const;
  Result<std::string> bytes_of(const OpenFile& file, const std::string& name, uint64_t offset,
                               uint64_t length);

  std::shared_ptr<BusSession> session_;
  FileSystem& files_;
  int64_t started_;
  std::vector<Known> known_;  ///< those of this run that are not yet committed; the last is read
  std::vector<std::string> seen_;            ///< their sources, and those committed
  std::optional<std::vector<Named>> named_;  ///< before this run, by name, the last one last
  uint64_t read_ = 0;                        ///< bytes of the last that were passed
  std::string tail_;                         ///< the last of these
};

}  // namespace weir
