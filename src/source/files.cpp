#include "source/files.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <span>

#include "base/nearest.h"
#include "base/units.h"
#include "codec/compression.h"
#include "codec/framer.h"
#include "source/chunks.h"
#include "source/input.h"

namespace weir {
namespace {

/// So that a batch of tiny events takes about as much memory as one of large ones.
constexpr size_t kBatchRows = 16384;
/// Rows count their bytes in 32 bits.
constexpr size_t kLongestEvent = size_t{1} << 30;
/// Names of a folder that are compared with a name that is not there.
constexpr size_t kNamesCompared = 2000;

class FilesSource : public FileSource {
 public:
  FilesSource(std::vector<Endpoint> endpoints, const SourceOptions& options, FileSystem& files)
      : endpoints_(std::move(endpoints)), options_(options), files_(files) {
    if (options_.batch_rows == 0) options_.batch_rows = kBatchRows;
  }

  Result<void> open() override;
  Result<Pull> next(Batch& batch) override;
  int wait_fd() const override { return input_ == nullptr ? -1 : input_->fd(); }
  void stop() override { stopped_ = true; }

 private:
  /// One file of the list. `name` is what messages and events call it.
  struct Listed {
    std::string name;
    bool standard;
  };

  Result<void> expand(const Endpoint& endpoint);
  Result<void> check(const std::string& path);
  std::string missing(const std::string& path, int error);

  Result<void> begin_file();
  Result<bool> begin_content();
  Result<bool> take_rows(Batch& batch);
  void begin_passing();
  bool pass_over(Batch& batch);
  bool read_more();
  Result<void> end_file();

  std::vector<Endpoint> endpoints_;
  SourceOptions options_;
  FileSystem& files_;
  std::deque<Listed> list_;  ///< a deque, because batches point at the names
  size_t next_ = 0;          ///< index of the file to begin next
  std::atomic<bool> stopped_{false};

  // The file that is being read.
  std::unique_ptr<Input> input_;
  std::unique_ptr<Framer> framer_;  ///< null until the format is known
  Chunks chunks_;
  bool at_end_ = false;
  std::string failure_;  ///< why the file ended early

  // The event that is being passed over because it is too long.
  bool passing_ = false;
  Buffer head_;
  size_t head_size_ = 0;
  uint64_t length_ = 0;
  uint64_t passed_line_ = 0;
  uint64_t passed_offset_ = 0;
};

Result<void> FilesSource::open() {
  for (const Endpoint& endpoint : endpoints_) {
    if (auto done = expand(endpoint); !done) return done;
  }
  return {};
}

Result<void> FilesSource::expand(const Endpoint& endpoint) {
  if (endpoint.is_standard()) {
    list_.push_back({.name = "stdin", .standard = true});
    return {};
  }
  // A file that has this very name is never taken for a pattern.
  struct stat status {};
  if (!looks_like_pattern(endpoint.text) || files_.status(endpoint.text, status) == 0) {
    if (auto fine = check(endpoint.text); !fine) return fine;
    list_.push_back({.name = endpoint.text, .standard = false});
    return {};
  }
  std::vector<std::string> found;
  if (const int result = files_.glob(endpoint.text, found); result < 0) {
    return machine_error(endpoint.text + ": cannot be expanded: " + describe_errno(result));
  }
  if (found.empty()) return machine_error(endpoint.text + ": no file matches this pattern");
  for (const std::string& path : found) {
    if (auto fine = check(path); !fine) return fine;
    list_.push_back({.name = path, .standard = false});
  }
  return {};
}

/// Is the file there, readable, and a file?
Result<void> FilesSource::check(const std::string& path) {
  struct stat status {};
  if (const int result = files_.status(path, status); result < 0) {
    return machine_error(missing(path, result));
  }
  if (S_ISDIR(status.st_mode)) return machine_error(path + ": is a directory, not a file");
  if (const int result = files_.readable(path); result < 0) {
    return machine_error(path + ": cannot be read: " + describe_errno(result));
  }
  return {};
}

/// Why a file cannot be had, and the name beside it that was perhaps meant.
std::string FilesSource::missing(const std::string& path, int error) {
  std::string message = path + ": " + describe_errno(error);
  if (error != -ENOENT) return message;
  const std::string folder = folder_of(path);
  std::vector<std::string> names;
  if (files_.list(folder, kNamesCompared, names) < 0) return message;
  std::sort(names.begin(), names.end());
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view near = nearest(name_of(path), known);
  if (near.empty()) return message;
  const bool has_folder = path.find('/') != std::string::npos;
  const std::string prefix = has_folder ? path.substr(0, path.rfind('/') + 1) : "";
  return message + "; did you mean '" + prefix + std::string(near) + "'?";
}

Result<void> FilesSource::begin_file() {
  const Listed& file = list_[next_++];
  auto input = std::make_unique<Input>(files_);
  if (auto opened = file.standard ? input->open_standard() : input->open(file.name); !opened) {
    return opened;
  }
  input_ = std::move(input);
  framer_.reset();
  chunks_.begin_stream(options_.max_event);
  at_end_ = false;
  failure_.clear();
  passing_ = false;
  return {};
}

/// Looks at the first bytes for a byte order mark and the format. False if that takes more bytes.
Result<bool> FilesSource::begin_content() {
  const std::string_view content = chunks_.bytes();
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (content.starts_with("\xff\xfe") || content.starts_with("\xfe\xff")) {
    const std::string from = content.front() == '\xff' ? "UTF-16LE" : "UTF-16BE";
    return machine_error(list_[next_ - 1].name +
                         ": is UTF-16, and weir reads UTF-8: convert it with iconv -f " + from +
                         " -t UTF-8");
  }
  const bool cut = content == "\xff" || content == "\xfe" ||
                   (content.size() < kMark.size() && kMark.starts_with(content));
  if (cut && !at_end_) return false;
  const size_t mark = content.starts_with(kMark) ? kMark.size() : 0;
  std::optional<Format> format = options_.format;
  if (!format.has_value()) {
    const Listed& file = list_[next_ - 1];
    const Format by_name = file.standard ? Format::kNdjson : format_of_name(file.name);
    format = detect_format(by_name, content.substr(mark), at_end_);
  }
  if (!format.has_value()) return false;
  chunks_.consume(mark);
  framer_ =
      make_framer(*format, {.max_event = options_.max_event, .separator = options_.separator});
  return true;
}

/// Fills the batch with the rows that are there. False if there are none.
Result<bool> FilesSource::take_rows(Batch& batch) {
  batch.buffer = chunks_.share();
  // Of a file that broke off, the last piece of a line is no event.
  const bool last = at_end_ && failure_.empty();
  const Result<size_t> taken = framer_->take(chunks_.bytes(), last, options_.batch_rows, batch);
  if (!taken) {
    batch.buffer = Buffer();
    return std::unexpected(
        Error{taken.error().kind, list_[next_ - 1].name + ": " + taken.error().message});
  }
  batch.buffer_offset = chunks_.offset();
  chunks_.consume(*taken);
  if (batch.rows.empty()) {
    batch.buffer = Buffer();
    return false;
  }
  batch.origin = &list_[next_ - 1].name;
  return true;
}

/// The event at the front is too long to be held.
void FilesSource::begin_passing() {
  passing_ = true;
  head_ = Buffer(kCutBytes);
  head_size_ = 0;
  length_ = 0;
  passed_line_ = framer_->line();
  passed_offset_ = chunks_.position();
}

/// Goes on with an event that is too long. True if it ended, and its row is in the batch.
bool FilesSource::pass_over(Batch& batch) {
  const std::string_view bytes = chunks_.bytes();
  if (bytes.empty() && !at_end_) return false;
  const Framer::Passed passed = framer_->pass(bytes, at_end_ && failure_.empty());
  const size_t content = passed.bytes - passed.line_end;
  const size_t kept = std::min(content, kCutBytes - head_size_);
  std::memcpy(head_.data() + head_size_, bytes.data(), kept);
  head_size_ += kept;
  length_ += content;
  chunks_.consume(passed.bytes);
  if (!passed.ended) return false;
  passing_ = false;
  batch.buffer = std::move(head_);
  batch.buffer_offset = passed_offset_;
  batch.first_line = passed_line_;
  batch.origin = &list_[next_ - 1].name;
  add_cut_row(batch, {batch.buffer.data(), head_size_}, length_, 0, options_.max_event);
  return true;
}

/// Reads what can be had without waiting, up to a full buffer. False if that is nothing for now.
bool FilesSource::read_more() {
  const std::span<char> room = chunks_.room();
  size_t filled = 0;
  while (filled < room.size()) {
    const auto got = input_->read(room.data() + filled, room.size() - filled);
    if (!got.has_value()) {
      failure_ = got.error();
      at_end_ = true;
      break;
    }
    if (got->kind == Input::Got::Kind::kIdle) break;
    if (got->kind == Input::Got::Kind::kEnd) {
      at_end_ = true;
      break;
    }
    filled += got->bytes;
  }
  chunks_.add(filled);
  return filled > 0 || at_end_;
}

/// Closes the file. An error if it broke off.
Result<void> FilesSource::end_file() {
  const uint64_t lines = framer_ == nullptr ? 0 : framer_->line() - 1;
  input_.reset();
  if (failure_.empty()) return {};
  return machine_error(list_[next_ - 1].name + ": " + failure_ + "; " + std::to_string(lines) +
                       (lines == 1 ? " line was" : " lines were") + " read before");
}

Result<Pull> FilesSource::next(Batch& batch) {
  while (true) {
    if (input_ == nullptr) {
      if (stopped_ || next_ == list_.size()) return Pull::kEnd;
      if (auto begun = begin_file(); !begun) return std::unexpected(begun.error());
    }
    if (framer_ == nullptr && (at_end_ || !chunks_.bytes().empty())) {
      const Result<bool> known = begin_content();
      if (!known) {
        input_.reset();
        return std::unexpected(known.error());
      }
    }
    if (framer_ != nullptr && !passing_) {
      const Result<bool> some = take_rows(batch);
      if (!some) {
        input_.reset();
        return std::unexpected(some.error());
      }
      if (*some) return Pull::kBatch;
      // Room for a line end of two bytes: the event itself may still be just short enough.
      if (chunks_.bytes().size() > options_.max_event + 2) begin_passing();
    }
    if (passing_ && pass_over(batch)) return Pull::kBatch;
    if (at_end_) {
      if (auto ended = end_file(); !ended) return std::unexpected(ended.error());
      continue;
    }
    if (stopped_) {
      // The rest of a line is in the file still; of a pipe it would be lost.
      if (!input_->is_live()) {
        input_.reset();
        continue;
      }
      input_->stop();
    }
    if (!read_more()) return Pull::kIdle;
  }
}

}  // namespace

Result<std::unique_ptr<FileSource>> make_file_source(std::vector<Endpoint> endpoints,
                                                     SourceOptions options, FileSystem& files) {
  const auto separator = static_cast<unsigned char>(options.separator);
  if (separator == '"' || separator == '\n' || separator == '\r' || separator >= 0x80) {
    return usage_error("the separator of CSV is one ASCII character, and no quote or line end");
  }
  if (options.max_event == 0 || options.max_event > kLongestEvent) {
    return usage_error("--max-event is at least 1 byte and at most " + format_size(kLongestEvent));
  }
  return std::make_unique<FilesSource>(std::move(endpoints), options, files);
}

}  // namespace weir
