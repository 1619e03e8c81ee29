#include "sink/queue.h"

#include <algorithm>
#include <utility>

#include "codec/writer.h"

namespace weir {
namespace {

class QueueSink final : public Sink {
 public:
  QueueSink(std::string queue, QueueSinkOptions options, std::shared_ptr<BusSession> session)
      : queue_(std::move(queue)),
        options_(options),
        session_(std::move(session)),
        writer_(make_ndjson_writer(options.stage_index)) {}

  Result<void> open() override { return session_->make_queue(queue_); }
  Result<void> write(Batch& batch) override {
    auto written = options_.envelopes ? write_envelopes(batch) : write_events(batch);
    if (!written || session_->has_bot()) return written;
    return session_->commit_full();
  }
  Result<void> flush() override {
    return session_->has_bot() ? Result<void>() : session_->commit();
  }
  Result<void> hand_on() override { return {}; }
  uint64_t bytes() const override { return bytes_; }
  /// What came before an error is an event all the same; only a bot takes it back.
  Result<void> finish(Outcome) override { return flush(); }
  int error_fd() const override { return -1; }
  std::string describe() const override { return "queue:" + queue_ + " on " + session_->path(); }

 private:
  Result<void> write_events(Batch& batch);
  Result<void> write_envelopes(Batch& batch);

  std::string queue_;
  QueueSinkOptions options_;
  std::shared_ptr<BusSession> session_;
  std::unique_ptr<Writer> writer_;
  std::string lines_;
  uint64_t bytes_ = 0;  ///< of events
};

Result<void> QueueSink::write_events(Batch& batch) {
  lines_.clear();
  // Where all events are texts, these are what is written.
  const bool has_records =
      std::ranges::any_of(batch.alive, [&](uint32_t row) { return batch.rows[row].is_record(); });
  if (has_records) writer_->write(batch, lines_);
  std::string_view rest = lines_;
  for (const uint32_t row : batch.alive) {
    BlockBuilder::Event event;
    event.payload = has_records ? rest.substr(0, rest.find('\n')) : batch.rows[row].json();
    if (has_records) rest.remove_prefix(event.payload.size() + 1);
    bytes_ += event.payload.size() + 1;
    event.id = session_->bot();
    std::string eid;
    set_cause(batch, row, eid, event);
    if (auto appended = session_->append(queue_, event); !appended) return appended;
  }
  return {};
}

Result<void> QueueSink::write_envelopes(Batch& batch) {
  lines_.clear();
  writer_->write(batch, lines_);
  bytes_ += lines_.size();
  std::string_view rest = lines_;
  Arena texts;
  Result<void> failed;
  batch.retain([&](uint32_t row) {
    const size_t end = rest.find('\n');
    const std::string_view json = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    texts.reset();
    ReadEnvelope read;
    if (const auto problem = read_envelope(json, texts, read)) {
      batch.reject(row, options_.stage_index, "no envelope: " + std::string(problem->why));
      return false;
    }
    if (read.eid && failed) {
      auto problem = session_->problem_of(queue_, *read.eid);
      if (problem && !problem->empty()) {
        batch.reject(row, options_.stage_index, *problem);
        return false;
      }
      if (!problem) failed = std::unexpected(problem.error());
    }
    BlockBuilder::Event event;
    event.payload = read.payload;
    event.id = read.envelope.id;
    event.source_time = read.source_time;
    event.correlation = read.envelope.correlation;
    event.eid = read.eid;
    event.written = read.written;
    if (failed) failed = session_->append(queue_, event);
    return true;
  });
  return failed;
}

}  // namespace

void set_cause(const Batch& batch, uint32_t row, std::string& eid, BlockBuilder::Event& event) {
  const Envelope* const cause = batch.envelope_of(row);
  if (cause == nullptr) return;
  event.source_time = cause->source_time;
  const Envelopes& all = *batch.origin_of(row)->envelopes;
  if (all.made) {
    event.correlation = cause->correlation;
    return;
  }
  eid = eid_text(cause->eid);
  event.correlation = {.source = all.queue, .start = eid, .end = {}, .units = 1};
}

std::unique_ptr<Sink> make_queue_sink(std::string queue, QueueSinkOptions options,
                                      std::shared_ptr<BusSession> session) {
  return std::make_unique<QueueSink>(std::move(queue), options, std::move(session));
}

}  // namespace weir
