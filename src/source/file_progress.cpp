#include "source/file_progress.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "codec/compression.h"
#include "event/json_bytes.h"

namespace weir {
namespace {

/// So much of a file's beginning, of its end and of what is before an offset tells it from others.
constexpr uint64_t kLooked = 1024;

std::string hash_text(std::string_view bytes) { return std::to_string(fnv1a(bytes)); }

std::string front_text(std::string_view bytes) {
  return std::to_string(bytes.size()) + "-" + hash_text(bytes);
}

/// What a checkpoint says.
struct Position {
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t front_length = 0;
  std::string front;
  std::string before;  ///< empty in the older form
  std::string end;     ///< empty there, too, and where the file was not read to its end
  std::string name;
};

/// Takes the part up to `mark`, or all there is, off the front.
std::string_view take_part(std::string_view& text, char mark) {
  const std::string_view part = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

bool read_number(std::string_view text, uint64_t& to) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, to);
  return error == std::errc() && stop == end;
}

std::optional<Position> parse_position(std::string_view text) {
  Position position;
  if (!read_number(take_part(text, '/'), position.offset)) return std::nullopt;
  if (!read_number(take_part(text, '/'), position.size)) return std::nullopt;
  std::string_view looked = take_part(text, '/');
  const std::string_view length = take_part(looked, '-');
  if (!read_number(length, position.front_length)) return std::nullopt;
  position.front = std::string(length) + "-" + std::string(take_part(looked, '-'));
  position.before = take_part(looked, '-');
  position.end = looked;
  position.name = text;
  return position;
}

/// How many of the last `rest` bytes of a file, which were read and left, are of a line without a
/// line end. What is compressed is read with its last line, and white space is none.
uint64_t waiting_bytes(uint64_t rest, std::string_view front, std::string_view end) {
  if (detect_compression(front, true) != Compression::kNone) return 0;
  return rest <= end.size() && is_blank(end.substr(end.size() - rest)) ? 0 : rest;
}

}  // namespace

/// The bytes of an open file from `offset` on, `length` of them or as many as there are.
Result<std::string> FileProgress::bytes_of(const OpenFile& file, const std::string& name,
                                           uint64_t offset, uint64_t length) {
  std::string bytes(length, '\0');
  size_t filled = 0;
  while (filled < length) {
    const ssize_t got = files_.read_at(file.fd(), bytes.data() + filled, length - filled,
                                       static_cast<off_t>(offset + filled));
    if (got < 0) {
      return machine_error(name + ": cannot be read: " + describe_errno(static_cast<int>(got)));
    }
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

std::string FileProgress::source_of(const FileId& file) {
  return "file:" + std::to_string(file.device) + "-" + std::to_string(file.inode);
}

/// The source of the file that was read by that name last; empty if none was.
Result<std::string> FileProgress::last_named(const std::string& name) {
  if (!named_) {
    auto bus = session_->open_to_write();
    if (!bus) return std::unexpected(bus.error());
    named_.emplace();
    if (*bus == nullptr) return std::string();
    const auto bots = (*bus)->bots();
    if (!bots) return std::unexpected(bots.error());
    for (const BotFacts& bot : *bots) {
      if (bot.name != session_->bot()) continue;
      for (const BotCheckpoint& one : bot.checkpoints) {
        const auto position = parse_position(one.checkpoint.position);
        if (!one.source.starts_with("file:") || !position || position->offset == 0) continue;
        named_->push_back({position->name, one.source, one.checkpoint.ended_timestamp});
      }
    }
    std::ranges::sort(*named_, {}, [](const Named& one) { return std::tie(one.name, one.at); });
  }
  const auto found = std::ranges::equal_range(*named_, name, {}, &Named::name);
  return found.empty() ? std::string() : found.back().source;
}

Result<FileProgress::Plan> FileProgress::begin(const std::string& name) {
  struct stat status {};
  if (const int result = files_.status(name, status); result < 0) {
    return machine_error(name + ": " + describe_errno(result));
  }
  if (!S_ISREG(status.st_mode)) {
    return machine_error(name + ": is no regular file, and a bot could not find its place in it");
  }
  const FileId id = id_of(status);
  Known known;
  known.source = source_of(id);
  known.name = name;
  known.size = static_cast<uint64_t>(status.st_size);
  // The same file by another name was read a moment ago.
  if (std::ranges::find(seen_, known.source) != seen_.end()) return Plan{.is_done = true};
  auto bus = session_->open_to_write();
  if (!bus) return std::unexpected(bus.error());
  auto checkpoint = *bus == nullptr ? Result<Checkpoint>(Checkpoint())
                                    : (*bus)->checkpoint(session_->bot(), known.source);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  known.from = std::move(*checkpoint);
  known.now = known.from;
  known.now.started_timestamp = started_;

  const int fd = files_.open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (fd < 0) return machine_error(name + ": cannot be opened: " + describe_errno(fd));
  const OpenFile file(files_, fd);
  const uint64_t looked = std::min(known.size, kLooked);
  const auto front = bytes_of(file, name, 0, looked);
  if (!front) return std::unexpected(front.error());
  const auto end = bytes_of(file, name, known.size - looked, looked);
  if (!end) return std::unexpected(end.error());
  known.front = front_text(*front);
  known.end = hash_text(*end);
  known.before = hash_text({});

  Plan plan;
  bool is_new = true;
  if (const auto position = parse_position(known.from.position)) {
    if (front_text(std::string_view(*front).substr(0, position->front_length)) == position->front) {
      plan.is_done = position->size > 0 && position->size == known.size &&
                     (position->end.empty() || position->end == known.end);
      plan.skip = position->offset;
      if (plan.skip > 0) known.before = position->before;
      is_new = false;
    } else {
      // By another name it is most likely another file, which has the place of a removed one.
      plan.is_rewritten = position->offset > 0 && position->name == name;
    }
  }
  if (plan.is_done) {
    plan.waiting = waiting_bytes(known.size - std::min(known.size, plan.skip), *front, *end);
    return plan;
  }
  if (is_new && !plan.is_rewritten) {
    auto last = last_named(name);
    if (!last) return std::unexpected(last.error());
    plan.in_place_of = std::move(*last);
  }
  known.offset = plan.skip;
  seen_.push_back(known.source);
  known_.push_back(std::move(known));
  read_ = 0;
  tail_.clear();
  return plan;
}

void FileProgress::pass(std::string_view bytes) {
  read_ += bytes.size();
  if (bytes.size() < kLooked) {
    tail_.append(bytes);
    if (tail_.size() > kLooked) tail_.erase(0, tail_.size() - kLooked);
  } else {
    tail_ = bytes.substr(bytes.size() - kLooked);
  }
}

bool FileProgress::is_known(std::string_view rest) const {
  if (known_.back().before.empty()) return true;
  std::string bytes =
      tail_ + std::string(rest.substr(rest.size() - std::min(rest.size(), kLooked)));
  if (bytes.size() > kLooked) bytes.erase(0, bytes.size() - kLooked);
  return hash_text(bytes) == known_.back().before;
}

void FileProgress::restart() {
  read_ = 0;
  tail_.clear();
  advance(0);
}

void FileProgress::advance(uint64_t events) {
  Known& known = known_.back();
  known.offset = read_;
  known.before = hash_text(tail_);
  known.now.records += events;
}

void FileProgress::end() { known_.back().ended = true; }

std::string FileProgress::position_of(const Known& known) const {
  std::string looked = known.front;
  if (!known.before.empty()) looked += "-" + known.before;
  if (known.ended) looked += "-" + known.end;
  return std::to_string(known.offset) + "/" + std::to_string(known.ended ? known.size : 0) + "/" +
         looked + "/" + known.name;
}

std::vector<Move> FileProgress::moves() const {
  std::vector<Move> moves;
  for (const Known& known : known_) {
    Checkpoint to = known.now;
    to.position = position_of(known);
    if (to.position == known.from.position || (known.offset == 0 && !known.ended)) continue;
    to.ended_timestamp = now_ms();
    moves.push_back({.bot = session_->bot(),
                     .source = known.source,
                     .from = known.from.position,
                     .to = std::move(to)});
  }
  return moves;
}

void FileProgress::moved() {
  for (Known& known : known_) {
    known.from = known.now;
    known.from.position = position_of(known);
  }
  std::erase_if(known_, [](const Known& known) { return known.ended; });
}

}  // namespace weir
