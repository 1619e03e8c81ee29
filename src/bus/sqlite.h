// As much of SQLite as the bus needs, so that nothing is left open and no error is passed over.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace weir {

/// A connection.
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close_v2(handle_); }

  /// Opens the file, which may be made. Statements may ask for `weir_crc(...)`: the CRC-32 (RFC
  /// 1952) of the values as texts, a line feed behind each.
  Result<void> open(const std::string& path);
  /// Opens it anew, before anything was read, so that nobody else can have it open: then SQLite
  /// needs no -shm beside it, nor room for one. Waits for others who have it open.
  Result<void> open_alone();
  /// Lets what is damaged be read as far as it goes, and nothing be written.
  Result<void> read_what_is_left();
  /// Runs statements without results.
  Result<void> run(const std::string& sql);
  /// What went wrong last, with the file's name.
  std::unexpected<Error> failure() const;
  /// An error if its name no longer leads to the file that was opened: SQLite would go on with
  /// that.
  Result<void> check_place() const;
  /// True if what went wrong last is that the file is damaged.
  bool is_damaged() const { return (sqlite3_errcode(handle_) & 0xff) == SQLITE_CORRUPT; }
  /// True if what went wrong last is that there is no room on the disk.
  bool was_full() const { return was_full_; }
  sqlite3* handle() const { return handle_; }

 private:
  int system_error() const;

  std::string path_;
  FileId file_;  ///< that was opened
  mutable bool was_full_ = false;
  sqlite3* handle_ = nullptr;
};

/// What is missing at the end of a file that is one of SQLite, as a sentence; empty if nothing is.
std::string cut_off(const std::string& path);

/// A statement that is used again and again. Blobs that are bound must outlive the steps.
class Statement {
 public:
  Statement(Database& database, std::string_view sql) : database_(database), sql_(sql) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(handle_); }

  /// Bytes, where a text is none.
  struct Blob {
    std::string_view bytes;
  };

  /// Begins anew with these values for the `?`s.
  template <typename... T>
  Result<void> bind(const T&... values) {
    if (auto prepared = prepare(); !prepared) return prepared;
    int index = 0;
    (put(++index, values), ...);
    return {};
  }
  /// True if there is a row.
  Result<bool> step();
  /// Binds, and runs to the end.
  template <typename... T>
  Result<void> run(const T&... values) {
    if (auto bound = bind(values...); !bound) return bound;
    auto stepped = step();
    sqlite3_reset(handle_);
    if (!stepped) return std::unexpected(stepped.error());
    return {};
  }
  /// Ends what `step` began, so that no snapshot is held.
  void end() { sqlite3_reset(handle_); }

  int64_t number(int column) const { return sqlite3_column_int64(handle_, column); }
  std::string text(int column) const;
  void copy_text(int column, std::string& to) const;
  bool is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

 private:
  Result<void> prepare();
  void put(int index, int64_t value) { sqlite3_bind_int64(handle_, index, value); }
  void put(int index, uint64_t value) { put(index, static_cast<int64_t>(value)); }
  void put(int index, uint32_t value) { put(index, static_cast<int64_t>(value)); }
  void put(int index, bool value) { put(index, int64_t{value}); }
  void put(int index, std::string_view value) {
    sqlite3_bind_text64(handle_, index, value.data() == nullptr ? "" : value.data(), value.size(),
                        SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  void put(int index, const std::string& value) { put(index, std::string_view(value)); }
  void put(int index, const Blob& value);

  Database& database_;
  std::string sql_;
  sqlite3_stmt* handle_ = nullptr;
};

/// Rolls back at its end what was not committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    // SQLite may have done so itself, and what failed last is what made it.
    if (open_ && sqlite3_get_autocommit(database_.handle()) == 0) (void)database_.run("ROLLBACK");
  }
  Result<void> begin() { return begin("BEGIN IMMEDIATE"); }
  /// For several reads of one and the same state.
  Result<void> begin_to_read() { return begin("BEGIN"); }
  Result<void> commit() {
    auto committed = database_.run("COMMIT");
    if (committed) open_ = false;
    return committed;
  }

 private:
  Result<void> begin(const char* sql) {
    auto begun = database_.run(sql);
    open_ = begun.has_value();
    return begun;
  }

  Database& database_;
  bool open_ = false;
};

}  // namespace weir
