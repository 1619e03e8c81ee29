#include "sink/rejects.h"

#include "base/utf8.h"
#include "codec/framer.h"
#include "event/json_value.h"
#include "sink/queue.h"
#include "sink/stream.h"

namespace weir {
namespace {

/// Appends any text as a JSON string; what is no UTF-8 becomes U+FFFD. For names of files, which
/// are bytes, and for reasons, which quote them.
void write_lossy(std::string_view text, std::string& out) {
  write_json_string(well_formed_utf8(text), out);
}

/// A record as JSON. What has no JSON form (it may be why the event is here) becomes null.
std::string json_of(const Row& row) {
  std::string json = "{";
  for (size_t i = 0; i < row.schema->names.size(); ++i) {
    if (row.cells[i].is_missing()) continue;
    if (json.size() > 1) json += ',';
    write_json_string(row.schema->names[i], json);
    json += ':';
    const size_t start = json.size();
    if (!write_json(row.cells[i], json).empty()) json.replace(start, std::string::npos, "null");
  }
  return json + "}";
}

/// Appends a reject, with a line feed.
void write_reject(const Batch& batch, uint32_t index, std::string_view stage,
                  std::string_view reason, std::string& out) {
  const Row& row = batch.rows[index];
  const Origin* const origin = batch.origin_of(index).get();
  const Envelope* const envelope = batch.envelope_of(index);
  out += '{';
  if (envelope != nullptr && !origin->envelopes->made) {
    out += "\"queue\":";
    write_json_string(origin->envelopes->queue, out);
    out += ",\"eid\":\"";
    append_eid(envelope->eid, out);
    out += "\",";
  } else if (origin != nullptr && row.source != nullptr) {
    out += origin->is_peer ? "\"peer\":" : "\"file\":";
    write_lossy(origin->name, out);
    out += ",\"line\":" + std::to_string(batch.line_of(index));
    out += ",\"offset\":" + std::to_string(batch.offset_of(index)) + ",";
  }
  out += "\"stage\":";
  write_lossy(stage, out);
  out += ",\"reason\":";
  write_lossy(reason, out);

  std::string made;
  // What a stage made of an event is kept as it is now: it is not what stood at its place.
  std::string_view text = row.original();
  if (row.source == nullptr || row.born > 0) {
    if (row.is_record()) made = json_of(row);
    text = row.is_record() ? std::string_view(made) : row.json();
  }
  // The cut may have gone through a character; base64 for the sake of it would help nobody.
  const uint64_t length = cut_length(row);
  if (length > 0) {
    const size_t bad = find_bad_utf8(text);
    if (bad != std::string_view::npos && text.size() - bad < 4) text = text.substr(0, bad);
  }
  if (is_utf8(text)) {
    out += ",\"text\":";
    write_json_string(text, out);
  } else {
    out += ",\"base64\":";
    write_json(Value::of_bytes(text), out);
  }
  if (length > 0) out += ",\"length\":" + std::to_string(length);
  out += "}\n";
}

class RejectFile : public RejectSink {
 public:
  RejectFile(const Endpoint& endpoint, FileSystem& files, std::unique_ptr<Encoder> encoder)
      : stream_(endpoint, files, std::move(encoder)) {}

  Result<void> open() override { return stream_.open(); }
  Result<void> write(const Batch& batch, uint32_t row, std::string_view stage,
                     std::string_view reason) override {
    write_reject(batch, row, stage, reason, stream_.buffer());
    return stream_.settle();
  }
  Result<void> flush() override { return stream_.flush(); }
  Result<void> finish(Outcome outcome) override { return stream_.finish(outcome); }
  std::optional<WrittenFile> written_file() const override {
    return stream_.output().written_file();
  }
  int error_fd() const override { return stream_.output().error_fd(); }
  std::string message() const override { return stream_.output().message(); }

 private:
  Stream stream_;
};

/// As QueueSink, it leaves the commit to the bot, if there is one.
class RejectQueue : public RejectSink {
 public:
  RejectQueue(std::string queue, std::shared_ptr<BusSession> session)
      : queue_(std::move(queue)), session_(std::move(session)) {}

  Result<void> open() override {
    auto bus = session_->open_to_write();
    if (!bus) return std::unexpected(bus.error());
    return {};
  }
  Result<void> write(const Batch& batch, uint32_t row, std::string_view stage,
                     std::string_view reason) override {
    text_.clear();
    write_reject(batch, row, stage, reason, text_);
    text_.pop_back();
    BlockBuilder::Event event;
    event.payload = text_;
    event.id = session_->bot();
    std::string eid;
    set_cause(batch, row, eid, event);
    return session_->append(queue_, event);
  }
  Result<void> flush() override {
    return session_->has_bot() ? Result<void>() : session_->commit();
  }
  Result<void> finish(Outcome) override { return flush(); }
  std::optional<WrittenFile> written_file() const override { return {}; }
  int error_fd() const override { return -1; }
  std::string message() const override { return {}; }

 private:
  std::string queue_;
  std::shared_ptr<BusSession> session_;
  std::string text_;
};

}  // namespace

std::unique_ptr<RejectSink> make_reject_queue(std::string queue,
                                              std::shared_ptr<BusSession> session) {
  return std::make_unique<RejectQueue>(std::move(queue), std::move(session));
}

std::unique_ptr<RejectSink> make_reject_sink(const Endpoint& endpoint, FileSystem& files) {
  std::unique_ptr<Encoder> encoder;
  if (endpoint.is_path()) {
    const Compression compression = compression_of_name(endpoint.text);
    if (compression != Compression::kNone) encoder = make_encoder(compression, 0);
  }
  return std::make_unique<RejectFile>(endpoint, files, std::move(encoder));
}

}  // namespace weir
