// What stands behind `from`, `to`, `--errors`: one grammar for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace weir {

/// A place that events come from or go to, as a person named it.
struct Endpoint {
  enum class Kind : uint8_t {
    kStandard,  ///< `-`: standard input or standard output
    kPath,      ///< a file, or (for reading) a pattern
    kTcp,       ///< tcp://HOST:PORT
    kUnix,      ///< unix:PATH
    kQueue,     ///< queue:NAME, on the bus
  };
  Kind kind = Kind::kStandard;
  std::string text = "-";  ///< as it was written
  /// kTcp: the host, without brackets, perhaps empty; kUnix: the path; kQueue: the name.
  std::string address = {};
  uint16_t port = 0;         ///< kTcp; 0: any (only where `listens`)
  bool is_template = false;  ///< kPath: the events make the names of the files (see sink/outputs.h)
  bool listens = false;      ///< a socket that is connected to, instead of connecting

  bool is_standard() const { return kind == Kind::kStandard; }
  bool is_path() const { return kind == Kind::kPath; }
  bool is_queue() const { return kind == Kind::kQueue; }
  bool is_socket() const { return kind == Kind::kTcp || kind == Kind::kUnix; }
};

/// Reads an endpoint: `-`, a path, a pattern (glob(7)), or one of the schemes tcp://, unix:,
/// udp://, http(s)://, exec:, queue:, sqlite:, postgres://. This version has files, the standard
/// streams, the first two and queue:; the other schemes, unknown schemes (`xyz://`) and an empty
/// text are errors of kind kUsage that say so. A file whose name looks like a scheme is written
/// with `./` in front. `listens` turns a socket round, and is an error for anything else. Opens
/// nothing.
Result<Endpoint> parse_endpoint(std::string_view text, bool listens = false);

/// The most bytes in the name of a queue or a bot.
inline constexpr size_t kLongestName = 200;

/// Names of queues and bots: letters, digits, '.', '_' and '-', the first a letter or digit. Empty
/// if `name` is one, else why not.
std::string wrong_name(std::string_view name);

/// True if `path` holds a character that patterns give a meaning: `*`, `?` or `[`.
bool looks_like_pattern(std::string_view path);

/// One spelling for every way of naming an output: links followed, `.` and `..` taken away, also if
/// the file itself, or its folder, is not there yet. Two outputs with the same answer would
/// overwrite each other.
/// `-` for standard output, "/dev/stdout" included. Not for sockets.
std::string canonical_output(const Endpoint& endpoint, FileSystem& files = system_files());

}  // namespace weir
