#include "source/file_progress.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/hash.h"

namespace weir {
namespace {

/// So much of a file's beginning tells it from others.
constexpr uint64_t kFront = 1024;

/// What a checkpoint says.
struct Position {
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t front_length = 0;
  std::string front;
};

std::optional<Position> parse_position(std::string_view text) {
  Position position;
  const auto number = [&](uint64_t& to, char behind) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    if (error != std::errc() || end == text.data() + text.size() || *end != behind) return false;
    text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
    return true;
  };
  if (!number(position.offset, '/') || !number(position.size, '/')) return std::nullopt;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  position.front = text.substr(0, slash);
  if (!number(position.front_length, '-')) return std::nullopt;
  return position;
}

}  // namespace

/// The first bytes of a file, at most `length`, as LENGTH-HASH.
Result<std::string> FileProgress::front_of(const std::string& name, uint64_t length) {
  const int fd = files_.open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (fd < 0) return machine_error(name + ": cannot be opened: " + describe_errno(fd));
  const OpenFile file(files_, fd);
  std::array<char, kFront> bytes;
  const size_t wanted = std::min(length, kFront);
  size_t filled = 0;
  while (filled < wanted) {
    const ssize_t got = files_.read(fd, bytes.data() + filled, wanted - filled);
    if (got < 0) {
      return machine_error(name + ": cannot be read: " + describe_errno(static_cast<int>(got)));
    }
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return std::to_string(filled) + "-" + std::to_string(fnv1a({bytes.data(), filled}));
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
  known.source = "file:" + std::to_string(id.device) + "-" + std::to_string(id.inode);
  known.name = name;
  known.size = static_cast<uint64_t>(status.st_size);
  // The same file by another name was read a moment ago.
  if (std::ranges::find(seen_, known.source) != seen_.end()) return Plan{.is_done = true};
  auto bus = session_->open_to_write();
  if (!bus) return std::unexpected(bus.error());
  auto checkpoint = (*bus)->checkpoint(session_->bot(), known.source);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  known.before = std::move(*checkpoint);
  known.now = known.before;
  known.now.started_timestamp = started_;
  auto front = front_of(name, known.size);
  if (!front) return std::unexpected(front.error());
  known.front = std::move(*front);
  Plan plan;
  if (const auto position = parse_position(known.before.position)) {
    const auto begins = front_of(name, position->front_length);
    if (!begins) return std::unexpected(begins.error());
    if (*begins == position->front) {
      plan.skip = position->offset;
      plan.is_done = position->size > 0 && position->size == known.size;
    }
  }
  if (plan.is_done) return plan;
  known.offset = plan.skip;
  seen_.push_back(known.source);
  known_.push_back(std::move(known));
  return plan;
}

void FileProgress::advance(uint64_t offset, uint64_t events) {
  known_.back().offset = offset;
  known_.back().now.records += events;
}

void FileProgress::end() { known_.back().ended = true; }

std::string FileProgress::position_of(const Known& known) const {
  return std::to_string(known.offset) + "/" + std::to_string(known.ended ? known.size : 0) + "/" +
         known.front + "/" + known.name;
}

std::vector<Move> FileProgress::moves() const {
  std::vector<Move> moves;
  for (const Known& known : known_) {
    Checkpoint to = known.now;
    to.position = position_of(known);
    if (to.position == known.before.position || (known.offset == 0 && !known.ended)) continue;
    to.ended_timestamp = now_ms();
    moves.push_back({.bot = session_->bot(),
                     .source = known.source,
                     .from = known.before.position,
                     .to = std::move(to)});
  }
  return moves;
}

void FileProgress::moved() {
  for (Known& known : known_) {
    known.before = known.now;
    known.before.position = position_of(known);
  }
  std::erase_if(known_, [](const Known& known) { return known.ended; });
}

}  // namespace weir
