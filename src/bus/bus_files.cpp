#include "bus/bus_files.h"

#include <unistd.h>

#include <algorithm>

#include "base/endpoint.h"

namespace weir {

BusFiles::BusFiles(const std::string& bus, FileSystem& files) : files_(files) {
  const std::string file = canonical_output({.kind = Endpoint::Kind::kPath, .text = bus}, files);
  paths_ = {file, file + "-wal", file + "-shm", file + "-lock"};
}

bool BusFiles::has(const std::string& path) const {
  if (std::ranges::find(paths_, path) != paths_.end()) return true;
  // The same file may have several names.
  struct stat status {};
  const int found =
      path == "-" ? files_.status(STDOUT_FILENO, status) : files_.status(path, status);
  if (found != 0 || !S_ISREG(status.st_mode)) return false;
  const FileId id = id_of(status);
  return std::ranges::any_of(paths_, [&](const std::string& own) {
    return files_.status(own, status) == 0 && id_of(status) == id;
  });
}

}  // namespace weir
