// Where bytes go: the contract of files, standard output and sockets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "sink/sink.h"

namespace weir {

/// One output of bytes. Its calls are those of Sink, in the same order.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  /// Takes back what `finish` was not called for.
  virtual ~Output() = default;

  /// Errors, here and below, name the output and the reason.
  virtual Result<void> open() = 0;
  virtual Result<void> await_reader() { return {}; }
  /// Writes all of `bytes`, which end with the end of an event unless they are compressed. After an
  /// error nothing more is written.
  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<void> finish(Outcome outcome) = 0;

  /// What messages call it.
  virtual std::string name() const = 0;
  virtual std::optional<WrittenFile> written_file() const { return {}; }
  virtual int error_fd() const = 0;
  virtual Error reader_gone() const { return {ErrorKind::kClosed, {}}; }
  virtual std::string message() const = 0;
};

/// The output that `endpoint` names. Opens nothing; `files` must outlive it.
std::unique_ptr<Output> output_at(const Endpoint& endpoint, FileSystem& files);

}  // namespace weir
