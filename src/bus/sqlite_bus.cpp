// The bus in one SQLite file (see weir-bus(5)).

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/file.h"
#include "bus/sqlite_bus.h"
#include "bus/sqlite_tables.h"

namespace weir {
namespace {

/// What a new file begins with. Asked of another, SQLite writes it anew each time.
constexpr const char* kLayout = "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; ";

/// What each connection begins with.
constexpr const char* kPrepare =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1024; "
    "PRAGMA foreign_keys=OFF; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF; "
    // Else Debian's SQLite writes zeros over whatever is removed, for which a full disk has no
    // room.
    "PRAGMA secure_delete=FAST";

/// So many blocks are removed at once: what is written for that, a page or two for each, is to have
/// room on a disk that is nearly full.
constexpr int64_t kTrimmedAtOnce = 64;

/// From version 1, in which bots had no words and read queues as a whole.
constexpr const char* kFromVersion1 = R"(
ALTER TABLE bots ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE bots ADD COLUMN description TEXT NOT NULL DEFAULT '';
)";

/// From version 2, in which nothing but blocks had checksums. Version 3 had no states.
constexpr const char* kFromVersion2 =
    "ALTER TABLE queues ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0; "
    "ALTER TABLE checkpoints ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0; "
    "UPDATE queues SET checksum = " WEIR_QUEUE_CRC
    "; UPDATE checkpoints SET checksum = " WEIR_CHECKPOINT_CRC ";";

/// File systems on other machines, where SQLite's locks and shared memory do not hold (statfs(2)).
constexpr std::array<int64_t, 8> kNetworks = {
    0x6969,                              // NFS
    0x517b,     0xff534d42, 0xfe534d42,  // SMB, CIFS
    0x01021997,                          // 9p
    0x00c36400,                          // Ceph
    0x5346414f,                          // AFS
    0x65735546,                          // FUSE, behind which a network may be
};

/// Makes the folders in front of the file.
void make_folders(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0700);
  }
}

}  // namespace

/// SQLite, too, follows links before it gives the files beside the bus their names.
std::string SqliteBus::lock_path() const { return follow_links(system_files(), path_) + "-lock"; }

Result<void> SqliteBus::open() {
  if (auto opened = locks_.open(lock_path()); !opened) return opened;
  if (auto opened = db_.open(path_); !opened) return opened;
  // Two that make a file at once would find it busy.
  if (auto turn = locks_.take_turn(); !turn) return turn;
  struct stat status {};
  const bool is_new = ::stat(path_.c_str(), &status) == 0 && status.st_size == 0;
  const std::string prepare = (is_new ? kLayout : "") + std::string(kPrepare);
  auto done = db_.run(prepare);
  // On a full disk one that nobody has open can still be read, and what is old be trimmed.
  if (!done && db_.was_full()) {
    done = db_.open_alone();
    if (done) done = db_.run(prepare);
  }
  locks_.end_turn();
  if (!done) return done;
  const auto owner = ask("PRAGMA application_id");
  const auto found = ask("PRAGMA user_version");
  if (!owner || !found) return std::unexpected((owner ? found : owner).error());
  if (*owner != kBusApplication) return in_turn([this] { return set_up(); });
  if (*found > kBusVersion) {
    return machine_error(path_ + ": is a bus of version " + std::to_string(*found) +
                         ", and this weir knows version " + std::to_string(kBusVersion) +
                         ": use the weir that wrote it, or a later one");
  }
  return *found == kBusVersion ? Result<void>() : in_turn([this] { return upgrade(); });
}

/// The number that a statement answers.
Result<int64_t> SqliteBus::ask(std::string_view sql) {
  Statement asked(db_, sql);
  if (auto bound = asked.bind(); !bound) return std::unexpected(bound.error());
  if (auto row = asked.step(); !row) return std::unexpected(row.error());
  return asked.number(0);
}

/// Brings the tables of an earlier version up to date, unless somebody was faster.
Result<void> SqliteBus::upgrade() {
  const auto found = ask("PRAGMA user_version");
  if (!found) return std::unexpected(found.error());
  if (*found == kBusVersion) return {};
  std::string steps = *found == 1 ? kFromVersion1 : "";
  if (*found <= 2) steps += kFromVersion2;
  for (size_t i = kSinceVersion4; i < kBusSchema.size(); ++i) {
    steps += std::string(kBusSchema[i]) + ";";
  }
  return db_.run(steps + "PRAGMA user_version=" + std::to_string(kBusVersion) + ";");
}

/// Makes the tables, unless somebody was faster.
Result<void> SqliteBus::set_up() {
  Statement any(db_, "SELECT name FROM sqlite_schema LIMIT 1");
  if (auto bound = any.bind(); !bound) return bound;
  const auto row = any.step();
  if (!row) return std::unexpected(row.error());
  const std::string name = *row ? any.text(0) : "";
  any.end();
  if (name == "queues" || name == "sqlite_autoindex_queues_1") return {};
  if (!name.empty()) {
    return machine_error(path_ + ": is a SQLite file, but no bus (it has a table '" + name + "')");
  }
  std::string schema;
  for (const char* const statement : kBusSchema) schema += std::string(statement) + ";";
  return db_.run(schema + "PRAGMA application_id=" + std::to_string(kBusApplication) +
                 "; PRAGMA user_version=" + std::to_string(kBusVersion) + ";");
}

Result<void> SqliteBus::add(int64_t queue, const Eid& first, const Eid& last, const Block& block) {
  Times times{block.least_time, block.greatest_time};
  if (block.has_unknown_time) {
    times = {std::min(times.least, first.ms), std::max(times.greatest, last.ms)};
  }
  return add_block_.run(queue, eid_text(first), eid_text(last), block.count, block.payload_bytes,
                        uint64_t{block.envelopes.size() + block.payloads.size()}, times.least,
                        times.greatest, checksum_of(first, last, block, times),
                        Statement::Blob{block.envelopes}, Statement::Blob{block.payloads});
}

Result<void> SqliteBus::append(const Append& append, int64_t now) {
  if (auto made = make_queue_.run(append.queue); !made) return made;
  if (auto bound = find_queue_.bind(append.queue); !bound) return bound;
  if (auto row = find_queue_.step(); !row) return std::unexpected(row.error());
  const int64_t id = find_queue_.number(0);
  std::optional<Eid> last = parse_eid(find_queue_.text(1));
  // One that was just made has none.
  const bool is_intact = find_queue_.number(2) != 0 || find_queue_.text(1).empty();
  find_queue_.end();
  if (!is_intact) {
    return machine_error("queue:" + append.queue +
                         ": how far it has come is damaged; 'weir queue fsck' tells what is left");
  }
  for (const Append::Piece& piece : append.pieces) {
    const Block& block = piece.block;
    Eid first;
    Eid end;
    if (piece.first) {
      first = *piece.first;
      end = *piece.last;
      if (last && first <= *last) {
        return machine_error("queue:" + append.queue + ": an event has the eid " + eid_text(first) +
                             ", and the queue has come to " + eid_text(*last) + " already");
      }
    } else {
      // Never back: where the clock does, the last millisecond is kept.
      first = {.ms = now, .sequence = 0};
      if (last && *last >= first) first = last->after(1);
      end = first.after(block.count - 1);
    }
    if (end.ms >= kLastMillisecond) {
      return machine_error("queue:" + append.queue +
                           ": has come to the end of the year 9999, where eids end");
    }
    const auto added = add(id, first, end, block);
    if (!added) return added;
    last = end;
  }
  auto ended = last ? end_queue_.run(eid_text(*last), id) : Result<void>();
  return ended ? seal_queue_.run(append.queue) : ended;
}

Result<void> SqliteBus::commit(std::span<const Append> appends, std::span<const Move> moves,
                               std::span<const StateMove> states, int64_t now) {
  return in_turn([&]() -> Result<void> {
    for (const Move& one : moves) {
      if (auto moved = move(one); !moved) return moved;
    }
    for (const StateMove& one : states) {
      if (auto changed = change_state(one); !changed) return changed;
    }
    for (const Append& one : appends) {
      if (auto appended = append(one, now); !appended) return appended;
    }
    return {};
  });
}

Result<std::optional<StoredBlock>> SqliteBus::read(std::string_view queue, const Reading& reading) {
  const Period time = reading.event_time.value_or(Period{INT64_MIN, INT64_MAX});
  if (auto bound =
          read_.bind(queue, eid_text(reading.from), time.begin, time.end, reading.envelopes_only);
      !bound) {
    return std::unexpected(bound.error());
  }
  const auto row = read_.step();
  if (!row) return std::unexpected(row.error());
  if (!*row) {
    read_.end();
    // Who follows would wait for ever.
    if (wake_fd_ < 0) return std::nullopt;
    if (const auto there = db_.check_place(); !there) return std::unexpected(there.error());
    return std::nullopt;
  }
  const std::string first = read_.text(0);
  StoredBlock stored;
  Block& block = stored.block;
  if (reading.spent != nullptr) block = std::move(*reading.spent);
  block.count = static_cast<uint32_t>(read_.number(2));
  block.payload_bytes = static_cast<uint64_t>(read_.number(3));
  block.least_time = read_.number(4);
  block.greatest_time = read_.number(5);
  read_.copy_text(7, block.envelopes);
  read_.copy_text(8, block.payloads);
  stored.trimmed = parse_eid(read_.text(9));
  const auto begin = parse_eid(first);
  const auto end = parse_eid(read_.text(1));
  const auto checksum = static_cast<uint32_t>(read_.number(6));
  read_.end();
  if (begin && end) {
    stored.first = *begin;
    stored.last = *end;
  }
  if (!begin || !end) {
    return machine_error("queue:" + std::string(queue) + ": a block has the eid '" + first +
                         "', which is none");
  }
  stored.intact =
      reading.envelopes_only || checksum_of(stored.first, stored.last, block,
                                            {block.least_time, block.greatest_time}) == checksum;
  if (reading.before && stored.first >= *reading.before) return std::nullopt;
  return stored;
}

Result<std::vector<QueueFacts>> SqliteBus::facts_of(std::string_view name) {
  Statement facts(db_,
                  "SELECT name, queues.last_eid, count(blocks.queue), total(events), "
                  "total(stored_bytes), total(payload_bytes), min(first_eid), min(least_time), "
                  "max(greatest_time) FROM queues LEFT JOIN blocks ON blocks.queue = queues.id "
                  "WHERE ?1 = '' OR name = ?1 GROUP BY queues.id ORDER BY name");
  if (auto bound = facts.bind(name); !bound) return std::unexpected(bound.error());
  std::vector<QueueFacts> all;
  while (true) {
    const auto row = facts.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return all;
    all.push_back({.name = facts.text(0),
                   .events = static_cast<uint64_t>(facts.number(3)),
                   .blocks = static_cast<uint64_t>(facts.number(2)),
                   .stored_bytes = static_cast<uint64_t>(facts.number(4)),
                   .payload_bytes = static_cast<uint64_t>(facts.number(5)),
                   .first = parse_eid(facts.text(6)),
                   .last = parse_eid(facts.text(1)),
                   .least_time = facts.number(7),
                   .greatest_time = facts.number(8)});
  }
}

Result<bool> SqliteBus::has_queue(std::string_view name) {
  if (auto bound = find_queue_.bind(name); !bound) return std::unexpected(bound.error());
  const auto row = find_queue_.step();
  find_queue_.end();
  return row;
}

Result<std::optional<QueueFacts>> SqliteBus::queue(std::string_view name) {
  auto facts = facts_of(name);
  if (!facts) return std::unexpected(facts.error());
  if (facts->empty()) return std::nullopt;
  return std::move(facts->front());
}

Result<uint64_t> SqliteBus::trim(std::string_view queue, const Eid& before) {
  int64_t at_once = kTrimmedAtOnce;
  auto events = trim_blocks(queue, before, at_once);
  while (!events && db_.was_full() && at_once > 1) {
    at_once /= 4;
    events = trim_blocks(queue, before, at_once);
  }
  // So that the log need not grow with the next step. Where it cannot be done now, that shows
  // there.
  if (events && *events > 0) (void)db_.run("PRAGMA wal_checkpoint(PASSIVE)");
  return events;
}

/// Removes the first blocks in front of `before`, so many at most.
Result<uint64_t> SqliteBus::trim_blocks(std::string_view queue, const Eid& before,
                                        int64_t at_most) {
  uint64_t events = 0;
  auto done = in_turn([&]() -> Result<void> {
    Statement first(db_,
                    "SELECT total(events), max(last) FROM (SELECT events, blocks.last_eid AS last "
                    "FROM blocks WHERE blocks.last_eid < ?2 AND queue = (SELECT id FROM queues "
                    "WHERE name = ?1) ORDER BY blocks.last_eid LIMIT ?3)");
    if (auto bound = first.bind(queue, eid_text(before), at_most); !bound) return bound;
    if (auto row = first.step(); !row) return std::unexpected(row.error());
    events = static_cast<uint64_t>(first.number(0));
    const std::string last = first.text(1);
    first.end();
    if (events == 0) return {};
    Statement mark(db_, "UPDATE queues SET trimmed_eid = ? WHERE name = ?");
    if (auto marked = mark.run(last, queue); !marked) return marked;
    if (auto sealed = seal_queue_.run(queue); !sealed) return sealed;
    Statement remove(db_,
                     "DELETE FROM blocks WHERE last_eid <= ?2 AND queue = (SELECT id FROM queues "
                     "WHERE name = ?1)");
    return remove.run(queue, last);
  });
  if (!done) return std::unexpected(done.error());
  return events;
}

Result<void> SqliteBus::mark(std::string_view queue, const QueueMarks& marks) {
  return in_turn([&]() -> Result<void> {
    if (auto made = make_queue_.run(queue); !made) return made;
    // The order of eids as texts is theirs, and an empty one lies before all.
    Statement mark(db_,
                   "UPDATE queues SET last_eid = max(last_eid, ?2), trimmed_eid = "
                   "max(trimmed_eid, ?3) WHERE name = ?1");
    const auto text = [](const std::optional<Eid>& eid) { return eid ? eid_text(*eid) : ""; };
    auto marked = mark.run(queue, text(marks.last), text(marks.trimmed));
    return marked ? seal_queue_.run(queue) : marked;
  });
}

Result<bool> SqliteBus::remove_queue(std::string_view name) {
  bool was_there = false;
  auto done = in_turn([&]() -> Result<void> {
    Statement blocks(db_,
                     "DELETE FROM blocks WHERE queue = (SELECT id FROM queues WHERE name = ?)");
    if (auto removed = blocks.run(name); !removed) return removed;
    Statement queue(db_, "DELETE FROM queues WHERE name = ?");
    auto removed = queue.run(name);
    was_there = sqlite3_changes(db_.handle()) > 0;
    return removed;
  });
  if (!done) return std::unexpected(done.error());
  return was_there;
}

Result<std::optional<Eid>> SqliteBus::trimmed(std::string_view queue) {
  Statement asked(db_, "SELECT trimmed_eid FROM queues WHERE name = ?");
  if (auto bound = asked.bind(queue); !bound) return std::unexpected(bound.error());
  const auto row = asked.step();
  if (!row) return std::unexpected(row.error());
  return *row ? parse_eid(asked.text(0)) : std::nullopt;
}

Result<int> SqliteBus::wake_fd() {
  if (wake_fd_ >= 0) return wake_fd_;
  wake_fd_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  const auto watch = [&](const std::string& path, uint32_t events) -> Result<void> {
    if (wake_fd_ >= 0 && inotify_add_watch(wake_fd_, path.c_str(), events) >= 0) return {};
    return machine_error(path + ": cannot be watched: " + describe_errno(-errno));
  };
  // A file that is removed has fewer names, which is an attribute.
  auto watched = watch(lock_path(), IN_MODIFY);
  if (watched) watched = watch(path_, IN_MOVE_SELF | IN_ATTRIB);
  if (!watched) return std::unexpected(watched.error());
  return wake_fd_;
}

void SqliteBus::seen() {
  char events[4096];
  while (wake_fd_ >= 0 && ::read(wake_fd_, events, sizeof events) > 0) {
  }
}

Result<std::unique_ptr<Bus>> open_sqlite_bus(const std::string& path, bool create) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) {
      return machine_error(path + ": cannot be opened: " + describe_errno(-errno));
    }
    if (!create) return std::unique_ptr<Bus>();
    make_folders(path);
    // For its owner alone; SQLite gives the files beside it the same mode. Nobody has it open: it
    // is new, or another process has just made it, and then this does nothing.
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST) {
      return machine_error(path + ": cannot be made: " + describe_errno(-errno));
    }
    if (fd >= 0) ::close(fd);
  } else if (!S_ISREG(status.st_mode)) {
    return machine_error(path + ": is no regular file, so it is no bus");
  } else if (status.st_size == 1) {
    // SQLite takes it for an empty file, which it would fill.
    return machine_error(path + ": is no bus, or all of it but one byte was cut off");
  }
  struct statfs system {};
  if (::statfs(path.c_str(), &system) == 0 &&
      std::ranges::find(kNetworks, static_cast<int64_t>(static_cast<uint32_t>(system.f_type))) !=
          kNetworks.end()) {
    return machine_error(
        path +
        ": lies on a network file system, where several machines could write it at "
        "once: put the bus on a local disk (--bus FILE)");
  }
  auto bus = std::make_unique<SqliteBus>(path);
  if (auto opened = bus->open(); !opened) return std::unexpected(opened.error());
  return bus;
}

}  // namespace weir
