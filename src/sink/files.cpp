#include "sink/files.h"

#include "codec/writer.h"
#include "sink/stream.h"

namespace weir {
namespace {

class FilesSink : public Sink {
 public:
  /// `form`: format and compression, for people.
  FilesSink(const Endpoint& endpoint, FileSystem& files, std::unique_ptr<Encoder> encoder,
            std::unique_ptr<Writer> writer, std::string form)
      : stream_(endpoint, files, std::move(encoder)),
        writer_(std::move(writer)),
        form_(std::move(form)) {}

  Result<void> open() override { return stream_.open(); }
  Result<void> await_reader() override { return stream_.await_reader(); }
  Result<void> write(Batch& batch) override {
    const std::string_view text = writer_->as_it_lies(batch);
    if (text.size() >= Stream::kEnough) return stream_.write(text);
    writer_->write(batch, stream_.buffer());
    return stream_.settle();
  }
  Result<void> flush() override {
    writer_->flush(stream_.buffer());
    return stream_.flush();
  }
  Result<void> hand_on() override { return stream_.flush(); }
  uint64_t bytes() const override { return stream_.bytes(); }
  Result<void> finish(Outcome outcome) override {
    if (outcome == Outcome::kFailed) {
      writer_->release(stream_.buffer());
    } else {
      writer_->finish(stream_.buffer());
    }
    return stream_.finish(outcome);
  }
  std::optional<WrittenFile> written_file() const override {
    return stream_.output().written_file();
  }
  int error_fd() const override { return stream_.output().error_fd(); }
  Error reader_gone() const override { return stream_.output().reader_gone(); }
  std::string message() const override { return stream_.output().message(); }
  std::string describe() const override { return stream_.output().name() + ": " + form_; }

 private:
  Stream stream_;
  std::unique_ptr<Writer> writer_;
  std::string form_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const Endpoint& endpoint, SinkOptions options,
                                        FileSystem& files) {
  Format format = Format::kNdjson;
  Compression compression = Compression::kNone;
  if (endpoint.is_path()) {
    format = output_format_of_name(endpoint.text);
    compression = compression_of_name(endpoint.text);
  }
  format = options.format.value_or(format);
  compression = options.compression.value_or(compression);

  if (auto fine = check_level(compression, options.level); !fine) {
    return std::unexpected(fine.error());
  }
  const bool is_stdout = !endpoint.is_socket() && canonical_output(endpoint, files) == "-";
  auto writer = make_writer(format, {.columns = std::move(options.columns),
                                     .separator = options.separator,
                                     .fields = std::move(options.fields),
                                     .envelopes = options.envelopes,
                                     .stage_index = options.stage_index,
                                     .terminal = is_stdout ? options.terminal : Terminal()});
  if (!writer) return std::unexpected(writer.error());
  std::unique_ptr<Encoder> encoder;
  std::string form(format_name(format));
  if (options.envelopes) form += " of whole envelopes";
  if (format == Format::kTable) form += ", laid out by the first 1,000 events, which it holds";
  if (compression != Compression::kNone) {
    encoder = make_encoder(compression, options.level);
    form += ", " + std::string(compression_name(compression));
  }
  return std::make_unique<FilesSink>(endpoint, files, std::move(encoder), std::move(*writer),
                                     std::move(form));
}

}  // namespace weir
