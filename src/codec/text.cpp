// Plain text: a line is an event with one field, `message`. An empty line is a line all the same.

#include "base/utf8.h"
#include "codec/framer.h"
#include "codec/lines.h"

namespace weir {
namespace {

class TextReader : public LineReader {
 public:
  explicit TextReader(size_t max_event) : LineReader(max_event) {
    auto schema = std::make_shared<Schema>();
    schema->names.emplace_back("message");
    schema_ = std::move(schema);
  }

 private:
  void add_line(std::string_view text, uint32_t line, Batch& batch) const override {
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (const size_t bad = find_bad_utf8(text); bad != std::string_view::npos) {
      add_rejected_row(batch, text, line,
                       "byte " + std::to_string(bad + 1) + ": not well-formed UTF-8");
      return;
    }
    if (batch.schemas.empty()) batch.schemas.push_back(schema_);
    Value* const cell = batch.arena.make_array<Value>(1);
    *cell = Value::of_text(text);
    batch.add_record(schema_.get(), cell, text, line);
  }

  std::shared_ptr<const Schema> schema_;
};

}  // namespace

std::unique_ptr<Framer> make_text_framer(const FramingOptions& options) {
  return std::make_unique<LineFramer>(options,
                                      std::make_shared<const TextReader>(options.max_event));
}

}  // namespace weir
