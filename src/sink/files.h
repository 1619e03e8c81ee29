// Writing events to files and to standard output.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "codec/compression.h"
#include "codec/format.h"
#include "sink/sink.h"

namespace weir {

/// How a sink writes. What is not given follows from the file's name (.csv, .gz, .zst); else it is
/// NDJSON, not compressed. Standard output is NDJSON unless told otherwise.
struct SinkOptions {
  std::optional<Format> format = {};
  std::optional<Compression> compression = {};
  std::vector<std::string> columns =
      {};                   ///< CSV: the columns, as dotted paths; none: from the first event
  int level = 0;            ///< of compression; 0 is the usual one
  uint8_t stage_index = 0;  ///< under which rows that cannot be written are rejected
};

/// A sink for `endpoint`. Checks the options (errors of kind kUsage) and opens nothing. `files`
/// must outlive it. A file is written beside its name and takes it when complete (see
/// sink/output.h).
Result<std::unique_ptr<Sink>> make_sink(const Endpoint& endpoint, SinkOptions options,
                                        FileSystem& files = system_files());

}  // namespace weir
