// What formats share whose events are single lines.
#pragma once

#include <cstring>
#include <string_view>

#include "codec/framer.h"

namespace weir {

/// Cuts bytes at line feeds. A derived framer says what becomes of a line.
class LineFramer : public Framer {
 public:
  Result<size_t> take(std::string_view bytes, bool last, size_t max_rows, Batch& batch) final {
    const char* const start = bytes.data();
    const char* const end = start + bytes.size();
    const char* p = start;
    if (batch.rows.empty()) batch.first_line = line_;
    while (p < end && batch.rows.size() < max_rows) {
      const char* const from = p + searched_;
      const auto* feed =
          static_cast<const char*>(std::memchr(from, '\n', static_cast<size_t>(end - from)));
      if (feed == nullptr && !last) {
        searched_ = static_cast<size_t>(end - p);
        return static_cast<size_t>(p - start);
      }
      searched_ = 0;
      const char* const stop = feed == nullptr ? end : feed;
      const std::string_view text(p, static_cast<size_t>(stop - p));
      const auto line = static_cast<uint32_t>(line_ - batch.first_line);
      if (text.size() > options_.max_event) {
        add_cut_row(batch, text, text.size(), line, options_.max_event);
      } else {
        add_line(text, line, batch);
      }
      ++line_;
      p = feed == nullptr ? end : feed + 1;
    }
    return static_cast<size_t>(p - start);
  }

  Passed pass(std::string_view bytes, bool last) final {
    const size_t feed = bytes.find('\n');
    searched_ = 0;
    if (feed == std::string_view::npos) {
      if (last) ++line_;
      return {.bytes = bytes.size(), .ended = last, .line_end = 0};
    }
    ++line_;
    return {.bytes = feed + 1, .ended = true, .line_end = 1};
  }

 protected:
  using Framer::Framer;

  /// Appends the row of one line (without its line feed), or nothing if it is no event.
  virtual void add_line(std::string_view text, uint32_t line, Batch& batch) = 0;
};

}  // namespace weir
