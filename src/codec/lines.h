// What formats share whose events are single lines.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "codec/framer.h"

namespace weir {

/// Says what becomes of a line.
class LineReader : public LineCutter {
 public:
  explicit LineReader(size_t max_event) : max_event_(max_event) {}

  /// Appends the row of one line (without its line feed), or nothing if it is no event.
  void add(std::string_view text, uint32_t line, Batch& batch) const {
    if (text.size() > max_event_) {
      add_cut_row(batch, text, text.size(), line, max_event_);
    } else {
      add_line(text, line, batch);
    }
  }

  void cut(Batch& batch) const final {
    const char* p = batch.uncut.text.data();
    const char* const end = p + batch.uncut.text.size();
    while (p < end && batch.rows.size() < batch.uncut.most_rows) {
      const auto* feed =
          static_cast<const char*>(std::memchr(p, '\n', static_cast<size_t>(end - p)));
      add({p, static_cast<size_t>(feed - p)}, static_cast<uint32_t>(batch.lines++), batch);
      p = feed + 1;
    }
    batch.uncut.text = {p, static_cast<size_t>(end - p)};
  }

 private:
  virtual void add_line(std::string_view text, uint32_t line, Batch& batch) const = 0;

  size_t max_event_;
};

/// Cuts bytes at line feeds.
class LineFramer final : public Framer {
 public:
  LineFramer(const FramingOptions& options, std::shared_ptr<const LineReader> reader)
      : Framer(options), reader_(std::move(reader)) {}

  Result<size_t> take(std::string_view bytes, bool last, size_t max_rows, Batch& batch) override {
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
      reader_->add({p, static_cast<size_t>(stop - p)},
                   static_cast<uint32_t>(line_ - batch.first_line), batch);
      ++line_;
      p = feed == nullptr ? end : feed + 1;
    }
    return static_cast<size_t>(p - start);
  }

  Passed pass(std::string_view bytes, bool last) override {
    const size_t feed = bytes.find('\n');
    searched_ = 0;
    if (feed == std::string_view::npos) {
      if (last) ++line_;
      return {.bytes = bytes.size(), .ended = last, .line_end = 0};
    }
    ++line_;
    return {.bytes = feed + 1, .ended = true, .line_end = 1};
  }

  std::shared_ptr<const LineCutter> cutter() const override { return reader_; }

 private:
  std::shared_ptr<const LineReader> reader_;
};

}  // namespace weir
