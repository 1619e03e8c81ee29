// Writing each event to the file whose name it makes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "codec/compression.h"
#include "codec/format.h"
#include "sink/name_template.h"
#include "sink/sink.h"

namespace weir {

/// How such files are written. What is not given follows from the fixed end of the name.
struct MadeFilesOptions {
  std::optional<Format> format = {};
  std::optional<Compression> compression = {};
  int level = 0;
  std::vector<std::string> columns = {};
  std::optional<char> separator = {};  ///< see WriterOptions
  bool envelopes = false;              ///< see WriterOptions
  bool append = false;                 ///< the files begin with what stands there
  size_t open_files = 64;              ///< the most that are open at once
  size_t most_files = 100'000;         ///< in a run: their names are held
  uint8_t stage_index = 0;             ///< under which rows that cannot be written are rejected
  /// Why a path (canonical, see canonical_output) must not be written; empty if it may.
  std::function<std::string(const std::string& path)> taken = {};
};

/// A sink with a file for each name, below the folder of the template, which is made where it is
/// missing. No name leads out of it. An event whose name cannot be made, or that of a file, is
/// rejected. Where one more would be too many the file that had no event for the longest time is
/// closed, and compressed data ends a frame or member there; it is opened again for the next one.
/// At the end all take their names (see sink/made_file.h). Checks the options (errors of kind
/// kUsage) and opens nothing.
Result<std::unique_ptr<Sink>> make_made_files_sink(std::string text, NameTemplate names,
                                                   MadeFilesOptions options,
                                                   FileSystem& files = system_files());

}  // namespace weir
