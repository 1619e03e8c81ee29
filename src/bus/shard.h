// Sharing a queue: which run reads which of its events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// How many runs share a queue, and by what. `key` is an expression in the one spelling that
/// expr::to_text gives it.
struct Split {
  uint32_t count = 0;
  std::string key;
  bool operator==(const Split&) const = default;
  /// "3 shards by user"
  std::string describe() const;
};

/// The share of one run.
struct Shard {
  static constexpr uint32_t kMost = 1000;

  uint32_t number = 0;  ///< from 1
  Split split;
  /// "1/3"
  std::string text() const;
  /// "1/3 by user"
  std::string describe() const { return text() + " by " + split.key; }
};

/// The number of the shard, from 1, that events with this key (see event/key.h) belong to: the
/// FNV-1a of its bytes, mixed as SplitMix64 does, modulo `count`. It never changes: bots go on
/// where earlier versions stood.
uint32_t shard_of(std::string_view key, uint32_t count);

/// What the checkpoint of a shard is kept under: "queue:orders#1/3 by user".
std::string shard_source(std::string_view source, const Shard& shard);

/// What a checkpoint is kept under, told apart.
struct SourceParts {
  std::string source;  ///< "queue:orders"
  std::optional<Shard> shard = {};
};
SourceParts read_source(std::string_view text);

}  // namespace weir
