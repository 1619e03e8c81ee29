// Writing events to files, to standard output and to sockets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "base/terminal.h"
#include "codec/compression.h"
#include "codec/format.h"
#include "sink/sink.h"

namespace weir {

/// How a sink writes. What is not given follows from the file's name (.csv, .tsv, .gz, .zst); else,
/// and of standard output and sockets, it is NDJSON, not compressed.
struct SinkOptions {
  std::optional<Format> format = {};
  std::optional<Compression> compression = {};
  std::vector<std::string> columns =
      {};                              ///< CSV, table: as dotted paths; none: from the first events
  std::optional<char> separator = {};  ///< see WriterOptions
  std::vector<std::string> fields = {};  ///< see WriterOptions
  bool envelopes = false;                ///< see WriterOptions
  int level = 0;                         ///< of compression; 0 is the usual one
  Terminal terminal = {};                ///< what standard output is
  uint8_t stage_index = 0;               ///< under which rows that cannot be written are rejected
};

/// A sink for `endpoint`. Checks the options (errors of kind kUsage) and opens nothing. `files`
/// must outlive it. A file is written beside its name and takes it when complete (see
/// sink/file_output.h); for sockets see sink/socket_output.h.
Result<std::unique_ptr<Sink>> make_sink(const Endpoint& endpoint, SinkOptions options,
                                        FileSystem& files = system_files());

}  // namespace weir
