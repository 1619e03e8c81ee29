#include "bus/shard.h"

#include <charconv>

#include "base/hash.h"

namespace weir {
namespace {

/// Takes a number off the front of `text`, and `next` behind it.
std::optional<uint32_t> take_number(std::string_view& text, std::string_view next) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (!text.starts_with(next)) return std::nullopt;
  text.remove_prefix(next.size());
  return number;
}

}  // namespace

std::string Split::describe() const {
  return std::to_string(count) + (count == 1 ? " shard by " : " shards by ") + key;
}

std::string Shard::text() const {
  return std::to_string(number) + "/" + std::to_string(split.count);
}

uint32_t shard_of(std::string_view key, uint32_t count) {
  return static_cast<uint32_t>(split_mix(fnv1a(key), 0) % count) + 1;
}

std::string shard_source(std::string_view source, const Shard& shard) {
  return std::string(source) + "#" + shard.describe();
}

SourceParts read_source(std::string_view text) {
  const size_t mark = text.find('#');
  // A file may have any name; those of queues have no '#' in them.
  if (mark == std::string_view::npos || !text.starts_with("queue:")) {
    return {.source = std::string(text)};
  }
  std::string_view rest = text.substr(mark + 1);
  const auto number = take_number(rest, "/");
  const auto count = number ? take_number(rest, " by ") : std::nullopt;
  if (!count) return {.source = std::string(text)};
  return {.source = std::string(text.substr(0, mark)),
          .shard = Shard{.number = *number, .split = {.count = *count, .key = std::string(rest)}}};
}

}  // namespace weir
