// Joining small blocks, and what lies behind a place, which may be in the middle of one.
#include <algorithm>
#include <utility>

#include "bus/sqlite_bus.h"

namespace weir {
namespace {

/// So many blocks are joined at once: others wait for their turn no longer than that takes.
constexpr size_t kAtOnce = 1024;

}  // namespace

/// The first small blocks from `from` on that lie side by side, two at least, until they fill a
/// block; none if there are none. The index has all of this.
Result<std::vector<SqliteBus::Small>> SqliteBus::find_small(std::string_view queue,
                                                            const Eid& from) {
  Statement walk(db_,
                 "SELECT id, first_eid, blocks.last_eid, events, payload_bytes FROM blocks WHERE "
                 "queue = (SELECT id FROM queues WHERE name = ?) AND blocks.last_eid >= ? ORDER BY "
                 "blocks.last_eid");
  if (auto bound = walk.bind(queue, eid_text(from)); !bound) return std::unexpected(bound.error());
  std::vector<Small> found;
  uint64_t events = 0;
  uint64_t bytes = 0;
  while (bytes < BlockBuilder::kBytes && events < BlockBuilder::kEvents && found.size() < kAtOnce) {
    const auto row = walk.step();
    if (!row) return std::unexpected(row.error());
    const auto first = *row ? parse_eid(walk.text(1)) : std::nullopt;
    const auto last = *row ? parse_eid(walk.text(2)) : std::nullopt;
    const auto count = *row ? static_cast<uint64_t>(walk.number(3)) : 0;
    const auto size = *row ? static_cast<uint64_t>(walk.number(4)) : 0;
    if (first && last && Block::is_small(count, size)) {
      found.push_back({.id = walk.number(0), .first = *first, .last = *last});
      events += count;
      bytes += size;
      continue;
    }
    if (found.size() >= 2) break;
    found.clear();
    events = bytes = 0;
    if (!*row) break;
  }
  return found;
}

/// Reads small blocks and makes others of their events, up to one that is damaged or gone.
Result<SqliteBus::Joined> SqliteBus::join(std::string_view queue, std::vector<Small>& small) {
  Joined joined;
  BlockBuilder builder;
  const auto close = [&] {
    const auto first = builder.first_given();
    const auto last = builder.last_given();
    joined.pieces.push_back({.block = builder.take(0), .first = first, .last = last});
  };
  for (Small& one : small) {
    const auto stored = read(queue, {.from = one.first, .before = {}, .event_time = {}});
    if (!stored) return std::unexpected(stored.error());
    joined.next = one.last.after(1);
    if (!*stored || (*stored)->first != one.first || (*stored)->last != one.last) break;
    const Block& block = (*stored)->block;
    if (!(*stored)->intact) break;
    const auto decoded = decode_block(block, one.first);
    if (!decoded) break;
    for (size_t i = 0; i < (*decoded)->lines.size(); ++i) {
      builder.add((*decoded)->event(i));
      if (builder.is_full()) close();
    }
    one.checksum = checksum_of(one.first, one.last, block, {block.least_time, block.greatest_time});
    joined.next.reset();
    ++joined.blocks;
  }
  if (builder.count() > 0) close();
  return joined;
}

/// Puts the pieces where the blocks were. False, and nothing is changed, if one is not there as it
/// was read.
Result<bool> SqliteBus::replace(std::string_view queue, const std::vector<Small>& small,
                                const std::vector<Append::Piece>& pieces) {
  bool as_read = true;
  auto done = in_turn(
      [&]() -> Result<void> {
        if (auto bound = find_queue_.bind(queue); !bound) return bound;
        const auto row = find_queue_.step();
        if (!row) return std::unexpected(row.error());
        const int64_t id = *row ? find_queue_.number(0) : 0;
        find_queue_.end();
        for (const Small& one : small) {
          const auto removed =
              remove_block_.run(one.id, id, eid_text(one.first), eid_text(one.last), one.checksum);
          if (!removed) return removed;
          as_read = sqlite3_changes(db_.handle()) == 1;
          // Rolls back what was removed so far.
          if (!as_read) return std::unexpected(Error{ErrorKind::kClosed, ""});
        }
        for (const Append::Piece& piece : pieces) {
          if (auto added = add(id, *piece.first, *piece.last, piece.block); !added) return added;
        }
        return {};
      },
      false);
  if (!as_read) return false;
  if (!done) return std::unexpected(done.error());
  return true;
}

Result<std::optional<Eid>> SqliteBus::compact(std::string_view queue, const Eid& from) {
  auto small = find_small(queue, from);
  if (!small) return std::unexpected(small.error());
  if (small->empty()) return std::nullopt;
  // Read and compressed outside of any transaction.
  const auto joined = join(queue, *small);
  if (!joined) return std::unexpected(joined.error());
  small->resize(joined->blocks);
  if (small->size() < 2) return joined->next;
  const auto replaced = replace(queue, *small, joined->pieces);
  if (!replaced) return std::unexpected(replaced.error());
  const Append::Piece& last = joined->pieces.back();
  // Where another was faster, its work is not done again.
  if (!*replaced) return last.last->after(1);
  return last.block.is_full() ? last.last->after(1) : *last.first;
}

Result<std::optional<Eid>> SqliteBus::small_end(std::string_view queue, size_t at_least) {
  if (auto bound = small_end_.bind(queue); !bound) return std::unexpected(bound.error());
  std::optional<Eid> begin;
  size_t count = 0;
  for (; count < std::max(kAtOnce, at_least); ++count) {
    const auto row = small_end_.step();
    if (!row) return std::unexpected(row.error());
    if (!*row || !Block::is_small(static_cast<uint64_t>(small_end_.number(1)),
                                  static_cast<uint64_t>(small_end_.number(2)))) {
      break;
    }
    begin = parse_eid(small_end_.text(0));
  }
  small_end_.end();
  return count >= at_least ? begin : std::nullopt;
}

/// In steps, so that others get their turn in between. Each takes what it wrote to the log into the
/// file, which is shorter then: so the log stays small, and there is more room for the next step.
Result<void> SqliteBus::give_back() {
  int64_t at_once = 256;
  int64_t left = INT64_MAX;
  while (true) {
    const auto pages = ask("PRAGMA freelist_count");
    if (!pages) return std::unexpected(pages.error());
    // What others free and take meanwhile is theirs.
    if (*pages == 0 || *pages >= left) break;
    if (auto turn = locks_.take_turn(); !turn) return turn;
    auto done = db_.run("PRAGMA incremental_vacuum(" + std::to_string(at_once) + ")");
    if (done) done = db_.run("PRAGMA wal_checkpoint(PASSIVE)");
    locks_.end_turn();
    if (done) {
      left = *pages;
    } else if (db_.was_full() && at_once > 1) {
      at_once /= 4;
    } else {
      return done;
    }
  }
  if (auto turn = locks_.take_turn(); !turn) return turn;
  auto done = db_.run("PRAGMA wal_checkpoint(TRUNCATE)");
  locks_.end_turn();
  return done;
}

Result<Behind> SqliteBus::behind(std::string_view queue, std::optional<Eid> position) {
  const std::string after = position ? eid_text(*position) : std::string();
  // Blocks that are joined in between would be counted twice.
  Transaction transaction(db_);
  if (auto begun = transaction.begin_to_read(); !begun) return std::unexpected(begun.error());
  // The index has all of this, so no block is touched.
  Statement whole(db_,
                  "SELECT total(events), total(payload_bytes), min(first_eid) FROM blocks WHERE "
                  "queue = (SELECT id FROM queues WHERE name = ?1) AND last_eid > ?2 AND "
                  "first_eid > ?2");
  if (auto bound = whole.bind(queue, after); !bound) return std::unexpected(bound.error());
  if (auto row = whole.step(); !row) return std::unexpected(row.error());
  Behind found{.events = static_cast<uint64_t>(whole.number(0)),
               .payload_bytes = static_cast<uint64_t>(whole.number(1)),
               .oldest = parse_eid(whole.text(2))};
  whole.end();
  if (!position) return found;
  const auto part = behind_in_block(queue, *position);
  if (!part) return std::unexpected(part.error());
  found.events += part->events;
  found.payload_bytes += part->payload_bytes;
  if (part->oldest) found.oldest = part->oldest;
  return found;
}

/// What lies behind `position` in the block that has it in its middle, if there is one.
Result<Behind> SqliteBus::behind_in_block(std::string_view queue, const Eid& position) {
  Statement part(db_,
                 "SELECT id, first_eid, last_eid, events, payload_bytes FROM blocks WHERE "
                 "queue = (SELECT id FROM queues WHERE name = ?1) AND last_eid > ?2 AND "
                 "first_eid <= ?2");
  if (auto bound = part.bind(queue, eid_text(position)); !bound) {
    return std::unexpected(bound.error());
  }
  const auto row = part.step();
  if (!row) return std::unexpected(row.error());
  const auto first = *row ? parse_eid(part.text(1)) : std::nullopt;
  const auto last = *row ? parse_eid(part.text(2)) : std::nullopt;
  const auto events = static_cast<uint64_t>(*row ? part.number(3) : 0);
  if (!first || !last || events == 0) return Behind();
  uint64_t passed = 0;
  std::optional<Eid> next;
  if (first->after(events - 1) == *last) {
    // One follows the other without a gap, as they were assigned.
    passed = static_cast<uint64_t>(position.ms - first->ms) * Eid::kSequences + position.sequence -
             first->sequence + 1;
    next = position.after(1);
  } else {
    Statement envelopes(db_, "SELECT envelopes FROM blocks WHERE id = ?");
    if (auto bound = envelopes.bind(part.number(0)); !bound) return std::unexpected(bound.error());
    if (auto read = envelopes.step(); !read) return std::unexpected(read.error());
    Block block;
    block.count = static_cast<uint32_t>(events);
    block.envelopes = envelopes.text(0);
    const auto place = find_in_block(block, *first, position);
    // Of a damaged block all but one.
    passed = place ? place->before : 1;
    next = place ? place->next : position.after(1);
  }
  passed = std::min(passed, events);
  const auto bytes = static_cast<uint64_t>(part.number(4));
  return Behind{
      .events = events - passed, .payload_bytes = bytes - bytes * passed / events, .oldest = next};
}

}  // namespace weir
