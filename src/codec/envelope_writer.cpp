// Whole envelopes as NDJSON: what an event had in its queue, with the event as it is now in it.

#include "codec/writer.h"
#include "event/envelope.h"

namespace weir {
namespace {

class EnvelopeWriter : public Writer {
 public:
  explicit EnvelopeWriter(uint8_t stage_index)
      : stage_index_(stage_index), events_(make_ndjson_writer(stage_index)) {}

  void write(Batch& batch, std::string& out) override;
  void finish(std::string&) override {}

 private:
  uint8_t stage_index_;
  std::unique_ptr<Writer> events_;
  std::string lines_;
};

void EnvelopeWriter::write(Batch& batch, std::string& out) {
  batch.retain([&](uint32_t row) {
    // What was made of several events gets an eid when it is written to a queue.
    if (batch.envelope_of(row) != nullptr && !batch.origin_of(row)->envelopes->made) return true;
    batch.reject(row, stage_index_,
                 "it was read from no queue, and has no envelope (events that are envelopes are "
                 "written without --envelope)");
    return false;
  });
  lines_.clear();
  events_->write(batch, lines_);
  std::string_view rest = lines_;
  for (const uint32_t row : batch.alive) {
    const size_t end = rest.find('\n');
    write_envelope(*batch.envelope_of(row), batch.origin_of(row)->envelopes->queue,
                   rest.substr(0, end), out);
    out += '\n';
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

std::unique_ptr<Writer> make_envelope_writer(uint8_t stage_index) {
  return std::make_unique<EnvelopeWriter>(stage_index);
}

}  // namespace weir
