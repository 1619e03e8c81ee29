#include "bus/sqlite_listing.h"

#include <algorithm>

namespace weir {

BlockListing::BlockListing(Database& database, int64_t end, const std::vector<int64_t>& queues)
    : database_(database) {
  for (const int64_t queue : queues) read_index(queue);
  read_table(end);
}

void BlockListing::read_index(int64_t queue) {
  // A step at a time: where pages lead in circles, eids do not grow.
  Statement entry(database_,
                  "SELECT id, first_eid, last_eid, events FROM blocks INDEXED BY blocks_by_eid "
                  "WHERE queue = ?1 AND last_eid > ?2 ORDER BY last_eid LIMIT 1");
  std::string after;
  while (true) {
    const auto bound = entry.bind(queue, after);
    const auto row = bound ? entry.step() : Result<bool>(std::unexpected(bound.error()));
    if (row && !*row) return;
    std::string last = row ? entry.text(2) : "";
    if (!row || last <= after) {
      cut_[queue] = after;
      return;
    }
    const int64_t id = entry.number(0);
    index_[id] = {.queue = queue,
                  .block = {.id = id,
                            .first = entry.text(1),
                            .last = last,
                            .events = entry.number(3),
                            .is_there = false}};
    after = std::move(last);
  }
}

/// Notes the rows of a statement, of which `id` is the last that was noted then. False where they
/// break off: also where ids do not grow, since pages lead in circles there.
bool BlockListing::read_rows(Statement& rows, int64_t& id) {
  while (true) {
    const auto row = rows.step();
    if (!row) return false;
    if (!*row) return true;
    if (rows.number(0) <= id) return false;
    id = rows.number(0);
    table_[id] = {.queue = rows.number(1),
                  .block = {.id = id,
                            .first = rows.text(2),
                            .last = rows.text(3),
                            .events = rows.number(4),
                            .is_found = false}};
  }
}

void BlockListing::read_table(int64_t end) {
  Statement rest(database_,
                 "SELECT id, queue, first_eid, last_eid, events FROM blocks NOT INDEXED WHERE id > "
                 "? ORDER BY id");
  Statement one(database_,
                "SELECT id, queue, first_eid, last_eid, events FROM blocks NOT INDEXED WHERE id = "
                "?");
  int64_t id = 0;
  while (id < end) {
    const bool is_read = rest.bind(id) && read_rows(rest, id);
    rest.end();
    if (is_read) return;
    // Behind a page that is gone rows are looked for one by one, up to the next that is there.
    for (bool is_there = false; !is_there && id < end;) {
      int64_t before = id++;
      is_there = one.bind(id) && read_rows(one, before) && before == id;
      one.end();
    }
  }
}

std::vector<ListedBlock> BlockListing::blocks(int64_t queue) const {
  std::vector<ListedBlock> all;
  for (const auto& [id, row] : table_) {
    const auto entry = index_.find(id);
    const bool is_listed = entry != index_.end() && entry->second.block.first == row.block.first &&
                           entry->second.block.last == row.block.last;
    if ((is_listed ? entry->second.queue : row.queue) != queue) continue;
    all.push_back(row.block);
    all.back().is_found = is_listed;
  }
  for (const auto& [id, entry] : index_) {
    if (entry.queue == queue && !table_.contains(id)) all.push_back(entry.block);
  }
  std::ranges::stable_sort(all, {}, &ListedBlock::first);
  return all;
}

bool BlockListing::index_is_cut(int64_t queue, std::string& end) const {
  const auto found = cut_.find(queue);
  if (found == cut_.end()) return false;
  end = found->second;
  return true;
}

}  // namespace weir
