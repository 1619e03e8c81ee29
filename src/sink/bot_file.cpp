#include "sink/bot_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "codec/writer.h"

namespace weir {
namespace {

/// Bytes that are collected before they are written.
constexpr size_t kBuffer = size_t{256} << 10;

class BotFileSink final : public Sink {
 public:
  BotFileSink(const Endpoint& endpoint, BotFileOptions options, std::unique_ptr<Writer> writer,
              std::shared_ptr<BusSession> session, FileSystem& files)
      : endpoint_(endpoint),
        options_(options),
        writer_(std::move(writer)),
        session_(std::move(session)),
        files_(files) {}

  Result<void> open() override;
  Result<void> write(Batch& batch) override {
    const size_t before = buffer_.size();
    writer_->write(batch, buffer_);
    bytes_ += buffer_.size() - before;
    return buffer_.size() < kBuffer ? Result<void>() : drain(Encoder::Mode::kMore);
  }
  /// Nobody is to read what is not committed.
  Result<void> flush() override { return {}; }
  Result<void> hand_on() override { return {}; }
  uint64_t bytes() const override { return bytes_; }
  Result<void> finish(Outcome) override { return {}; }
  Result<std::vector<Move>> prepare() override;
  void moved() override {
    if (is_known()) committed_ = position();
  }
  std::optional<WrittenFile> written_file() const override {
    return WrittenFile{.file = file_id_, .at_once = true};
  }
  int error_fd() const override { return -1; }
  std::string describe() const override {
    return endpoint_.text + ": " + std::string(format_name(*options_.format)) +
           (compresses() ? ", " + std::string(compression_name(*options_.compression)) : "") +
           ", as long as committed on " + session_->path();
  }

 private:
  bool compresses() const { return *options_.compression != Compression::kNone; }
  std::string source() const { return "to:" + canonical_output(endpoint_, files_); }
  std::string position() const { return std::to_string(length_); }
  /// Nothing is said of a file before it is written to.
  bool is_known() const { return !committed_.empty() || length_ > 0; }
  Move move_here() const {
    Move move{.bot = session_->bot(), .source = source(), .from = committed_, .to = {}};
    move.to.position = position();
    move.to.ended_timestamp = now_ms();
    return move;
  }
  std::unexpected<Error> failure(int error) const {
    return machine_error(endpoint_.text + ": cannot be written: " + describe_errno(error));
  }
  Result<void> find_checkpoint();
  Result<void> find_end(uint64_t size);
  Result<void> check_last_line(uint64_t size);
  Result<void> claim();
  Result<void> drain(Encoder::Mode mode);

  Endpoint endpoint_;
  BotFileOptions options_;
  std::unique_ptr<Writer> writer_;
  std::shared_ptr<BusSession> session_;
  FileSystem& files_;
  OpenFile file_;
  FileId file_id_;
  std::unique_ptr<Encoder>
      encoder_;  ///< of the frame that is under way; null before its first byte
  std::string buffer_;
  std::string packed_;
  uint64_t bytes_ = 0;     ///< of events, before compression
  uint64_t length_ = 0;    ///< of the file, with all that was written
  std::string committed_;  ///< the position on the bus
};

Result<void> BotFileSink::open() {
  if (session_->is_dry()) return {};
  // A FIFO that nobody reads would be waited for.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK;
  if (auto claimed = find_checkpoint(); !claimed) return claimed;
  int fd = files_.open(endpoint_.text, kFlags, 0);
  if (fd == -ENOENT && !committed_.empty() && committed_ != "0") {
    return machine_error(endpoint_.text + ": is gone, and bot " + session_->bot() +
                         " has written " + committed_ + " bytes of it: put it back, or 'weir bot " +
                         "reset " + session_->bot() + " --source " + source() + "' begins it anew");
  }
  if (fd == -ENOENT) fd = files_.open(endpoint_.text, kFlags | O_CREAT, 0666);
  if (fd < 0 && fd != -ENXIO) {
    return machine_error(endpoint_.text + ": cannot be opened: " + describe_errno(fd));
  }
  file_ = OpenFile(files_, fd);
  struct stat status {};
  if (const int result = fd < 0 ? 0 : files_.status(fd, status); result < 0) return failure(result);
  if (!S_ISREG(status.st_mode)) {
    return machine_error(endpoint_.text + ": is no regular file, and a bot could not take back " +
                         "what it has not committed");
  }
  file_id_ = id_of(status);
  return find_end(static_cast<uint64_t>(status.st_size));
}

/// Finds how far the bot has written the file, which nobody else may write.
Result<void> BotFileSink::find_checkpoint() {
  auto bus = session_->open_to_write();
  if (!bus) return std::unexpected(bus.error());
  const auto locked = (*bus)->lock_output(source());
  if (!locked) return std::unexpected(locked.error());
  if (!*locked) {
    return machine_error(endpoint_.text +
                         ": is being written by another run: each needs a file of its own");
  }
  const auto checkpoint = (*bus)->checkpoint(session_->bot(), source());
  if (!checkpoint) return std::unexpected(checkpoint.error());
  committed_ = checkpoint->position;
  if (!committed_.empty()) return {};
  // Each would cut off what the other has written.
  const auto bots = (*bus)->bots();
  if (!bots) return std::unexpected(bots.error());
  for (const BotFacts& other : *bots) {
    const bool writes = std::ranges::any_of(other.checkpoints, [&](const BotCheckpoint& at) {
      return at.source == source() && !at.checkpoint.position.empty();
    });
    if (!writes) continue;
    return machine_error(endpoint_.text + ": is written by bot " + other.name +
                         ", and a file has one bot that writes it");
  }
  return {};
}

/// Cuts the file to what is committed.
Result<void> BotFileSink::find_end(uint64_t size) {
  const std::string& bot = session_->bot();
  if (committed_.empty()) {
    if (size > 0 && !options_.append) {
      return machine_error(endpoint_.text + ": has " + std::to_string(size) + " bytes that bot " +
                           bot +
                           " did not write, or that a reset let it forget: --append goes on behind "
                           "them, and where they may go, rm lets it begin anew");
    }
    length_ = size;
    return size == 0 || compresses() ? Result<void>() : check_last_line(size);
  }
  std::from_chars(committed_.data(), committed_.data() + committed_.size(), length_);
  if (size < length_) {
    return machine_error(endpoint_.text + ": has " + std::to_string(size) + " bytes, and bot " +
                         bot + " has written " + committed_ +
                         ": it was cut off or replaced; put it back, or 'weir bot reset " + bot +
                         " --source " + source() + "' begins it anew");
  }
  if (size == length_) return {};
  const int result = files_.truncate(file_.fd(), static_cast<off_t>(length_));
  return result < 0 ? Result<void>(failure(result)) : Result<void>();
}

/// The first event must not go on in a line of others.
Result<void> BotFileSink::check_last_line(uint64_t size) {
  const OpenFile file(files_, files_.open(endpoint_.text, O_RDONLY | O_NOCTTY, 0));
  char last = 0;
  const ssize_t got =
      file ? files_.read_at(file.fd(), &last, 1, static_cast<off_t>(size - 1)) : file.fd();
  if (got < 0) {
    return machine_error(endpoint_.text +
                         ": cannot be read: " + describe_errno(static_cast<int>(got)));
  }
  if (got == 1 && last == '\n') return {};
  return machine_error(endpoint_.text +
                       ": ends in the middle of a line, and nothing can be appended");
}

/// Commits where the file begins that has not been written before, so that the next run knows what
/// this one has written if it does not come to its first commit.
Result<void> BotFileSink::claim() {
  // What stands in a file of that name is no help if the name is lost.
  if (const int result = sync_folder(files_, follow_links(files_, endpoint_.text)); result < 0) {
    return failure(result);
  }
  auto bus = session_->open_to_write();
  if (!bus) return std::unexpected(bus.error());
  const Move begin = move_here();
  if (auto done = (*bus)->commit({}, {&begin, 1}, now_ms()); !done) return done;
  committed_ = position();
  return {};
}

/// Writes what was collected.
Result<void> BotFileSink::drain(Encoder::Mode mode) {
  std::string_view bytes = buffer_;
  if (compresses()) {
    packed_.clear();
    if (encoder_ == nullptr && !buffer_.empty()) {
      encoder_ = make_encoder(*options_.compression, options_.level);
    }
    if (encoder_ != nullptr) {
      const std::string problem = encoder_->encode(buffer_, mode, packed_);
      if (!problem.empty()) return machine_error(endpoint_.text + ": " + problem);
    }
    if (mode == Encoder::Mode::kEnd) encoder_.reset();
    bytes = packed_;
  }
  if (!session_->is_dry() && !bytes.empty()) {
    if (committed_.empty()) {
      if (auto claimed = claim(); !claimed) return claimed;
    }
    if (const int result = write_all(files_, file_.fd(), bytes); result < 0) return failure(result);
  }
  length_ += bytes.size();
  buffer_.clear();
  return {};
}

Result<std::vector<Move>> BotFileSink::prepare() {
  if (auto drained = drain(Encoder::Mode::kEnd); !drained) return std::unexpected(drained.error());
  if (session_->is_dry() || !is_known() || position() == committed_) return {};
  if (const int result = files_.sync(file_.fd()); result < 0) return failure(result);
  return std::vector<Move>{move_here()};
}

}  // namespace

Result<std::unique_ptr<Sink>> make_bot_file_sink(const Endpoint& endpoint, BotFileOptions options,
                                                 std::shared_ptr<BusSession> session,
                                                 FileSystem& files) {
  if (!options.format) options.format = output_format_of_name(endpoint.text);
  if (!options.compression) options.compression = compression_of_name(endpoint.text);
  if (has_header(*options.format) || *options.format == Format::kTable) {
    return usage_error("a bot writes ndjson or text to '" + endpoint.text + "', not " +
                       std::string(format_name(*options.format)) +
                       ": the next run could not go on behind its header");
  }
  auto writer = make_writer(*options.format, {.columns = options.columns,
                                              .separator = options.separator,
                                              .envelopes = options.envelopes,
                                              .stage_index = options.stage_index});
  if (!writer) return std::unexpected(writer.error());
  return std::make_unique<BotFileSink>(endpoint, options, std::move(*writer), std::move(session),
                                       files);
}

}  // namespace weir
