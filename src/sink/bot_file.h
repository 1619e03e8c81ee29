// A file that a bot writes, run by run, each event once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "bus/session.h"
#include "codec/compression.h"
#include "codec/format.h"
#include "sink/sink.h"

namespace weir {

/// How a bot's file is written. What is not given follows from its name.
struct BotFileOptions {
  std::optional<Format> format = {};
  std::optional<Compression> compression = {};
  int level = 0;
  std::vector<std::string> columns = {};  ///< see WriterOptions
  std::optional<char> separator = {};
  bool envelopes = false;   ///< see WriterOptions
  bool append = false;      ///< the bot may go on behind what others have written
  uint8_t stage_index = 0;  ///< under which rows that cannot be written are rejected
};

/// A sink whose file grows. Before each commit of the bot it is synced, and its length is committed
/// with the rest; a run that begins cuts off what was written behind that. Compressed data ends a
/// frame or member there, so that what is committed can be read. Errors (kUsage): a format that
/// cannot be gone on with, such as CSV, whose first line would have to fit.
Result<std::unique_ptr<Sink>> make_bot_file_sink(const Endpoint& endpoint, BotFileOptions options,
                                                 std::shared_ptr<BusSession> session,
                                                 FileSystem& files = system_files());

}  // namespace weir
