// What is left of a bus in a SQLite file. The index of the blocks tells them in order, also those
// whose own pages are gone; where it is damaged itself, the blocks are tried one by one.

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/endpoint.h"
#include "base/file.h"
#include "bus/salvage.h"
#include "bus/sqlite.h"
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

  std::string damage() const override { return damage_; }
  Result<std::vector<std::string>> queues() override;
  QueueMarks marks(std::string_view queue) override;
  std::optional<Find> next(std::string_view queue) override;
  Result<std::vector<BotFacts>> bots() override { return read_bots(db_); }

 private:
  std::unexpected<Error> nothing_left() const {
    return machine_error(path_ + ": " + (damage_.empty() ? "is damaged" : damage_) +
                         ", and nothing of it can be read");
  }
  std::optional<Find> find_by_index();
  std::optional<Find> find_one_by_one();
  /// A block as it is listed.
  struct Listed {
    int64_t id;
    std::string first;
    std::string last;
    int64_t events;
  };
  Find read_block(const Listed& listed);
  static Find damaged(const Listed& listed, const std::string& why);

  std::string path_;
  std::string damage_;
  Database db_;
  Statement index_{db_,
                   "SELECT id, first_eid, last_eid, events FROM blocks INDEXED BY blocks_by_eid "
                   "WHERE queue = ?1 AND last_eid > ?2 ORDER BY last_eid LIMIT 1"};
  Statement one_{db_,
                 "SELECT queue, first_eid, last_eid, events FROM blocks NOT INDEXED WHERE id = ?"};
  Statement block_{db_,
                   "SELECT first_eid, last_eid, events, payload_bytes, least_time, greatest_time, "
                   "checksum, envelopes, payloads FROM blocks NOT INDEXED WHERE id = ?"};

  // Where `next` is.
  std::string queue_;
  int64_t queue_id_ = 0;
  std::string after_;    ///< the last eid of the block that was found last
  int64_t last_id_ = 0;  ///< its id
  int64_t end_id_ = 0;   ///< no block has a greater one
  bool has_index_ = true;
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
  if (is_refused || !has_more) damage_ = cut_off(path_);
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
  Statement check(db_, "PRAGMA quick_check(1)");
  const auto bound = check.bind();
  const auto row = bound ? check.step() : Result<bool>(std::unexpected(bound.error()));
  if (row && *row && check.text(0) == "ok") return;
  std::string what = row && *row ? check.text(0) : sqlite3_errmsg(db_.handle());
  // A title stands in front, on a line of its own.
  what.erase(0, what.find('\n') + 1);
  damage_ = "is damaged (" + what + ")";
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
  Statement asked(db_, "SELECT last_eid, trimmed_eid FROM queues NOT INDEXED WHERE name = ?");
  if (!asked.bind(queue)) return {};
  if (const auto row = asked.step(); !row || !*row) return {};
  return {.last = parse_eid(asked.text(0)), .trimmed = parse_eid(asked.text(1))};
}

std::optional<Salvage::Find> SqliteSalvage::next(std::string_view queue) {
  if (queue_ != queue || queue_id_ == 0) {
    queue_ = queue;
    queue_id_ = 0;
    after_.clear();
    last_id_ = 0;
    has_index_ = true;
    Statement id(db_, "SELECT id FROM queues NOT INDEXED WHERE name = ?");
    if (!id.bind(queue)) return std::nullopt;
    if (const auto row = id.step(); !row || !*row) return std::nullopt;
    queue_id_ = id.number(0);
  }
  return has_index_ ? find_by_index() : find_one_by_one();
}

std::optional<Salvage::Find> SqliteSalvage::find_by_index() {
  const auto bound = index_.bind(queue_id_, after_);
  const auto row = bound ? index_.step() : Result<bool>(std::unexpected(bound.error()));
  if (row && !*row) return std::nullopt;
  std::string last = row ? index_.text(2) : "";
  // Eids that do not grow would lead in circles.
  if (!row || last <= after_) {
    index_.end();
    has_index_ = false;
    return Find{.piece = {},
                .damage = "the index of its blocks is damaged" +
                          (after_.empty() ? "" : " behind " + after_) +
                          "; those are looked for one by one"};
  }
  last_id_ = index_.number(0);
  after_ = std::move(last);
  const Listed listed{
      .id = last_id_, .first = index_.text(1), .last = after_, .events = index_.number(3)};
  index_.end();
  return read_block(listed);
}

std::optional<Salvage::Find> SqliteSalvage::find_one_by_one() {
  while (last_id_ < end_id_) {
    ++last_id_;
    if (!one_.bind(last_id_)) return std::nullopt;
    const auto row = one_.step();
    // What is on a page that is gone cannot be told from what never was.
    if (!row || !*row || one_.number(0) != queue_id_ || one_.text(2) <= after_) continue;
    after_ = one_.text(2);
    const Listed listed{
        .id = last_id_, .first = one_.text(1), .last = after_, .events = one_.number(3)};
    one_.end();
    return read_block(listed);
  }
  return std::nullopt;
}

Salvage::Find SqliteSalvage::damaged(const Listed& listed, const std::string& why) {
  const std::string events = std::to_string(listed.events);
  return {.piece = {},
          .damage = "the block from " + listed.first + " to " + listed.last + " (" + events +
                    (events == "1" ? " event" : " events") + ") is damaged: " + why,
          .lost = static_cast<uint64_t>(std::max<int64_t>(listed.events, 0)),
          .last_lost = parse_eid(listed.last)};
}

Salvage::Find SqliteSalvage::read_block(const Listed& listed) {
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
