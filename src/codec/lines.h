// What formats share whose events are single lines.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "codec/framer.h"
#include "event/kernels.h"

namespace weir {

/// Where the next lines of a text end, a hundred or so at a time.
class LineEnds {
 public:
  LineEnds(std::string_view text, size_t most) {
    count_ = std::min(most, find_byte(text, '\n', std::min(most, kMost), places_.data()));
  }

  /// Of the line feeds, at most as many as were asked for. None only if there are none.
  std::span<const uint32_t> places() const { return {places_.data(), count_}; }

 private:
  static constexpr size_t kMost = 128;
  size_t count_;
  std::array<uint32_t, kMost + kMoreFound> places_;
};

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
    while (!batch.uncut.text.empty() && batch.rows.size() < batch.uncut.most_rows) {
      const LineEnds ends(batch.uncut.text, batch.uncut.most_rows - batch.rows.size());
      const char* const start = batch.uncut.text.data();
      size_t from = 0;
      for (const uint32_t feed : ends.places()) {
        add({start + from, feed - from}, static_cast<uint32_t>(batch.lines++), batch);
        from = feed + size_t{1};
      }
      batch.uncut.text.remove_prefix(from);
    }
  }

 protected:
  size_t max_event() const { return max_event_; }

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
      const LineEnds ends({from, static_cast<size_t>(end - from)}, max_rows - batch.rows.size());
      if (ends.places().empty()) {
        searched_ = last ? 0 : static_cast<size_t>(end - p);
        if (!last) break;
        add({p, static_cast<size_t>(end - p)}, batch);
        p = end;
      }
      for (const uint32_t feed : ends.places()) {
        add({p, static_cast<size_t>(from + feed - p)}, batch);
        p = from + feed + 1;
        searched_ = 0;
      }
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
  void add(std::string_view line, Batch& batch) {
    reader_->add(line, static_cast<uint32_t>(line_++ - batch.first_line), batch);
  }

  std::shared_ptr<const LineReader> reader_;
};

}  // namespace weir
