#include "sink/files.h"

#include "codec/writer.h"
#include "sink/stream.h"

namespace weir {
namespace {

class FilesSink : public Sink {
 public:
  FilesSink(const Endpoint& endpoint, FileSystem& files, std::unique_ptr<Encoder> encoder,
            std::unique_ptr<Writer> writer)
      : stream_(endpoint, files, std::move(encoder)), writer_(std::move(writer)) {}

  Result<void> open() override { return stream_.open(); }
  Result<void> write(Batch& batch) override {
    writer_->write(batch, stream_.buffer());
    return stream_.settle();
  }
  Result<void> flush() override { return stream_.flush(); }
  Result<void> finish(Outcome outcome) override {
    if (outcome != Outcome::kFailed) writer_->finish(stream_.buffer());
    return stream_.finish(outcome);
  }
  int error_fd() const override { return stream_.output().error_fd(); }
  std::string message() const override { return stream_.output().message(); }

 private:
  Stream stream_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const Endpoint& endpoint, SinkOptions options,
                                        FileSystem& files) {
  Format format = Format::kNdjson;
  Compression compression = Compression::kNone;
  if (!endpoint.is_standard()) {
    // What is not CSV by name is NDJSON: `to report.txt` writes events, as `to report` does.
    if (format_of_name(endpoint.text) == Format::kCsv) format = Format::kCsv;
    compression = compression_of_name(endpoint.text);
  }
  format = options.format.value_or(format);
  compression = options.compression.value_or(compression);

  if (options.level != 0 && compression == Compression::kNone) {
    return usage_error("a level of compression is given, and the output is not compressed");
  }
  if (options.level < 0 || options.level > highest_level(compression)) {
    return usage_error("the levels of " + std::string(compression_name(compression)) +
                       " are 1 to " + std::to_string(highest_level(compression)));
  }
  auto writer = make_writer(
      format, {.columns = std::move(options.columns), .stage_index = options.stage_index});
  if (!writer) return std::unexpected(writer.error());
  std::unique_ptr<Encoder> encoder;
  if (compression != Compression::kNone) encoder = make_encoder(compression, options.level);
  return std::make_unique<FilesSink>(endpoint, files, std::move(encoder), std::move(*writer));
}

}  // namespace weir
