// The blocks of a bus that may be damaged, by the table that has them and by the index of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bus/sqlite.h"

namespace weir {

/// A block as it is listed.
struct ListedBlock {
  int64_t id = 0;
  std::string first;
  std::string last;
  int64_t events = 0;
  bool is_there = true;  ///< in the table; else nothing but the index tells of it
  bool is_found = true;  ///< by who reads the queue
};

/// Reads all that the table and the index say, as far as both can be read, when it is made.
class BlockListing {
 public:
  /// No block has a greater id than `end`. `queues` are the ids of the queues.
  BlockListing(Database& database, int64_t end, const std::vector<int64_t>& queues);

  /// The blocks of a queue, in order. What is in the table and in the index in the same words
  /// belongs to the queue that the index names; the table decides about the rest.
  std::vector<ListedBlock> blocks(int64_t queue) const;
  /// True if not all that the index says of the queue could be read; then it broke off behind the
  /// eid `end`, which is empty at the beginning.
  bool index_is_cut(int64_t queue, std::string& end) const;

 private:
  struct Entry {
    int64_t queue;
    ListedBlock block;
  };

  void read_index(int64_t queue);
  void read_table(int64_t end);
  bool read_rows(Statement& rows, int64_t& id);

  Database& database_;
  std::map<int64_t, Entry> index_;      ///< by id
  std::map<int64_t, Entry> table_;      ///< by id
  std::map<int64_t, std::string> cut_;  ///< by queue: where the index broke off
};

}  // namespace weir
