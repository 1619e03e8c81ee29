// Events on their way: a batch of rows, the columns that stages asked for, and what became of each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/buffer.h"
#include "event/envelope.h"
#include "event/path.h"
#include "event/value.h"

namespace weir {

/// The names of a record's fields, in order. Shared by the rows of a file, and never changed once
/// rows refer to it.
struct Schema {
  std::vector<std::string> names;
};

/// What became of a row. Every row ends with exactly one of these (design: every event accounted
/// for); `kAlive` becomes the stage's "out" when the batch is settled.
enum class Fate : uint8_t {
  kAlive,
  kFiltered,
  kRejected,
  kLate,
  kDeduplicated,
  kCut,
  kAbsorbed,
  kHeld,
};
inline constexpr int kFates = 8;

/// One event. A text row has `text`, the JSON as it is now; a record row has `cells`, one for each
/// name of its schema.
struct Row {
  const char* text = nullptr;      ///< the event's JSON, or null for a record
  const Value* cells = nullptr;    ///< a record's values, schema->names.size() of them
  const Schema* schema = nullptr;  ///< a record's names
  const char* source = nullptr;    ///< the event as it was read (may be null: made by a stage)
  uint32_t text_size = 0;
  uint32_t source_size = 0;
  uint32_t line = 0;  ///< lines after the batch's first line
  Fate fate = Fate::kAlive;
  uint8_t fate_stage = 0;  ///< index of the stage that decided (0 is `from`)
  uint8_t born = 0;        ///< index of the stage that made the row
  /// A stage made it of several events: it is from where `Batch::made` says, and `line` counts
  /// there.
  bool is_made = false;

  /// Gives a text row another text, which lives as long as the batch.
  void set_text(std::string_view json) {
    text = json.data();
    text_size = static_cast<uint32_t>(json.size());
  }
  bool is_record() const { return cells != nullptr; }
  /// Of the event as it is now; of a record as it was read.
  uint32_t bytes() const { return is_record() ? source_size : text_size; }
  std::string_view json() const { return {text, text_size}; }
  std::string_view original() const { return {source, source_size}; }
};

/// Something to say about a row. It takes effect when the batch is settled, in row order, if the
/// row was not cut off before.
struct Note {
  enum class Kind : uint8_t {
    kReject,        ///< the row is rejected, and this is why
    kError,         ///< an expression failed on the row, which is kept or filtered all the same
    kMissing,       ///< `set` or `rename` met a missing field and left its target as it was
    kBranchReject,  ///< a tee's branch could not take the row, which goes on all the same
  };
  uint32_t row = 0;
  uint8_t stage = 0;
  Kind kind = Kind::kReject;
  std::string reason;
};

/// Orders lists of names, whoever owns the names.
struct NamesLess {
  using is_transparent = void;
  bool operator()(const auto& a, const auto& b) const {
    return std::ranges::lexicographical_compare(a, b);
  }
};

/// What the partial step of an operator found in a batch (see stage/stage.h).
struct Partial {
  virtual ~Partial() = default;
};

/// A constant that a field is compared with, and that the same written as another type would not
/// equal: 500 and "500", true and "true".
struct Counterpart {
  Value value;           ///< the number or boolean
  std::string text;      ///< how it is written
  bool as_text = false;  ///< the text is what the field is compared with
  std::string mismatch;  ///< what to say where events have it only as the other type

  /// Could the value equal the constant, as far as its type goes?
  bool has_type_of(const Value& other) const {
    if (as_text) return other.kind == Kind::kString;
    if (value.kind == Kind::kBool) return other.kind == Kind::kBool;
    return other.is_number() || (other.kind == Kind::kString && other.is_text);
  }
};

/// A field that somebody named, and that one event at least should have; if it is compared with a
/// constant, as a value of that type.
struct ExpectedField {
  int slot = 0;
  Path path;
  std::optional<Counterpart> compared = {};
  bool by_itself = false;  ///< named as a field, and in no expression
};

/// Whether any row had a field that a stage expects (see runtime/absent_fields.h).
struct Sighting {
  const ExpectedField* field = nullptr;  ///< the stage's
  size_t number = 0;                     ///< its place among those of the stage
  uint8_t stage = 0;
  uint8_t born = 0;  ///< where the rows came from that the stage looked at
  bool seen = false;
  bool mismatched = false;  ///< a row had what it is compared with, as the other type
};

/// Where rows were read. What keeps a row keeps this with it.
struct Origin {
  std::string name;      ///< for people: "access.ndjson", "stdin", "tcp://127.0.0.1:40312"
  bool is_peer = false;  ///< the other end of a connection, and no file
  /// Of rows that come from a queue, else null: row by row, from line 1 on.
  std::shared_ptr<const Envelopes> envelopes = {};
};

/// What is measured of a batch where somebody asked for it (--stats), and else empty. By stage.
struct Meter {
  std::vector<uint64_t> nanoseconds;         ///< that threads worked on the batch
  std::vector<std::vector<uint32_t>> bytes;  ///< of each row as it left the stage, by row
};

struct Batch;
class LineJudge;
class Needle;
class NumberNeedle;

/// By what a filter in front of all other stages rules out lines that are no rows yet.
struct Sieve {
  const Needle* needle = nullptr;    ///< the events without it; null: none
  const LineJudge* judge = nullptr;  ///< by their fields; null: none
  /// The events that lack it; null: none. Once the judge has ruled out one of a batch, so that what
  /// the filter expects is known to be there.
  const NumberNeedle* number = nullptr;
  uint8_t stage = 0;  ///< the filter's index
};

/// Neighbouring events that a sieve has ruled out, and of which no rows were made.
struct RuledOut {
  uint32_t row = 0;  ///< they stand in front of this row, or behind all
  uint32_t events = 0;
  uint8_t stage = 0;
  std::string_view text = {};  ///< their lines
  /// By a LineJudge: one of the batch at least had all fields, of the types expected.
  bool was_judged = false;

  /// What they take up without their line feeds.
  uint64_t bytes() const { return text.size() - events; }
};

/// Finds the events in a stretch of whole lines. Has no state: any thread, any stretch first.
struct LineCutter {
  virtual ~LineCutter() = default;
  /// Appends the rows that stand at the front of `batch.uncut`, as many as the batch may have,
  /// takes their lines off it, and adds them to `batch.lines`.
  virtual void cut(Batch& batch) const = 0;
  /// The same for as long as it pays, with events that the sieve rules out only noted
  /// (Batch::ruled_out).
  virtual void sift(Batch&, const Sieve&) const {}
};

/// Whole lines that are no rows yet.
struct Uncut {
  std::string_view text;   ///< in the batch's buffer, behind its rows; empty if all was cut
  uint32_t most_rows = 0;  ///< that the batch may have
  std::shared_ptr<const LineCutter> cutter;  ///< makes rows of them
};

/// A batch: rows that share a source buffer, their columns, and what happened to them so far.
///
/// Rows are never moved: a stage that lets a row go gives it a fate and takes it out of `alive`.
/// Row r of column s is `columns[s][r]`; only alive rows are filled, and only the slots that
/// `runtime` filled (the plan sees to it that a stage's slots are there before it runs).
struct Batch {
  Buffer buffer;  ///< what `source` (and untouched `text`) points into
  Arena arena;    ///< everything else the rows and columns point into
  std::vector<std::shared_ptr<const Schema>> schemas;  ///< keeps the rows' schemas alive
  std::vector<Row> rows;
  std::vector<RuledOut> ruled_out;          ///< events that are no rows, in order
  std::vector<uint32_t> alive;              ///< indices of the rows still under way, ascending
  std::vector<std::vector<Value>> columns;  ///< by slot, then by row
  std::vector<Note> notes;                  ///< in the order they were made, not yet by row
  /// Another batch that rows and columns may point into, and that is changed no more; else null.
  std::shared_ptr<const Batch> parent;
  std::unique_ptr<Partial> partial;  ///< the operator's that made it; kept by `reset`
  std::vector<Sighting> sightings;   ///< of each stage that the batch has come to
  Meter meter;
  std::string remark;  ///< what a person should know of the input whose first rows these are

  std::shared_ptr<const Origin> origin;  ///< null for rows that a stage made
  /// Instead, for rows that were made of several events each (Row::is_made): null, or with
  /// envelopes that name these events (see event/lineage.h).
  std::shared_ptr<const Origin> made;
  uint64_t first_line = 0;  ///< line number (from 1) that `Row::line` counts from
  bool unnumbered = false;  ///< `first_line` counts from behind the batch before, so far
  uint64_t lines = 0;       ///< how many lines it takes up, where the next one may be unnumbered
  Uncut uncut;
  uint64_t buffer_offset = 0;     ///< byte offset in the (decompressed) source of buffer.data()
  std::vector<uint64_t> offsets;  ///< instead, for rows copied from other batches: each row's own
  uint8_t born = 0;               ///< index of the stage that makes the rows that are added
  uint8_t held_at = 0;            ///< index of the stage that held the rows and let them go, or 0
  uint8_t shown_at = 0;           ///< index of the last tee that wrote the rows, or 0

  /// Makes the batch empty, and keeps memory for the next use.
  void reset();

  /// Appends a row that is alive. The pointers live as long as `buffer` or `arena`.
  Row& add_text(std::string_view event, uint32_t line);
  Row& add_record(const Schema* schema, const Value* cells, std::string_view source, uint32_t line);

  /// Gives a row its fate. The caller takes it out of `alive` (see `retain`).
  void end(uint32_t row, uint8_t stage, Fate fate) {
    rows[row].fate = fate;
    rows[row].fate_stage = stage;
  }
  /// Rejects a row for `reason`. The caller takes it out of `alive`.
  void reject(uint32_t row, uint8_t stage, std::string reason);
  void note(uint32_t row, uint8_t stage, Note::Kind kind, std::string reason);

  /// Keeps the alive rows for which `keep(row)` is true; `keep` has given the others their fate.
  template <typename Keep>
  void retain(Keep&& keep) {
    size_t kept = 0;
    for (const uint32_t row : alive) {
      alive[kept] = row;
      kept += keep(row) ? 1 : 0;
    }
    alive.resize(kept);
  }

  /// How far the bytes behind a text row may be looked at: its neighbours and the padding lie
  /// there, if it lies where it was read. Null if it does not.
  const char* readable_end(const Row& row) const {
    if (!buffer) return nullptr;
    const char* const from = buffer.data();
    const char* const to = from + buffer.capacity();
    return row.text >= from && row.text < to ? to + Buffer::kPadding : nullptr;
  }

  /// Where row r came from.
  const std::shared_ptr<const Origin>& origin_of(uint32_t row) const {
    return rows[row].is_made ? made : origin;
  }
  uint64_t line_of(uint32_t row) const {
    return rows[row].is_made ? rows[row].line : first_line + rows[row].line;
  }
  /// The envelope of a row that was read from a queue, or made of one that was; else null. Of a row
  /// that was made of several, one that names them (Envelopes::made).
  const Envelope* envelope_of(uint32_t row) const {
    const Origin* const from = origin_of(row).get();
    if (from == nullptr || from->envelopes == nullptr) return nullptr;
    const uint64_t line = line_of(row);
    const std::vector<Envelope>& all = from->envelopes->rows;
    return line >= 1 && line <= all.size() ? &all[line - 1] : nullptr;
  }
  /// The same for people: "access.ndjson:812", "queue:orders z/2026/.../1764..-0000003".
  std::string place_of(uint32_t row) const;
  /// Byte offset of the row in its decompressed source.
  uint64_t offset_of(uint32_t row) const {
    if (!offsets.empty()) return offsets[row];
    return buffer_offset + static_cast<uint64_t>(rows[row].source - buffer.data());
  }

  /// `schema` with one more name at the end. Lives as long as the batch; the same question gets the
  /// same answer.
  const Schema* extend(const Schema* schema, std::string_view name);

  /// The schema of these names, which are copied. Lives as long as the batch; the same names give
  /// the same schema.
  const Schema* schema_of(std::span<const std::string_view> names);

  /// Keeps the first `count` rows (dead ones included) and forgets what is behind as if never read.
  /// What a tee has written cannot be forgotten: those rows are cut off behind it.
  void truncate(uint32_t count);

 private:
  std::map<std::pair<const Schema*, std::string>, const Schema*> extensions_;
  std::map<std::vector<std::string>, const Schema*, NamesLess> schemas_by_names_;
  const Schema* last_schema_ = nullptr;  ///< that schema_of gave
};

}  // namespace weir
