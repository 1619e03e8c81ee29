// Plain text: the field `message` of each event is a line, as it was read from one.

#include "codec/writer.h"
#include "event/json_scan.h"
#include "event/record.h"
#include "event/surrogate.h"

namespace weir {
namespace {

class TextWriter : public Writer {
 public:
  explicit TextWriter(uint8_t stage_index) : stage_index_(stage_index) {}

  void write(Batch& batch, std::string& out) override;
  void finish(std::string&) override {}

 private:
  std::string write_row(const Row& row, Arena& arena, std::string& out) const;

  uint8_t stage_index_;
  Path path_ = Path::single("message");
  PathScanner scanner_{std::vector<Path>{path_}};
};

/// Appends the row's line. Answers an empty text, or why it has none.
std::string TextWriter::write_row(const Row& row, Arena& arena, std::string& out) const {
  Value message;
  if (row.is_record()) {
    message = read_record(row, path_, arena);
  } else if (std::string broken = scanner_.scan(row.json(), {&message, 1}, arena);
             !broken.empty()) {
    return broken;
  }
  if (message.kind != Kind::kString) {
    return message.is_missing()
               ? "the event has no field 'message' to write as a line: the stage format makes one"
               : "the field 'message' is no string, and so no line of text";
  }
  if (has_lone_surrogate(message)) {
    return "the field 'message' cannot be written: " + std::string(kLoneSurrogate);
  }
  const std::string_view text = message.text();
  if (text.find('\n') != std::string_view::npos || text.ends_with('\r')) {
    return "the field 'message' has a line end in it, and would be read back as another text";
  }
  out += text;
  out += '\n';
  return {};
}

void TextWriter::write(Batch& batch, std::string& out) {
  batch.retain([&](uint32_t index) {
    std::string problem = write_row(batch.rows[index], batch.arena, out);
    if (problem.empty()) return true;
    batch.reject(index, stage_index_, std::move(problem));
    return false;
  });
}

}  // namespace

std::unique_ptr<Writer> make_text_writer(uint8_t stage_index) {
  return std::make_unique<TextWriter>(stage_index);
}

}  // namespace weir
