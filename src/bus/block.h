// A block: the unit in which events lie on a bus.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/envelope.h"

namespace weir {

/// Neighbouring events of one queue as they are stored: the payloads as NDJSON and the envelopes in
/// columns, each a zstd frame (RFC 8878) with a checksum.
struct Block {
  uint32_t count = 0;
  uint64_t payload_bytes = 0;  ///< of the payloads, a line feed behind each
  int64_t least_time = 0;      ///< of the event_source_timestamps, in ms
  int64_t greatest_time = 0;
  /// Some events have no time but that at which they are written, which is to be counted in yet.
  bool has_unknown_time = false;
  std::string envelopes;  ///< encoded
  std::string payloads;   ///< encoded

  /// As full as blocks are made.
  bool is_full() const;
  /// So small that it is worth joining with its neighbours.
  static bool is_small(uint64_t count, uint64_t payload_bytes);
};

/// Collects events and makes blocks of them.
class BlockBuilder {
 public:
  /// A block is full with so many bytes of payload or so many events.
  static constexpr size_t kBytes = size_t{1} << 20;
  static constexpr uint32_t kEvents = 16'384;

  BlockBuilder();
  ~BlockBuilder();
  BlockBuilder(BlockBuilder&&) noexcept;
  BlockBuilder& operator=(BlockBuilder&&) noexcept;

  /// Adds an event; `payload` is JSON without a line feed. `eid` and `written` are given where the
  /// event was one before: it keeps them then. Else its eid is assigned when it is written, and its
  /// timestamp is the eid's. Where `source_time` is missing it is that timestamp, too.
  struct Event {
    std::string_view payload;
    std::string_view id;
    std::optional<int64_t> source_time;
    Correlation correlation;
    std::optional<Eid> eid;
    std::optional<int64_t> written;
  };
  void add(const Event& event);

  uint32_t count() const { return count_; }
  bool is_full() const { return payloads_.size() >= kBytes || count_ >= kEvents; }
  std::optional<Eid> first_given() const { return first_given_; }
  std::optional<Eid> last_given() const { return last_given_; }

  /// The block of what was added; begins the next one. `now` (ms) is what stands for the times that
  /// are not known. Not for no events.
  Block take(int64_t now);

 private:
  struct Columns;
  struct Codec;

  uint32_t count_ = 0;
  std::string payloads_;
  std::unique_ptr<Columns> columns_;
  std::unique_ptr<Codec> codec_;
  std::optional<Eid> first_given_;
  std::optional<Eid> last_given_;
};

/// Reads the envelopes of a block whose first event has the eid `first`; texts go to `out.texts`.
/// An error says what is damaged.
std::expected<void, std::string> decode_envelopes(const Block& block, const Eid& first,
                                                  Envelopes& out);

/// Decodes the payloads into `to`, which has room for `payload_bytes`.
std::expected<void, std::string> decode_payloads(const Block& block, char* to);

/// The times of the events of a block, event_source_timestamp, ms.
struct Times {
  int64_t least;
  int64_t greatest;
};
/// The CRC-32 (RFC 1952) of all that a block with these eids and times says.
uint32_t checksum_of(const Eid& first, const Eid& last, const Block& block, const Times& times);

/// The events of a block.
struct DecodedBlock {
  Envelopes envelopes;
  std::string payloads;
  std::vector<std::string_view> lines;  ///< of `payloads`, one for each envelope

  /// An event as it is to be added to another block, where it is the same to whoever reads it.
  BlockBuilder::Event event(size_t index) const;
};
std::expected<std::unique_ptr<DecodedBlock>, std::string> decode_block(const Block& block,
                                                                       const Eid& first);

/// A place in a block.
struct PlaceInBlock {
  uint32_t before = 0;      ///< how many events lie up to it
  std::optional<Eid> next;  ///< the first event behind it
};
/// Finds the place behind `position`, by the envelopes alone.
std::expected<PlaceInBlock, std::string> find_in_block(const Block& block, const Eid& first,
                                                       const Eid& position);

}  // namespace weir
