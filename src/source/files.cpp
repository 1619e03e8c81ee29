#include "source/files.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <span>
#include <utility>

#include "base/nearest.h"
#include "event/json_bytes.h"
#include "event/kernels.h"
#include "source/chunks.h"
#include "source/file_progress.h"
#include "source/input.h"
#include "source/stream_reader.h"

namespace weir {
namespace {

/// Names of a folder that are compared with a name that is not there.
constexpr size_t kNamesCompared = 2000;
/// So often a buffer is filled, of about 1 MiB, before it takes a breath.
constexpr size_t kReadsPerBreath = 16;

/// The name that was perhaps meant by one that is not there: `access` is access.ndjson, and of
/// names with one ending the part in front of it decides.
std::string near_file(std::string_view name, const std::vector<std::string>& names) {
  const auto with_ending = [&](std::string_view other) {
    return other.starts_with(name) && other.substr(name.size()).starts_with('.');
  };
  if (const auto longer = std::ranges::find_if(names, with_ending); longer != names.end()) {
    return *longer;
  }
  const std::string_view ending = name.substr(std::min(name.rfind('.'), name.size()));
  std::vector<std::string_view> stems;
  std::vector<std::string_view> others;
  for (const std::string_view other : names) {
    if (!ending.empty() && other.ends_with(ending)) {
      stems.push_back(other.substr(0, other.size() - ending.size()));
    } else {
      others.push_back(other);
    }
  }
  const std::string_view stem = nearest(name.substr(0, name.size() - ending.size()), stems);
  if (!stem.empty()) return std::string(stem) + std::string(ending);
  return std::string(nearest(name, others));
}

class FilesSource : public FileSource {
 public:
  FilesSource(std::vector<Endpoint> endpoints, const SourceOptions& options, FileSystem& files)
      : endpoints_(std::move(endpoints)),
        options_(options),
        files_(files),
        uncommitted_(options.commit) {
    if (options.bot != nullptr) progress_.emplace(options.bot, files);
  }

  Result<void> open() override;
  Result<Pull> next(Batch& batch) override;
  /// Not while threads of its own decode: whoever waits for these is to work meanwhile.
  bool reads_on() const override {
    return is_uncut_ && !live_ && !input_->is_decoded_ahead() && (!at_end_ || next_ < list_.size());
  }
  int wait_fd() const override { return input_ == nullptr ? -1 : input_->fd(); }
  bool is_live() const override { return live_; }
  std::string input_name(const FileId& file) const override {
    const auto found = std::ranges::find(list_, file, &Listed::file);
    return found == list_.end() ? std::string() : found->name;
  }
  /// A bot counts what it has read.
  void leave_uncut() override { may_stay_uncut_ = !progress_; }
  void decode_ahead(size_t jobs) override { ahead_threads_ = jobs > 1 ? jobs : 0; }
  void stop() override { stopped_ = true; }
  std::vector<std::string> take_messages() override { return std::exchange(messages_, {}); }
  Amount amount() const override { return {.read = read_, .total = total_}; }
  std::vector<std::string> describe() const override;
  Form form() const override;
  bool wants_commit() const override {
    return progress_ && (commits_first_ || uncommitted_.is_due());
  }
  bool takes_breath() const override { return takes_breath_; }
  std::vector<Move> moves() const override {
    return progress_ ? progress_->moves() : std::vector<Move>();
  }
  void moved() override {
    if (progress_) progress_->moved();
    uncommitted_.committed();
    commits_first_ = false;
  }

 private:
  /// One file of the list. `name` is what messages and events call it.
  struct Listed {
    std::string name;
    bool standard;
    FileId file = {};  ///< of a regular file
  };

  Format format_of(const Endpoint& endpoint) const;
  Result<void> expand(const Endpoint& endpoint);
  void add_namesake(const std::string& name, std::vector<std::string>& found);
  Result<void> add(const std::string& path);
  void count(const struct stat* status);
  std::string missing(const std::string& path, int error);

  Result<void> begin_file();
  Result<void> open_file(const Listed& file);
  void close_file() {
    input_.reset();
    live_ = false;
  }
  bool is_replaced(const FileProgress::Plan& plan) const;
  void say_rewritten(const Listed& file);
  Result<void> read_anew();
  Piece piece_of(std::string_view bytes, const Buffer& buffer, bool last) const;
  Result<bool> pass_known();
  Result<bool> take_rows(Batch& batch);
  bool read_more();
  void note_waiting();
  void say_waiting();
  Result<void> end_file();
  Result<Pull> fail(Error error);
  Result<bool> look_ahead();

  std::vector<Endpoint> endpoints_;
  SourceOptions options_;
  FileSystem& files_;
  std::vector<Listed> list_;
  size_t next_ = 0;  ///< index of the file to begin next
  std::atomic<bool> stopped_{false};
  bool may_stay_uncut_ = false;
  size_t ahead_threads_ = 0;

  // Bytes as they stand in the files.
  std::optional<uint64_t> total_ = 0;  ///< of all files; empty if one has no size
  std::atomic<uint64_t> read_ = 0;     ///< of all files so far
  uint64_t read_before_ = 0;           ///< of the files that were ended

  // The file that is being read.
  std::unique_ptr<Input> input_;
  std::unique_ptr<StreamReader> reader_;
  Chunks chunks_;
  bool at_end_ = false;
  bool takes_breath_ = false;
  bool is_uncut_ = false;  ///< the last batch has lines that are no rows yet
  std::atomic<bool> live_ = false;
  uint64_t uncut_lines_ = 0;  ///< of a compressed file
  std::string failure_;       ///< why the file ended early

  // Of a bot.
  std::optional<FileProgress> progress_;
  uint64_t skip_ = 0;  ///< the offset in the file up to which events were read before; 0 behind it
  bool is_checked_ = false;     ///< what is before that offset is what was read
  bool is_stuck_ = false;       ///< an event goes on behind that offset
  bool is_begun_ = false;       ///< its first bytes were looked at
  bool has_given_ = false;      ///< events of it
  bool commits_first_ = false;  ///< what was given before the file
  std::optional<Error> error_;  ///< what ends the run when that is done
  std::vector<std::string> messages_;
  /// Files whose last line has no line end, and the bytes that it has so far.
  std::vector<std::pair<std::string, uint64_t>> waiting_;
  CommitWatch uncommitted_;
};

Result<void> FilesSource::open() {
  for (const Endpoint& endpoint : endpoints_) {
    if (auto done = expand(endpoint); !done) return done;
  }
  return {};
}

Result<void> FilesSource::expand(const Endpoint& endpoint) {
  if (endpoint.is_standard()) {
    struct stat status {};
    list_.push_back({.name = "stdin", .standard = true});
    count(files_.status(0, status) == 0 ? &status : nullptr);
    return {};
  }
  if (!looks_like_pattern(endpoint.text)) return add(endpoint.text);
  std::vector<std::string> found;
  if (const int result = files_.glob(endpoint.text, found); result < 0) {
    return machine_error(endpoint.text + ": cannot be expanded: " + describe_errno(result));
  }
  struct stat status {};
  if (files_.status(endpoint.text, status) == 0) {
    if (found.empty()) return add(endpoint.text);
    if (!S_ISDIR(status.st_mode)) add_namesake(endpoint.text, found);
  }
  if (found.empty()) return machine_error(endpoint.text + ": no file matches this pattern");
  for (const std::string& path : found) {
    if (auto added = add(path); !added) return added;
  }
  return {};
}

/// A file has the very name that a pattern is: it is among what the pattern stands for, also where
/// it does not match itself, as `x[1]` does not. Where a shell has expanded a pattern, such a name
/// is one of several, and the others are not read once more.
void FilesSource::add_namesake(const std::string& name, std::vector<std::string>& found) {
  std::erase_if(found, [&](const std::string& path) {
    return path == name || std::ranges::find(endpoints_, path, &Endpoint::text) != endpoints_.end();
  });
  const size_t others = found.size();
  found.insert(std::ranges::lower_bound(found, name), name);
  if (others == 0) return;
  messages_.push_back(name + ": is the name of a file, and " + std::to_string(others) +
                      (others == 1 ? " other matches" : " others match") +
                      " it as a pattern: all are read");
}

/// What the input is, unless it is text by its name only and turns out to be NDJSON.
Format FilesSource::format_of(const Endpoint& endpoint) const {
  return options_.format.value_or(endpoint.is_standard() ? Format::kNdjson
                                                         : format_of_name(endpoint.text));
}

Source::Form FilesSource::form() const {
  const bool may_be_json = std::ranges::any_of(endpoints_, [this](const Endpoint& endpoint) {
    const Format format = format_of(endpoint);
    return format == Format::kNdjson || (format == Format::kText && !options_.format);
  });
  return {.may_be_json = may_be_json, .may_be_uncut = may_be_json && !progress_};
}

std::vector<std::string> FilesSource::describe() const {
  std::vector<std::string> lines;
  for (const Endpoint& endpoint : endpoints_) {
    const Format format = format_of(endpoint);
    std::string line = endpoint.is_standard() ? "stdin" : endpoint.text;
    line += ": " + std::string(format_name(format));
    if (!options_.format.has_value() && format == Format::kText) {
      line += " (ndjson if it starts with '{')";
    }
    lines.push_back(line + ", compression by content");
  }
  return lines;
}

/// Adds a file to the list, if it is there, readable, and a file.
Result<void> FilesSource::add(const std::string& path) {
  struct stat status {};
  if (const int result = files_.status(path, status); result < 0) {
    return machine_error(missing(path, result));
  }
  if (S_ISDIR(status.st_mode)) return machine_error(path + ": is a directory, not a file");
  if (const int result = files_.readable(path); result < 0) {
    return machine_error(path + ": cannot be read: " + describe_errno(result));
  }
  list_.push_back({.name = path, .standard = false});
  count(&status);
  return {};
}

/// Notes which file the input added last is, and adds its size to the total, if it has one.
void FilesSource::count(const struct stat* status) {
  if (status == nullptr || !S_ISREG(status->st_mode)) {
    total_.reset();
    return;
  }
  list_.back().file = id_of(*status);
  if (total_.has_value()) *total_ += static_cast<uint64_t>(status->st_size);
}

/// Why a file cannot be had, and the name beside it that was perhaps meant.
std::string FilesSource::missing(const std::string& path, int error) {
  std::string message = path + ": " + describe_errno(error);
  if (error != -ENOENT) return message;
  // The first of its folders that is not there, else the file itself.
  std::string wanted = path;
  std::vector<std::string> names;
  while (files_.list(folder_of(wanted), kNamesCompared, names) == -ENOENT) {
    const std::string folder = folder_of(wanted);
    if (folder == wanted || !path.starts_with(folder)) return message;
    wanted = folder;
    names.clear();
  }
  if (wanted != path) message = path + ": there is no folder '" + wanted + "'";
  std::sort(names.begin(), names.end());
  const std::string near = near_file(name_of(wanted), names);
  if (near.empty()) return message;
  const size_t slash = wanted.rfind('/');
  const std::string prefix = slash == std::string::npos ? "" : wanted.substr(0, slash + 1);
  return message + "; did you mean '" + prefix + near + path.substr(wanted.size()) + "'?";
}

Result<void> FilesSource::begin_file() {
  const Listed& file = list_[next_++];
  skip_ = 0;
  has_given_ = false;
  if (progress_) {
    auto plan = progress_->begin(file.name);
    if (!plan) return std::unexpected(plan.error());
    if (plan->is_done) {
      if (plan->waiting > 0) waiting_.push_back({file.name, plan->waiting});
      return {};
    }
    if (plan->is_rewritten || is_replaced(*plan)) say_rewritten(file);
    skip_ = plan->skip;
    is_checked_ = false;
    is_stuck_ = false;
  }
  return open_file(file);
}

/// True if another file had the name, which is none of those that are read now: not renamed only.
bool FilesSource::is_replaced(const FileProgress::Plan& plan) const {
  return !plan.in_place_of.empty() && std::ranges::none_of(list_, [&](const Listed& listed) {
    return FileProgress::source_of(listed.file) == plan.in_place_of;
  });
}

void FilesSource::say_rewritten(const Listed& file) {
  messages_.push_back(
      file.name + ": was cut off or replaced since it was read, and is read from its beginning");
}

Result<void> FilesSource::open_file(const Listed& file) {
  auto input = std::make_unique<Input>(files_);
  if (auto opened = file.standard ? input->open_standard() : input->open(file.name); !opened) {
    return opened;
  }
  input->decode_ahead(ahead_threads_);
  input_ = std::move(input);
  live_ = input_->is_live();
  const Format by_name = file.standard ? Format::kNdjson : format_of_name(file.name);
  reader_ = std::make_unique<StreamReader>(
      options_, by_name, std::make_shared<const Origin>(Origin{.name = file.name}), file.standard);
  chunks_.begin_stream(options_.max_event);
  at_end_ = false;
  is_uncut_ = false;
  uncut_lines_ = 0;
  is_begun_ = false;
  failure_.clear();
  return {};
}

/// What a reader sees of the bytes that are in memory: of a bot's file that was read before, those
/// up to where it stopped.
Piece FilesSource::piece_of(std::string_view bytes, const Buffer& buffer, bool last) const {
  // To a bot, the beginning of a line that somebody is still writing is no event so far.
  const bool unfinished = progress_ && input_->is_plain_file();
  return {.bytes = bytes,
          .buffer = buffer,
          .offset = chunks_.offset(),
          .last = last,
          .broken = !failure_.empty() || unfinished,
          .may_stay_uncut = may_stay_uncut_};
}

/// The file is not the one that was read up to `skip_`.
Result<void> FilesSource::read_anew() {
  const Listed& file = list_[next_ - 1];
  say_rewritten(file);
  progress_->restart();
  skip_ = 0;
  return open_file(file);
}

/// Reads what was read before once more, for formats, headers and the numbers of lines, and drops
/// it. False if that takes more bytes; true if it has come to `skip_`.
Result<bool> FilesSource::pass_known() {
  const Buffer buffer = chunks_.share();
  while (chunks_.position() < skip_) {
    const std::string_view all = chunks_.bytes();
    const std::string_view bytes = all.substr(0, skip_ - chunks_.position());
    const bool is_whole = bytes.size() == skip_ - chunks_.position();
    if (is_whole && !is_checked_) {
      if (!progress_->is_known(bytes)) {
        if (auto begun = read_anew(); !begun) return std::unexpected(begun.error());
        return false;
      }
      is_checked_ = true;
    }
    // A file may have ended without a line end where it goes on now. Then that ended its last
    // event.
    bool ends_here = false;
    if (is_whole && is_stuck_) {
      const std::string_view behind = all.substr(bytes.size());
      if (behind.size() < 2 && !at_end_) return false;
      const size_t line_end = behind.starts_with('\n') ? 1 : behind.starts_with("\r\n") ? 2 : 0;
      if (!bytes.ends_with('\n') && line_end > 0) {
        skip_ += line_end;
        is_stuck_ = false;
        continue;
      }
      ends_here = true;
    }
    Batch batch;
    Piece piece = piece_of(bytes, buffer, ends_here);
    if (ends_here) piece.broken = false;
    const Result<size_t> taken = reader_->take(piece, batch);
    if (!taken) {
      close_file();
      return std::unexpected(taken.error());
    }
    progress_->pass(bytes.substr(0, *taken));
    chunks_.consume(*taken);
    if (*taken > 0 || (is_whole && !is_stuck_)) {
      is_stuck_ = *taken == 0;
      continue;
    }
    if (!at_end_ || !failure_.empty()) return false;
    if (auto begun = read_anew(); !begun) return std::unexpected(begun.error());
    return false;
  }
  progress_->advance(0);
  skip_ = 0;
  return true;
}

/// Fills the batch with the next events. False if that takes more bytes.
Result<bool> FilesSource::take_rows(Batch& batch) {
  if (skip_ > 0) {
    const Result<bool> passed = pass_known();
    if (!passed || !*passed) return passed;
  }
  const Buffer buffer = chunks_.share();
  const std::string_view bytes = chunks_.bytes();
  const Result<size_t> taken = reader_->take(piece_of(bytes, buffer, at_end_), batch);
  if (!taken) {
    close_file();
    return std::unexpected(taken.error());
  }
  if (progress_) {
    uncommitted_.add(*taken, batch.rows.size());
    progress_->pass(bytes.substr(0, *taken));
    if (!batch.rows.empty()) has_given_ = true;
    // In the middle of an event is no place to go on from.
    if (!reader_->is_passing()) progress_->advance(batch.rows.size());
  }
  chunks_.consume(*taken);
  if (batch.rows.empty() && batch.uncut.text.empty()) return false;
  is_uncut_ = !batch.uncut.text.empty();
  // Where a compressed file breaks off is told in lines.
  if (is_uncut_ && !input_->is_plain()) uncut_lines_ += count_byte(batch.uncut.text, '\n');
  return true;
}

/// Reads what can be had without waiting, up to a full buffer. False if that is nothing for now.
bool FilesSource::read_more() {
  // Who works on lines also reads them, and so decodes them, where they are not cut here.
  const bool are_uncut = may_stay_uncut_ && reader_->has_cutter();
  input_->limit_ahead(are_uncut ? Input::Ahead::kFrames : Input::Ahead::kAll);
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
  read_ = read_before_ + input_->bytes_read();
  return filled > 0 || at_end_;
}

/// Notes what is left of the file that was read: a line that somebody is still writing, it may be.
void FilesSource::note_waiting() {
  if (!input_->is_plain_file()) return;
  if (is_blank(chunks_.bytes()) && !reader_->is_passing()) return;
  waiting_.push_back({list_[next_ - 1].name, input_->bytes_read() - progress_->reached()});
}

/// Says at the end what no event was made of.
void FilesSource::say_waiting() {
  if (waiting_.empty()) return;
  const size_t others = waiting_.size() - 1;
  const auto& [name, bytes] = waiting_.front();
  messages_.push_back(name + ": the last line has no line end: its " + std::to_string(bytes) +
                      (bytes == 1 ? " byte waits" : " bytes wait") + " for a run that finds one" +
                      (others == 0   ? ""
                       : others == 1 ? "; so it is in 1 other file"
                                     : "; so it is in " + std::to_string(others) + " other files"));
  waiting_.clear();
}

/// Closes the file. An error if it broke off.
Result<void> FilesSource::end_file() {
  if (progress_ && failure_.empty()) {
    progress_->end();
    note_waiting();
  }
  const uint64_t bytes = input_->bytes_read();
  // Where an input has failed is a number of bytes, which of a compressed one nobody could find.
  const bool is_plain = input_->is_plain();
  const uint64_t count = is_plain ? bytes : reader_->lines() + uncut_lines_;
  read_before_ += bytes;
  close_file();
  if (failure_.empty()) return {};
  std::string message = list_[next_ - 1].name + ": " + failure_;
  if (!progress_ || has_given_) {
    message += "; " + std::to_string(count) +
               (is_plain     ? " bytes were"
                : count == 1 ? " line was"
                             : " lines were") +
               " read before";
  }
  if (progress_) message += "; once it is whole or moved away the bot goes on";
  return machine_error(std::move(message));
}

/// Whether a compressed file is whole shows at its end. A bot takes nothing of one that is seen to
/// be broken, and commits what it has before it begins one whose end is not in sight: else events
/// of whole files would wait for as long as a broken one lies behind them. False if the commit
/// comes first.
Result<bool> FilesSource::look_ahead() {
  if (!progress_ || is_begun_ || (chunks_.bytes().empty() && !at_end_)) return true;
  is_begun_ = true;
  if (!failure_.empty()) return std::unexpected(end_file().error());
  commits_first_ = !at_end_ && !input_->is_plain_file() && uncommitted_.may_commit();
  return !commits_first_;
}

/// Ends the run. Where nothing of the file was given, what was given before is committed first.
Result<Pull> FilesSource::fail(Error error) {
  if (!progress_ || has_given_ || !uncommitted_.may_commit()) {
    return std::unexpected(std::move(error));
  }
  error_ = std::move(error);
  commits_first_ = true;
  return Pull::kIdle;
}

Result<Pull> FilesSource::next(Batch& batch) {
  takes_breath_ = false;
  for (size_t reads = 0;; ++reads) {
    if (error_ && !commits_first_) return std::unexpected(*error_);
    if (error_) return Pull::kIdle;
    if (input_ == nullptr) {
      if (stopped_ || next_ == list_.size()) {
        say_waiting();
        return Pull::kEnd;
      }
      if (auto begun = begin_file(); !begun) return fail(begun.error());
      if (input_ == nullptr) continue;
    }
    // A regular file always has something to say, so that the run goes on when it has committed.
    if (wants_commit()) return Pull::kIdle;
    const Result<bool> may_take = look_ahead();
    if (!may_take) return fail(may_take.error());
    if (!*may_take) return Pull::kIdle;
    const Result<bool> some = take_rows(batch);
    if (!some) return fail(some.error());
    if (*some) return Pull::kBatch;
    if (at_end_) {
      if (auto ended = end_file(); !ended) return fail(ended.error());
      continue;
    }
    if (stopped_) {
      // The rest of a line is in the file still; of a pipe it would be lost.
      if (!input_->is_live()) {
        close_file();
        continue;
      }
      input_->stop();
    }
    // An event may be so long that it never ends.
    takes_breath_ = reads >= kReadsPerBreath;
    if (takes_breath_ || !read_more()) return Pull::kIdle;
  }
}

}  // namespace

Result<std::unique_ptr<FileSource>> make_file_source(std::vector<Endpoint> endpoints,
                                                     SourceOptions options, FileSystem& files) {
  if (auto settled = settle_options(options); !settled) return std::unexpected(settled.error());
  return std::make_unique<FilesSource>(std::move(endpoints), options, files);
}

}  // namespace weir
