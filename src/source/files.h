// Reading events from files and from standard input.
#pragma once

#include <memory>
#include <vector>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "source/source.h"
#include "source/stream_reader.h"

namespace weir {

/// Files and standard input, one after the other in the order given.
class FileSource : public Source {
 public:
  /// Expands patterns and checks that every file is there and may be read, so that a typo in the
  /// last name costs nothing. Opens none of them yet. Called once, before `next`.
  virtual Result<void> open() = 0;
};

/// A source that reads `endpoints` in order. Checks the options (errors of kind kUsage) and touches
/// no file before `open`. `files` must outlive it.
///
/// - Every file is decompressed by its first bytes (gzip, zstd), and has its own format and header.
///   A UTF-8 byte order mark at its start is passed over; UTF-16 is an error.
/// - The last event needs no line end. After `stop`, what a pipe or terminal has sent of a last
/// line
///   counts as an event, as at end of file; of a regular file only whole lines do.
/// - Damage (a read error, a truncated or broken archive) is an error after all whole lines before
///   it; the broken line itself is no event.
/// - An event longer than `max_event` comes as a rejected row with its first 64 KiB as source.
Result<std::unique_ptr<FileSource>> make_file_source(std::vector<Endpoint> endpoints,
                                                     SourceOptions options,
                                                     FileSystem& files = system_files());

}  // namespace weir
