// What a call that can fail because of the machine or the user gives back.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace weir {

/// Why a run cannot go on. Each kind maps to one exit status (see cli/main.cpp).
enum class ErrorKind : uint8_t {
  kUsage,    ///< a wrong word, expression or pipeline, found before input was read: status 2
  kMachine,  ///< a source, a sink or the engine failed: status 3
  kStrict,   ///< --strict met its first reject, which nothing keeps: status 1
  kClosed,   ///< the reader of our output went away (EPIPE): a quiet end, status 0
};

/// An error of the machine or of the command line. Errors in the data are no `Error`: they travel
/// with the batch (see event/batch.h). The message is one or more whole lines without "weir: " in
/// front and without a newline at the end.
struct Error {
  ErrorKind kind = ErrorKind::kMachine;
  std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;

/// Shorthand for `return std::unexpected(Error{...})`.
inline std::unexpected<Error> usage_error(std::string message) {
  return std::unexpected(Error{ErrorKind::kUsage, std::move(message)});
}
inline std::unexpected<Error> machine_error(std::string message) {
  return std::unexpected(Error{ErrorKind::kMachine, std::move(message)});
}

}  // namespace weir
