#include "source/queue_shard.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "event/key.h"

namespace weir {
namespace {

/// Reads "I/N".
Result<Shard> parse_shard(std::string_view text) {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, shard.number);
  bool fine = number.ec == std::errc() && number.ptr != end && *number.ptr == '/';
  if (fine) {
    const auto count = std::from_chars(number.ptr + 1, end, shard.split.count);
    fine = count.ec == std::errc() && count.ptr == end;
  }
  fine = fine && shard.number >= 1 && shard.number <= shard.split.count &&
         shard.split.count <= Shard::kMost;
  if (fine) return shard;
  return usage_error("from: --shard takes the number of the shard and how many there are, 1/3 to " +
                     std::string("3/3 and ") + std::to_string(Shard::kMost) + " at most, not '" +
                     std::string(text) + "'");
}

/// Why the key of an event could be another in another run; empty if it could not.
std::string why_not_fixed(const expr::Node& key, const PathTable& paths) {
  constexpr std::string_view kClock[] = {"now"};
  if (expr::has_calls(key, kClock)) return "now() differs from run to run";
  for (int slot = 0; slot < paths.size(); ++slot) {
    const Path& path = paths.path(slot);
    if (path.root != Path::Root::kMeta) continue;
    if (path.names.empty()) return "meta as a whole differs from run to run";
    const std::string& name = path.names.front().text;
    if (name == "line" || name == "offset") {
      return "meta." + name + " is a place in a block, which may change";
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<QueueShard>> QueueShard::make(std::string_view shard, std::string_view key) {
  auto parsed = parse_shard(shard);
  if (!parsed) return std::unexpected(parsed.error());
  std::unique_ptr<QueueShard> made(new QueueShard());
  made->shard_ = std::move(*parsed);
  const auto about_key = [](const std::string& message) {
    return usage_error("from --key: " + message);
  };
  const auto node = expr::parse(key);
  if (!node) return about_key(node.error().message);
  // The limits are those of every run.
  auto program = expr::Program::compile(**node, key, made->paths_);
  if (!program) return about_key(program.error().message);
  if (const std::string why = why_not_fixed(**node, made->paths_); !why.empty()) {
    return about_key(why + ", and the key of an event must stay as it is");
  }
  made->shard_.split.key = expr::to_text(**node);
  made->filler_ = std::make_unique<ColumnFiller>(made->paths_, program->slots());
  made->program_ = std::make_unique<expr::Program>(std::move(*program));
  return made;
}

void QueueShard::look(const Buffer& buffer, std::string_view payloads,
                      std::shared_ptr<const Origin> origin) {
  batch_.reset();
  batch_.buffer = buffer;
  batch_.origin = std::move(origin);
  batch_.first_line = 1;
  while (!payloads.empty()) {
    const std::string_view payload = payloads.substr(0, payloads.find('\n'));
    batch_.add_text(payload, static_cast<uint32_t>(batch_.rows.size()));
    payloads.remove_prefix(payload.size() + 1);
  }
  filler_->fill(batch_, 0);
  has_.assign(batch_.rows.size(), false);
  problems_.clear();
  seen_events_ = seen_events_ || !batch_.rows.empty();
  std::string bytes;
  Arena scratch;
  for (uint32_t row = 0; row < batch_.rows.size(); ++row) {
    scratch.reset();
    // The pipeline rejects what is broken, in one of the shards.
    const bool broken = batch_.rows[row].fate != Fate::kAlive;
    const Value key = broken ? Value::missing() : program_->eval({batch_.columns, row, scratch});
    seen_keys_ = seen_keys_ || broken || !key.is_missing();
    bytes.clear();
    std::string problem = append_key(key, bytes);
    if (!problem.empty()) {
      bytes.clear();
      (void)append_key(Value::missing(), bytes);
    }
    has_[row] = shard_of(bytes, shard_.split.count) == shard_.number;
    if (has_[row] && !problem.empty()) problems_.emplace_back(row, std::move(problem));
  }
  // The buffer is wanted for the next block.
  batch_.reset();
}

const std::string& QueueShard::problem(size_t index) const {
  static const std::string kNone;
  const auto found =
      std::ranges::lower_bound(problems_, index, {}, &std::pair<size_t, std::string>::first);
  return found != problems_.end() && found->first == index ? found->second : kNone;
}

std::string QueueShard::message() const {
  if (!seen_events_ || seen_keys_) return {};
  return "from --key: no event that was read has '" + shard_.split.key +
         "', and one shard gets them all";
}

}  // namespace weir
