// The files that a bus is made of.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

namespace weir {

/// The file itself and those beside it: SQLite's log and its index, and who holds what. None of
/// them needs to be there yet.
class BusFiles {
 public:
  explicit BusFiles(const std::string& bus, FileSystem& files = system_files());

  /// True if one of them is meant, by whatever name; `path` is canonical (see canonical_output),
  /// "-" standard output.
  bool has(const std::string& path) const;

 private:
  FileSystem& files_;
  std::vector<std::string> paths_;  ///< canonical
};

}  // namespace weir
