#include "sink/made_files.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <set>
#include <unordered_map>
#include <utility>

#include "codec/writer.h"
#include "sink/made_file.h"

namespace weir {
namespace {

/// Bytes that are collected for a file before they are written.
constexpr size_t kBuffer = size_t{64} << 10;

/// Makes the folder and those around it that are missing. Answers 0 or the negated errno.
int make_folders(FileSystem& files, const std::string& path) {
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const int made = files.make_folder_in(AT_FDCWD, path.substr(0, end));
    if (made < 0 && made != -EEXIST) return made;
    if (end == std::string::npos || end + 1 == path.size()) return 0;
  }
}

class MadeFilesSink final : public Sink {
 public:
  MadeFilesSink(std::string text, NameTemplate names, MadeFilesOptions options,
                std::unique_ptr<Writer> writer, FileSystem& files)
      : text_(std::move(text)),
        names_(std::move(names)),
        options_(std::move(options)),
        writer_(std::move(writer)),
        files_(files) {}

  Result<void> open() override;
  Result<void> write(Batch& batch) override;
  /// Nobody is to read what has no name yet.
  Result<void> flush() override { return {}; }
  Result<void> hand_on() override { return {}; }
  uint64_t bytes() const override { return bytes_; }
  Result<void> finish(Outcome outcome) override;
  std::vector<FileId> replaced_files() const override;
  int error_fd() const override { return -1; }
  std::span<const int> reads() const override { return names_.slots(); }
  std::string message() const override { return message_; }
  std::string describe() const override;

 private:
  /// A file, and what is on its way to it.
  struct Made {
    std::unique_ptr<MadeFile> file;
    std::string problem;             ///< why it cannot be made, or empty
    std::unique_ptr<Writer> writer;  ///< where the format has a beginning of its own
    std::unique_ptr<Encoder> encoder;
    std::string buffer;
    std::vector<uint32_t> rows;  ///< of the batch at hand, not written so far
    uint64_t touched = 0;        ///< when it had its last event, counted in events
  };

  Result<std::string> give_row(Batch& batch, uint32_t row, Made*& made);
  Made* find(const std::string& name);
  Result<std::string> make_room_and_open(Batch& batch, Made& made);
  Result<void> write_rows(Batch& batch);
  Result<void> drain(Made& made, Encoder::Mode mode);
  Result<void> set_aside(Made& made);
  Result<void> sync_folders();
  void say_ends(Outcome outcome);
  bool compresses() const { return *options_.compression != Compression::kNone; }
  Writer& writer_of(Made& made) { return made.writer ? *made.writer : *writer_; }

  std::string text_;
  NameTemplate names_;
  MadeFilesOptions options_;
  std::unique_ptr<Writer> writer_;
  FileSystem& files_;
  OpenFile root_;
  std::string root_path_;  ///< canonical, with a slash at its end
  std::deque<Made> made_;  ///< in order of their first events
  std::unordered_map<std::string, Made*> by_name_;
  std::vector<Made*> open_;
  std::vector<Made*> waiting_;     ///< those with rows of the batch at hand
  std::vector<uint32_t> written_;  ///< rows of the batch at hand
  uint64_t events_ = 0;
  uint64_t bytes_ = 0;  ///< of events, before compression
  Arena scratch_;
  std::string name_;
  std::string packed_;
  std::string message_;
};

Result<void> MadeFilesSink::open() {
  const std::string& folder = names_.folder();
  int fd = files_.open(folder, O_RDONLY | O_DIRECTORY, 0);
  if (fd == -ENOENT) {
    const int made = make_folders(files_, folder);
    fd = made < 0 ? made : files_.open(folder, O_RDONLY | O_DIRECTORY, 0);
  }
  if (fd < 0) {
    return machine_error(text_ + ": cannot be written: '" + folder + "': " + describe_errno(fd));
  }
  root_ = OpenFile(files_, fd);
  if (files_.resolve(folder, root_path_) != 0) root_path_ = folder;
  if (!root_path_.ends_with('/')) root_path_ += '/';
  return {};
}

/// The file of that name, which may be new; null where there are too many.
MadeFilesSink::Made* MadeFilesSink::find(const std::string& name) {
  const auto known = by_name_.find(name);
  if (known != by_name_.end()) return known->second;
  if (made_.size() == options_.most_files) return nullptr;
  Made& made = made_.emplace_back();
  made.file = std::make_unique<MadeFile>(files_, root_.fd(), name, names_.prefix() + name);
  by_name_.emplace(name, &made);
  if (options_.taken) made.problem = options_.taken(root_path_ + name);
  return &made;
}

/// Opens a file, and closes the one that was not needed for the longest time where there are too
/// many. Which one that is depends on the events alone: what those before it have for the batch's
/// files is written first. Answers an empty text, or why there can be no such file.
Result<std::string> MadeFilesSink::make_room_and_open(Batch& batch, Made& made) {
  if (open_.size() >= options_.open_files) {
    if (auto written = write_rows(batch); !written) return std::unexpected(written.error());
    const auto oldest = std::ranges::min_element(open_, {}, &Made::touched);
    Made& closing = **oldest;
    open_.erase(oldest);
    if (auto aside = set_aside(closing); !aside) return std::unexpected(aside.error());
  }
  if (made.touched > 0) {
    if (auto opened = made.file->reopen(); !opened) return std::unexpected(opened.error());
  } else {
    auto problem = made.file->create(options_.append, !compresses());
    if (!problem || !problem->empty()) return problem;
    if (has_header(*options_.format)) {
      auto writer = make_writer(*options_.format, {.columns = options_.columns,
                                                   .separator = options_.separator,
                                                   .stage_index = options_.stage_index});
      if (!writer) return std::unexpected(writer.error());
      made.writer = std::move(*writer);
    }
  }
  open_.push_back(&made);
  return std::string();
}

/// Finds the file for a row. Answers an empty text, or why the row has none.
Result<std::string> MadeFilesSink::give_row(Batch& batch, uint32_t row, Made*& made) {
  scratch_.reset();
  if (std::string problem = names_.make({batch.columns, row, scratch_}, name_); !problem.empty()) {
    return problem;
  }
  if (made == nullptr || made->file->name() != name_) made = find(name_);
  if (made == nullptr) {
    return "the run has written to " + std::to_string(options_.most_files) +
           " files, and its own would be one more";
  }
  if (made->problem.empty() && !made->file->is_open()) {
    auto opened = make_room_and_open(batch, *made);
    if (!opened) return opened;
    made->problem = std::move(*opened);
  }
  if (!made->problem.empty()) {
    return "its file " + made->file->shown() + " cannot be written: " + made->problem;
  }
  made->touched = ++events_;
  return std::string();
}

Result<void> MadeFilesSink::write(Batch& batch) {
  const std::vector<uint32_t> rows = std::exchange(batch.alive, {});
  written_.clear();
  Made* made = nullptr;
  for (const uint32_t row : rows) {
    auto problem = give_row(batch, row, made);
    if (!problem) return std::unexpected(problem.error());
    if (!problem->empty()) {
      batch.reject(row, options_.stage_index, std::move(*problem));
      made = nullptr;
      continue;
    }
    if (made->rows.empty()) waiting_.push_back(made);
    made->rows.push_back(row);
  }
  auto written = write_rows(batch);
  std::ranges::sort(written_);
  batch.alive = written_;
  return written;
}

/// Writes what the files have of the batch at hand, each its own rows.
Result<void> MadeFilesSink::write_rows(Batch& batch) {
  for (Made* made : std::exchange(waiting_, {})) {
    batch.alive = std::exchange(made->rows, {});
    const size_t before = made->buffer.size();
    writer_of(*made).write(batch, made->buffer);
    bytes_ += made->buffer.size() - before;
    written_.insert(written_.end(), batch.alive.begin(), batch.alive.end());
    if (made->buffer.size() < kBuffer) continue;
    if (auto drained = drain(*made, Encoder::Mode::kMore); !drained) return drained;
  }
  return {};
}

/// Writes what was collected for a file.
Result<void> MadeFilesSink::drain(Made& made, Encoder::Mode mode) {
  std::string_view bytes = made.buffer;
  if (compresses()) {
    packed_.clear();
    if (made.encoder == nullptr && !made.buffer.empty()) {
      made.encoder = make_encoder(*options_.compression, options_.level);
    }
    if (made.encoder != nullptr) {
      const std::string problem = made.encoder->encode(made.buffer, mode, packed_);
      if (!problem.empty()) {
        return machine_error(made.file->shown() + ": cannot be written: " + problem);
      }
    }
    if (mode == Encoder::Mode::kEnd) made.encoder.reset();
    bytes = packed_;
  }
  auto written = made.file->write(bytes);
  made.buffer.clear();
  return written;
}

/// Closes a file that more may be written to, and frees what it takes meanwhile.
Result<void> MadeFilesSink::set_aside(Made& made) {
  if (auto drained = drain(made, Encoder::Mode::kEnd); !drained) return drained;
  std::string().swap(made.buffer);
  return made.file->close();
}

Result<void> MadeFilesSink::finish(Outcome outcome) {
  Result<void> result;
  const auto note = [&](Result<void> done) {
    if (!done && result) result = std::move(done);
  };
  for (Made* made : open_) note(drain(*made, Encoder::Mode::kEnd));
  for (Made& made : made_) {
    note(made.file->finish(result ? outcome : Outcome::kFailed));
  }
  if (result && outcome != Outcome::kFailed) note(sync_folders());
  say_ends(outcome);
  return result;
}

/// Makes the new names survive a loss of power.
Result<void> MadeFilesSink::sync_folders() {
  std::set<std::string> folders;
  for (const Made& made : made_) {
    if (made.file->end() != MadeFile::End::kComplete) continue;
    std::string folder = made.file->name();
    do {
      const size_t slash = folder.rfind('/');
      folder.erase(slash == std::string::npos ? 0 : slash);
    } while (folders.insert(folder).second && !folder.empty());
  }
  for (const std::string& folder : folders) {
    const OpenFile open(files_, open_folder_below(files_, root_.fd(), folder, false));
    if (!open) continue;  // a folder may be written and not read: then it cannot be synced
    const int synced = files_.sync(open.fd());
    // Some file systems cannot sync a folder and say so; there is nothing more to be done.
    if (synced == 0 || synced == -EINVAL || synced == -EBADF) continue;
    return machine_error(names_.prefix() + folder +
                         ": cannot be written: " + describe_errno(synced));
  }
  return {};
}

/// Says where files are that did not take their names, or did so early.
void MadeFilesSink::say_ends(Outcome outcome) {
  size_t parts = 0;
  size_t whole = 0;
  const MadeFile* first = nullptr;
  for (const Made& made : made_) {
    if (made.file->end() == MadeFile::End::kComplete) ++whole;
    if (made.file->end() != MadeFile::End::kPart) continue;
    if (parts++ == 0) first = made.file.get();
  }
  const auto count = [](size_t n, const char* one, const char* many) {
    return std::to_string(n) + (n == 1 ? " file " : " files ") + (n == 1 ? one : many);
  };
  if (parts > 0) {
    message_ = text_ + ": " + count(parts, "was", "were") +
               " not written; what was finished is in " + first->part() +
               (parts == 1 ? "" : " and so on");
  } else if (outcome == Outcome::kInterrupted && whole > 0) {
    message_ =
        text_ + ": " + count(whole, "holds", "hold") + " what was finished before the interrupt";
  }
}

std::vector<FileId> MadeFilesSink::replaced_files() const {
  std::vector<FileId> replaced;
  for (const Made& made : made_) {
    if (made.file->replaced()) replaced.push_back(*made.file->replaced());
  }
  return replaced;
}

std::string MadeFilesSink::describe() const {
  return "a file for each name, at most " + std::to_string(options_.most_files) + " below '" +
         names_.folder() + "', " + std::to_string(options_.open_files) +
         " open at once: " + std::string(format_name(*options_.format)) +
         (options_.envelopes ? " of whole envelopes" : "") +
         (compresses() ? ", " + std::string(compression_name(*options_.compression)) : "") +
         (options_.append ? ", behind what stands there" : "");
}

}  // namespace

Result<std::unique_ptr<Sink>> make_made_files_sink(std::string text, NameTemplate names,
                                                   MadeFilesOptions options, FileSystem& files) {
  // Something stands in front of the ending: a file called ".zst" says nothing.
  const std::string like = "x" + std::string(names.ending());
  if (!options.format) options.format = output_format_of_name(like);
  if (!options.compression) options.compression = compression_of_name(like);
  if (*options.format == Format::kTable) {
    return usage_error("a table is laid out for one file, and '" + text + "' makes many");
  }
  if (options.append && has_header(*options.format)) {
    return usage_error(
        "--append is not for CSV and TSV: the header would stand in the middle of a file");
  }
  if (auto fine = check_level(*options.compression, options.level); !fine) {
    return std::unexpected(fine.error());
  }
  auto writer = make_writer(*options.format, {.columns = options.columns,
                                              .separator = options.separator,
                                              .envelopes = options.envelopes,
                                              .stage_index = options.stage_index});
  if (!writer) return std::unexpected(writer.error());
  return std::make_unique<MadeFilesSink>(std::move(text), std::move(names), std::move(options),
                                         std::move(*writer), files);
}

}  // namespace weir
