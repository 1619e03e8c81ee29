#include "bus/sqlite.h"

#include <isa-l/crc.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "base/file.h"

namespace weir {
namespace {

/// How long to wait for others, in ms. Writers take turns before they ask, so that only what is
/// not ours can make one wait: a backup, somebody's sqlite3.
constexpr int kBusy = 60'000;

void weir_crc(sqlite3_context* context, int count, sqlite3_value** values) {
  uint32_t sum = 0;
  const auto add = [&](const unsigned char* bytes, size_t size) {
    sum = crc32_gzip_refl(sum, bytes, size);
  };
  for (int i = 0; i < count; ++i) {
    const unsigned char* const text = sqlite3_value_text(values[i]);
    add(text, static_cast<size_t>(sqlite3_value_bytes(values[i])));
    add(reinterpret_cast<const unsigned char*>("\n"), 1);
  }
  sqlite3_result_int64(context, sum);
}

}  // namespace

Result<void> Database::open(const std::string& path) {
  path_ = path;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  file_ = {};
  if (sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr) != SQLITE_OK) return failure();
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) file_ = id_of(status);
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusy);
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  if (sqlite3_create_function_v2(handle_, "weir_crc", -1, kFlags, nullptr, weir_crc, nullptr,
                                 nullptr, nullptr) != SQLITE_OK) {
    return failure();
  }
  return {};
}

Result<void> Database::open_alone() {
  sqlite3_close_v2(handle_);
  handle_ = nullptr;
  if (auto opened = open(path_); !opened) return opened;
  // Before the log is looked at: its index is in memory then (https://sqlite.org/wal.html, 8).
  return run("PRAGMA locking_mode=EXCLUSIVE");
}

Result<void> Database::read_what_is_left() {
  // SQLite reads no file that is shorter than it says, unless the schema may be written: that is
  // how it lets one look into what is damaged.
  return run(
      "PRAGMA writable_schema=ON; PRAGMA query_only=ON; PRAGMA cell_size_check=ON; "
      "PRAGMA trusted_schema=OFF");
}

Result<void> Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return {};
}

/// The errno of what the system refused to do with the file or its log; 0 if that is not known.
int Database::system_error() const {
  if (handle_ == nullptr) return 0;
  int error = 0;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  if (error != 0) return error;
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log != nullptr && log->pMethods != nullptr) {
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
  }
  // What is known without asking the files may be of a call that came after.
  return error != 0 ? error : sqlite3_system_errno(handle_);
}

Result<void> Database::check_place() const {
  struct stat status {};
  const bool is_there = ::stat(path_.c_str(), &status) == 0;
  if (file_ == FileId() || (is_there ? id_of(status) == file_ : errno != ENOENT)) return {};
  return machine_error(path_ + ": was moved or removed while it was open" +
                       (is_there ? ", and another file has its place" : ""));
}

std::unexpected<Error> Database::failure() const {
  // The rest of the code tells what kind of fault it was, which SQLite's words do better.
  int code = sqlite3_errcode(handle_) & 0xff;
  const int error = system_error();
  // SQLite takes a file that the disk does not give for one that is damaged.
  if (code == SQLITE_CORRUPT && (error == EIO || error == ENXIO)) code = SQLITE_IOERR;
  was_full_ = code == SQLITE_FULL || (code == SQLITE_IOERR && error == ENOSPC);
  // The last to close takes the log into the file and removes it. SQLite 3.40 has been seen to
  // remove one that it could not read, and all that was committed there was lost; so who has met a
  // fault leaves that to the next.
  if (code != SQLITE_BUSY && handle_ != nullptr) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  if (const auto there = check_place(); !there) return std::unexpected(there.error());
  if (was_full_) return machine_error(path_ + ": the disk is full");
  switch (code) {
    case SQLITE_BUSY:
      return machine_error(path_ + ": another program has been holding the bus for a minute");
    case SQLITE_NOTADB:
      return machine_error(path_ + ": is no bus, and no SQLite file at all");
    case SQLITE_CORRUPT:
      if (const std::string cut = cut_off(path_); !cut.empty()) {
        return machine_error(path_ + ": " + cut + "; 'weir queue fsck' tells what is left");
      }
      return machine_error(path_ + ": is damaged (" + sqlite3_errmsg(handle_) +
                           "); 'weir queue fsck' tells what is left");
    case SQLITE_READONLY:
      return machine_error(path_ +
                           ": cannot be written: it could only be opened to be read; who reads a "
                           "bus must be able to "
                           "write it, its folder and the files beside it, too (see weir-bus(5))");
    case SQLITE_CANTOPEN:
      return machine_error(path_ +
                           ": it, or a file beside it (-wal, -shm), cannot be opened; who reads a "
                           "bus must be able to "
                           "write all of them and their folder, too (see weir-bus(5))");
    case SQLITE_IOERR:
      // SQLite's words are the same for all of these.
      if (error != 0) return machine_error(path_ + ": fails on the disk: " + describe_errno(error));
      [[fallthrough]];
    default:
      return machine_error(path_ + ": " + sqlite3_errmsg(handle_));
  }
}

std::string cut_off(const std::string& path) {
  // The header (https://sqlite.org/fileformat.html, 1.3) has numbers with the highest byte first.
  std::array<unsigned char, 100> header{};
  const int fd = system_files().open(path, O_RDONLY, 0);
  const OpenFile file(system_files(), fd);
  struct stat status {};
  if (fd < 0 || system_files().status(fd, status) < 0) return {};
  const ssize_t got =
      system_files().read(fd, reinterpret_cast<char*>(header.data()), header.size());
  const auto number = [&](size_t at, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value << 8 | header[at + i];
    return value;
  };
  if (got < static_cast<ssize_t>(header.size())) return {};
  // A page of 65536 bytes is written as 1. The number of pages counts if its author wrote last.
  const uint64_t page = number(16, 2) == 1 ? 65'536 : number(16, 2);
  const uint64_t whole = number(24, 4) == number(92, 4) ? page * number(28, 4) : 0;
  const auto is = static_cast<uint64_t>(status.st_size);
  if (is >= whole) return {};
  return "is cut off: " + std::to_string(is) + " of its " + std::to_string(whole) +
         " bytes are there";
}

Result<void> Statement::prepare() {
  if (handle_ != nullptr) {
    sqlite3_reset(handle_);
    return {};
  }
  const int result =
      sqlite3_prepare_v3(database_.handle(), sql_.data(), static_cast<int>(sql_.size()),
                         SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (result != SQLITE_OK) return database_.failure();
  return {};
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  auto failed = database_.failure();
  sqlite3_reset(handle_);
  return failed;
}

std::string Statement::text(int column) const {
  std::string text;
  copy_text(column, text);
  return text;
}

void Statement::copy_text(int column, std::string& to) const {
  const void* const bytes = sqlite3_column_blob(handle_, column);
  const auto size = static_cast<size_t>(sqlite3_column_bytes(handle_, column));
  to.clear();
  if (bytes != nullptr) to.assign(static_cast<const char*>(bytes), size);
}

void Statement::put(int index, const Blob& value) {
  sqlite3_bind_blob64(handle_, index, value.bytes.data(), value.bytes.size(), SQLITE_STATIC);
}

}  // namespace weir
