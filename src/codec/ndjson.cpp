// NDJSON: a line is an event (https://github.com/ndjson/ndjson-spec). Nothing is checked here:
// whether a line is JSON is decided where it must be known.

#include <algorithm>

#include "codec/framer.h"
#include "codec/lines.h"

namespace weir {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

class NdjsonReader : public LineReader {
  using LineReader::LineReader;

  /// A carriage return before the line feed is part of the event, so that an event that nobody
  /// touched leaves with the bytes it came with. Lines of white space only are no events.
  void add_line(std::string_view text, uint32_t line, Batch& batch) const override {
    if (text.empty() || (is_blank(text.front()) && std::ranges::all_of(text, is_blank))) return;
    batch.add_text(text, line);
  }
};

}  // namespace

std::unique_ptr<Framer> make_ndjson_framer(const FramingOptions& options) {
  return std::make_unique<LineFramer>(options,
                                      std::make_shared<const NdjsonReader>(options.max_event));
}

}  // namespace weir
