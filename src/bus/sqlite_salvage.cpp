// What is left of a bus in a SQLite file. The index of the blocks tells them in order; where the
// file is damaged, it is held against the table.

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/endpoint.h"
#include "base/file.h"
#include "bus/salvage.h"
#include "bus/sqlite.h"
#include "bus/sqlite_listing.h"
#include "bus/sqlite_tables.h"

namespace weir {
namespace {

/// No row of a block takes fewer bytes.
constexpr int64_t kLeastRow = 100;

class SqliteSalvage final : public Salvage {
 public:
  explicit SqliteSalvage(std::string path) : path_(std::move(path)) {}

  Result<void> open(off_t size);
  /// False if the file is none of weir's, of a version that is not known, or not written to yet.
  Result<bool> is_bus();

  /// Looks whether the pages fit together, if that is not known.
  void check_pages();
  bool has_schema();

  std::string damage() const override { return damage_; }
  Result<std::vector<std::string>> queues() override;
  QueueMarks marks(std::string_view queue) override;
  std::optional<Find> next(std::string_view queue) override;
  Result<std::vector<BotFacts>> bots() override;
  Result<BotState> state(std::string_view bot, uint32_t shard) override {
    return read_state(db_, bot, shard);
  }

 private:
  std::unexpected<Error> nothing_left() const {
    return machine_error(path_ + ": " + (damage_.empty() ? "is damaged" : damage_) +
                         ", and nothing of it can be read");
  }
  std::optional<Find> begin_queue(std::string_view queue);
  std::optional<Find> begin_listing();
  std::optional<Find> find_by_index();
  std::optional<Find> find_in_listing();
  Find read_block(const ListedBlock& listed);
  static std::string words_of(const ListedBlock& listed);
  static Find damaged(const ListedBlock& listed, const std::string& why);

  std::string path_;
  std::string damage_;
  Database db_;
  Statement index_{db_,
                   "SELECT id, first_eid, last_eid, events FROM blocks INDEXED BY blocks_by_eid "
                   "WHERE queue = ?1 AND last_eid > ?2 ORDER BY last_eid LIMIT 1"};
  Statement block_{db_,
                   "SELECT first_eid, last_eid, events, payload_bytes, least_time, greatest_time, "
                   "checksum, envelopes, payloads FROM blocks NOT INDEXED WHERE id = ?"};

  // Where `next` is.
  std::string queue_;
  int64_t queue_id_ = 0;
  std::string after_;   ///< the last eid of the block that was found last
  int64_t end_id_ = 0;  ///< no block has a greater id
  std::optional<BlockListing> listing_;
  std::vector<ListedBlock> listed_;  ///< of the queue, where the index alone does not do
  size_t next_ = 0;                  ///< in `listed_`
  bool is_listed_ = false;
};

Result<void> SqliteSalvage::open(off_t size) {
  if (auto opened = db_.open(path_); !opened) return opened;
  // Pages that wait beside the file belong to it, and with them one that is short may be whole,
  // which SQLite knows.
  struct stat status {};
  const bool has_more = system_files().status(path_ + "-wal", status) == 0 && status.st_size > 0;
  end_id_ = (size + (has_more ? status.st_size : 0)) / kLeastRow;
  constexpr const char* kProbe = "SELECT count(*) FROM sqlite_schema";
  auto probed = db_.run(kProbe);
  if (!probed && db_.was_full()) {
    probed = db_.open_alone();
    if (probed) probed = db_.run(kProbe);
  }
  const bool is_refused = !probed && db_.is_damaged();
  const std::string refusal = is_refused ? sqlite3_errmsg(db_.handle()) : "";
  if (is_refused || !has_more) damage_ = cut_off(path_);
  if (is_refused && damage_.empty()) damage_ = "is damaged (" + refusal + ")";
  // They stay there.
  if (!damage_.empty()) {
    sqlite3_db_config(db_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  auto prepared = db_.read_what_is_left();
  // All of one moment: blocks that are joined or trimmed meanwhile would seem to be damaged, or be
  // read twice.
  if (prepared) prepared = db_.run("BEGIN");
  if (!prepared && db_.is_damaged()) return nothing_left();
  return prepared;
}

Result<bool> SqliteSalvage::is_bus() {
  Statement known(db_,
                  "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema WHERE "
                  "name IN ('queues', 'blocks')) FROM pragma_application_id, pragma_user_version");
  const auto bound = known.bind();
  const auto row = bound ? known.step() : Result<bool>(std::unexpected(bound.error()));
  if (!row && db_.is_damaged()) return nothing_left();
  if (!row) return std::unexpected(row.error());
  const bool is_bus =
      known.number(0) == kBusApplication && known.number(1) == kBusVersion && known.number(2) == 2;
  // The tables are missing where the page is that tells them.
  if (!is_bus && !damage_.empty()) return nothing_left();
  return is_bus;
}

void SqliteSalvage::check_pages() {
  if (!damage_.empty()) return;
  Statement check(db_, "PRAGMA integrity_check(1)");
  const auto bound = check.bind();
  const auto row = bound ? check.step() : Result<bool>(std::unexpected(bound.error()));
  if (!row || !*row || check.text(0) != "ok") {
    std::string what = row && *row ? check.text(0) : sqlite3_errmsg(db_.handle());
    // A title stands in front, on a line of its own.
    what.erase(0, what.find('\n') + 1);
    damage_ = "is damaged (" + what + ")";
    return;
  }
  if (!has_schema()) damage_ = "is damaged (its schema is not the one of a bus)";
}

/// What tables and columns are called, and of what type they are, SQLite believes. White space may
/// be another where an earlier version made the bus.
bool SqliteSalvage::has_schema() {
  const auto strip = [](std::string sql) {
    std::erase_if(sql, [](char c) { return c == ' ' || c == '\n'; });
    return sql;
  };
  std::set<std::string> missing;
  for (const char* const statement : kBusSchema) missing.insert(strip(statement));
  Statement schema(db_, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL");
  if (!schema.bind()) return false;
  for (auto row = schema.step(); row && *row; row = schema.step()) {
    missing.erase(strip(schema.text(0)));
  }
  schema.end();
  return missing.empty();
}

Result<std::vector<std::string>> SqliteSalvage::queues() {
  Statement names(db_, "SELECT name FROM queues NOT INDEXED");
  if (auto bound = names.bind(); !bound) return std::unexpected(bound.error());
  std::vector<std::string> all;
  while (true) {
    const auto row = names.step();
    if (!row && db_.is_damaged()) return nothing_left();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    // A page that is half gone may say anything.
    if (wrong_name(names.text(0)).empty()) all.push_back(names.text(0));
  }
  std::ranges::sort(all);
  return all;
}

QueueMarks SqliteSalvage::marks(std::string_view queue) {
  Statement asked(db_, "SELECT last_eid, trimmed_eid, checksum = " WEIR_QUEUE_CRC
                       " FROM queues NOT INDEXED WHERE name = ?");
  if (!asked.bind(queue)) return {};
  if (const auto row = asked.step(); !row || !*row) return {};
  return {.last = parse_eid(asked.text(0)),
          .trimmed = parse_eid(asked.text(1)),
          .intact = asked.number(2) != 0};
}

Result<std::vector<BotFacts>> SqliteSalvage::bots() {
  auto all = read_bots(db_);
  if (!all) return all;
  // Entries that belong to nothing.
  Statement lone(db_,
                 "SELECT DISTINCT bot, shard FROM state_entries WHERE (bot, shard) NOT IN (SELECT "
                 "bot, shard FROM states)");
  if (auto bound = lone.bind(); !bound) return std::unexpected(bound.error());
  while (true) {
    const auto row = lone.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return all;
    auto bot = std::ranges::find(*all, lone.text(0), &BotFacts::name);
    if (bot == all->end()) bot = all->insert(bot, {.name = lone.text(0)});
    bot->states.push_back({.shard = static_cast<uint32_t>(lone.number(1)), .intact = false});
  }
}

std::optional<Salvage::Find> SqliteSalvage::next(std::string_view queue) {
  if (queue_ != queue || queue_id_ == 0) {
    if (auto found = begin_queue(queue)) return found;
  }
  if (queue_id_ == 0) return std::nullopt;
  return is_listed_ ? find_in_listing() : find_by_index();
}

/// Answers what there is to be said in front of the blocks.
std::optional<Salvage::Find> SqliteSalvage::begin_queue(std::string_view queue) {
  queue_ = queue;
  queue_id_ = 0;
  after_.clear();
  is_listed_ = false;
  Statement id(db_, "SELECT id FROM queues NOT INDEXED WHERE name = ?");
  if (!id.bind(queue)) return std::nullopt;
  if (const auto row = id.step(); !row || !*row) return std::nullopt;
  queue_id_ = id.number(0);
  id.end();
  return damage_.empty() ? std::nullopt : begin_listing();
}

std::optional<Salvage::Find> SqliteSalvage::begin_listing() {
  if (!listing_) {
    Statement all(db_, "SELECT id FROM queues NOT INDEXED");
    std::vector<int64_t> queues;
    if (all.bind()) {
      for (auto row = all.step(); row && *row; row = all.step()) queues.push_back(all.number(0));
    }
    all.end();
    listing_.emplace(db_, end_id_, queues);
  }
  is_listed_ = true;
  listed_ = listing_->blocks(queue_id_);
  next_ = 0;
  std::string end;
  if (!listing_->index_is_cut(queue_id_, end)) return std::nullopt;
  // That says it of all behind it.
  for (ListedBlock& block : listed_) block.is_found |= block.last > end;
  return Find{.piece = {},
              .damage = "the index of its blocks is damaged" +
                        (end.empty() ? "" : " behind " + end) +
                        "; those are looked for one by one"};
}

std::optional<Salvage::Find> SqliteSalvage::find_by_index() {
  const auto bound = index_.bind(queue_id_, after_);
  const auto row = bound ? index_.step() : Result<bool>(std::unexpected(bound.error()));
  if (row && !*row) return std::nullopt;
  if (!row) {
    index_.end();
    if (auto found = begin_listing()) return found;
    return find_in_listing();
  }
  const ListedBlock listed{.id = index_.number(0),
                           .first = index_.text(1),
                           .last = index_.text(2),
                           .events = index_.number(3)};
  index_.end();
  after_ = listed.last;
  return read_block(listed);
}

std::optional<Salvage::Find> SqliteSalvage::find_in_listing() {
  while (next_ < listed_.size() && listed_[next_].last <= after_) ++next_;
  if (next_ == listed_.size()) return std::nullopt;
  const ListedBlock& listed = listed_[next_++];
  if (!listed.is_there) return damaged(listed, "it cannot be read");
  if (listed.first <= after_) return damaged(listed, "it lies among the events of another");
  Find found = read_block(listed);
  if (!found.damage.empty()) return found;
  after_ = listed.last;
  if (!listed.is_found) {
    found.damage = words_of(listed) + " is not found by who reads: it is missing in the index";
  }
  return found;
}

/// "the block from EID to EID (7 events)"
std::string SqliteSalvage::words_of(const ListedBlock& listed) {
  const std::string events = std::to_string(listed.events);
  return "the block from " + listed.first + " to " + listed.last + " (" + events +
         (events == "1" ? " event)" : " events)");
}

Salvage::Find SqliteSalvage::damaged(const ListedBlock& listed, const std::string& why) {
  return {.piece = {},
          .damage = words_of(listed) + " is damaged: " + why,
          .lost = static_cast<uint64_t>(std::max<int64_t>(listed.events, 0)),
          .last_lost = parse_eid(listed.last)};
}

Salvage::Find SqliteSalvage::read_block(const ListedBlock& listed) {
  const auto bound = block_.bind(listed.id);
  const auto row = bound ? block_.step() : Result<bool>(std::unexpected(bound.error()));
  if (!row || !*row) return damaged(listed, "it cannot be read");
  const auto first = parse_eid(block_.text(0));
  const auto last = parse_eid(block_.text(1));
  Find find;
  Block& block = find.piece.block;
  block = {.count = static_cast<uint32_t>(block_.number(2)),
           .payload_bytes = static_cast<uint64_t>(block_.number(3)),
           .least_time = block_.number(4),
           .greatest_time = block_.number(5),
           .envelopes = block_.text(7),
           .payloads = block_.text(8)};
  const auto checksum = static_cast<uint32_t>(block_.number(6));
  block_.end();
  if (!first || !last ||
      checksum_of(*first, *last, block, {block.least_time, block.greatest_time}) != checksum) {
    return damaged(listed, "its checksum does not fit");
  }
  find.piece.first = first;
  find.piece.last = last;
  Envelopes envelopes;
  if (auto done = decode_envelopes(block, *first, envelopes); !done) {
    return damaged(listed, done.error());
  }
  std::string payloads(block.payload_bytes, '\0');
  if (auto done = decode_payloads(block, payloads.data()); !done) {
    return damaged(listed, done.error());
  }
  return find;
}

}  // namespace

Result<std::unique_ptr<Salvage>> open_sqlite_salvage(const std::string& path) {
  struct stat status {};
  if (system_files().status(path, status) == 0 && S_ISREG(status.st_mode) && status.st_size > 1) {
    auto salvage = std::make_unique<SqliteSalvage>(path);
    if (auto opened = salvage->open(status.st_size); !opened) {
      return std::unexpected(opened.error());
    }
    const auto is_bus = salvage->is_bus();
    if (!is_bus) return std::unexpected(is_bus.error());
    if (*is_bus) {
      salvage->check_pages();
      return salvage;
    }
  }
  // What is no bus is said in the words that are used elsewhere, and one that was never written to
  // gets its tables.
  auto bus = open_sqlite_bus(path, false);
  if (!bus) return std::unexpected(bus.error());
  if (*bus == nullptr) return std::unique_ptr<Salvage>();
  bus->reset();
  auto salvage = std::make_unique<SqliteSalvage>(path);
  if (auto opened = salvage->open(0); !opened) return std::unexpected(opened.error());
  return salvage;
}

}  // namespace weir
