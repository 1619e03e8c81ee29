// enrich: look fields up in a table.
#include <poll.h>

#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/nearest.h"
#include "event/append.h"
#include "event/edit.h"
#include "event/json_value.h"
#include "event/keep.h"
#include "event/key.h"
#include "event/object.h"
#include "expr/expr.h"
#include "source/files.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "TABLE",
     .at_least = 1,
     .at_most = 1,
     .help = "a CSV or NDJSON file, compressed or not",
     .is_file = true},
};

constexpr OptionRow kOptions[] = {
    {.name = "--on",
     .type = OptionType::kText,
     .metavar = "FIELD=COLUMN",
     .help = "which field of the event equals which column; --on id if both have one name",
     .detail = "Several pairs are separated by commas, and all must match. The field may be any "
               "expression."},
    {.name = "--into",
     .type = OptionType::kText,
     .metavar = "FIELD",
     .help = "put the columns into an object under this field"},
    {.name = "--inner", .type = OptionType::kFlag, .help = "drop events that match no row"},
    {.name = "--anti",
     .type = OptionType::kFlag,
     .help = "keep only events that match no row, and add nothing"},
};

enum class Mode : uint8_t { kLeft, kInner, kAnti };

/// The number that a text reads as, or kMissing.
Value number_in(const Value& value) {
  if (value.kind != Kind::kString || !value.is_text) return Value::missing();
  const Value number = read_number(value.text());
  return number.is_error() ? Value::missing() : number;
}

/// The rows of a file, by key.
class Table {
 public:
  /// Reads the whole file. `key_columns` must all be there. Doubled keys and rejected rows go to
  /// `warnings`.
  Result<void> load(Source& source, const std::string& name,
                    const std::vector<std::string>& key_columns, const MemoryBudget& memory,
                    Warnings& warnings);

  /// The columns that are no keys, in the order of the file.
  const std::vector<std::string>& columns() const { return columns_; }

  /// The values of the row that matches (one a column), or null.
  const Value* find(std::span<const Value> keys) const;

 private:
  Result<void> take(Batch& batch, const MemoryBudget& memory, Warnings& warnings);
  void add_row(const Batch& batch, uint32_t row, Warnings& warnings);
  size_t column(const std::string& name);

  std::string name_;
  std::vector<std::string> key_columns_;
  std::vector<bool> key_seen_;
  std::vector<std::string> columns_;
  std::map<std::string, size_t, std::less<>> column_numbers_;
  std::vector<std::vector<Value>> rows_;
  std::unordered_map<std::string, size_t> index_;
  Arena arena_;
  uint64_t doubled_ = 0;
};

constexpr uint64_t kWarningsInFull = 3;

Result<void> Table::load(Source& source, const std::string& name,
                         const std::vector<std::string>& key_columns, const MemoryBudget& memory,
                         Warnings& warnings) {
  name_ = name;
  key_columns_ = key_columns;
  key_seen_.assign(key_columns.size(), false);
  if (auto opened = source.open(); !opened) return opened;
  Batch batch;
  while (true) {
    batch.reset();
    auto pulled = source.next(batch);
    if (!pulled) return std::unexpected(pulled.error());
    if (*pulled == Pull::kEnd) break;
    if (*pulled == Pull::kIdle) {
      pollfd wait = {.fd = source.wait_fd(), .events = POLLIN, .revents = 0};
      poll(&wait, 1, -1);
      continue;
    }
    if (auto taken = take(batch, memory, warnings); !taken) return taken;
  }
  for (size_t i = 0; i < key_columns_.size(); ++i) {
    if (key_seen_[i] || rows_.empty()) continue;
    const std::vector<std::string_view> known(columns_.begin(), columns_.end());
    const std::string_view near = nearest(key_columns_[i], known);
    std::string hint = near.empty() ? "; it has " : ": did you mean '" + std::string(near) + "'?";
    for (size_t c = 0; near.empty() && c < columns_.size(); ++c) hint += (c > 0 ? ", " : "") + columns_[c];
    return usage_error("enrich: " + name_ + " has no column '" + key_columns_[i] + "'" + hint);
  }
  // A row that lacks columns which came later has no values for them.
  for (std::vector<Value>& row : rows_) row.resize(columns_.size());
  if (doubled_ > kWarningsInFull) {
    warnings.push_back(name_ + ": " + std::to_string(doubled_ - kWarningsInFull) +
                       " more doubled keys; the first row of each wins");
  }
  return {};
}

Result<void> Table::take(Batch& batch, const MemoryBudget& memory, Warnings& warnings) {
  check_rows(batch, 0);
  for (const Note& note : batch.notes) {
    return machine_error(name_ + ":" + std::to_string(batch.line_of(note.row)) + ": " + note.reason);
  }
  for (const uint32_t row : batch.alive) add_row(batch, row, warnings);
  if (!memory.exceeded()) return {};
  return machine_error("enrich: the table " + name_ + " takes more memory than --memory allows (" +
                       std::to_string(memory.limit() >> 20) + " MiB)");
}

size_t Table::column(const std::string& name) {
  const auto [place, is_new] = column_numbers_.emplace(name, columns_.size());
  if (is_new) columns_.push_back(name);
  return place->second;
}

void Table::add_row(const Batch& batch, uint32_t row, Warnings& warnings) {
  const Row& event = batch.rows[row];
  std::vector<Value> keys(key_columns_.size());
  std::vector<Value> values(columns_.size());
  const auto add = [&](const std::string& name, const Value& value) {
    for (size_t i = 0; i < key_columns_.size(); ++i) {
      if (key_columns_[i] != name) continue;
      if (keys[i].is_missing()) keys[i] = value;
      key_seen_[i] = true;
      return;
    }
    const size_t number = column(name);
    if (number >= values.size()) values.resize(number + 1);
    if (values[number].is_missing()) values[number] = copy_value(value, arena_);
  };
  if (event.is_record()) {
    for (size_t i = 0; i < event.schema->names.size(); ++i) {
      add(event.schema->names[i], event.cells[i]);
    }
  } else {
    Arena scratch;
    for_each_member(event.json(), scratch, [&](std::string_view key, std::string_view json) {
      add(std::string(key), read_json_value(json, scratch));
      return true;
    });
  }

  // A text that reads as a number is found by either: events write 7 where CSV can only write "7".
  const size_t number = rows_.size();
  bool doubled = false;
  for (size_t mask = 0; mask < (size_t{1} << keys.size()); ++mask) {
    std::string key;
    bool possible = true;
    for (size_t i = 0; i < keys.size(); ++i) {
      Value part = keys[i];
      if ((mask >> i & 1) != 0) part = number_in(part);
      possible = possible && !part.is_missing() && part.kind != Kind::kNull;
      append_key(part, key);
    }
    if (!possible) continue;
    const bool added = index_.emplace(std::move(key), number).second;
    doubled = doubled || (!added && mask == 0);
  }
  if (doubled && ++doubled_ <= kWarningsInFull) {
    std::string shown;
    for (const Value& key : keys) {
      shown += shown.empty() ? "" : ", ";
      write_json(key, shown);
    }
    warnings.push_back(name_ + ":" + std::to_string(batch.line_of(row)) + ": the key " + shown +
                       " stands there again; the first row wins");
  }
  rows_.push_back(std::move(values));
}

const Value* Table::find(std::span<const Value> keys) const {
  // A text field is looked up as it is written first, then as the number it reads as.
  for (const bool as_number : {false, true}) {
    std::string key;
    bool changed = false;
    for (const Value& value : keys) {
      if (value.is_error() || value.kind == Kind::kNull) return nullptr;
      const Value number = as_number ? number_in(value) : Value::missing();
      changed = changed || !number.is_missing();
      append_key(number.is_missing() ? value : number, key);
    }
    if (as_number && !changed) return nullptr;
    const auto found = index_.find(key);
    if (found != index_.end()) return rows_[found->second].data();
  }
  return nullptr;
}

class Enrich final : public Map {
 public:
  Enrich(const PlanContext& plan, std::string name, std::unique_ptr<Source> source, Mode mode)
      : Map(plan),
        paths_(plan.paths),
        memory_(*plan.memory),
        warnings_(*plan.warnings),
        name_(std::move(name)),
        source_(std::move(source)),
        mode_(mode) {}

  /// Adds a pair of --on: the events' `field` equals the table's `column`.
  Result<void> add_pair(const std::string& field, const std::string& column) {
    auto node = expr::parse(field);
    if (!node) return std::unexpected(node.error());
    auto program = expr::Program::compile(**node, field, paths_);
    if (!program) return std::unexpected(program.error());
    for (const int slot : program->slots()) reads_.push_back(slot);
    keys_.push_back(std::move(*program));
    key_columns_.push_back(column);
    return {};
  }

  void set_into(Path into) {
    reads_.push_back(paths_.slot(into));
    into_ = std::make_unique<Path>(std::move(into));
  }

  Result<void> open() override {
    auto loaded = table_.load(*source_, name_, key_columns_, memory_, warnings_);
    if (!loaded) return loaded;
    source_.reset();
    if (into_ != nullptr) {
      writer_ = std::make_unique<FieldWriter>(*into_, paths_);
    } else {
      appender_ = std::make_unique<FieldAppender>(table_.columns(), paths_);
    }
    return {};
  }

  void apply(Batch& batch) const override {
    std::vector<Value> keys(keys_.size());
    batch.retain([&](uint32_t row) {
      for (size_t i = 0; i < keys_.size(); ++i) {
        keys[i] = keys_[i].eval({batch.columns, row, batch.arena});
        const bool fails = keys[i].kind == Kind::kError || (strict_ && keys[i].is_missing());
        if (!fails) continue;
        batch.reject(row, index_,
                     keys[i].is_missing() ? "the field of --on is missing"
                                          : "--on: " + std::string(keys[i].text()));
        return false;
      }
      const Value* found = table_.find(keys);
      const bool stays = mode_ == Mode::kLeft || (mode_ == Mode::kInner) == (found != nullptr);
      if (!stays) {
        batch.end(row, index_, Fate::kFiltered);
        return false;
      }
      if (found == nullptr || mode_ == Mode::kAnti) return true;
      std::string problem = add_fields(batch, row, {found, table_.columns().size()});
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
  }

 private:
  std::string add_fields(Batch& batch, uint32_t row, std::span<const Value> values) const {
    if (writer_ == nullptr) return appender_->append(batch, row, values);
    // As with the columns: what the event has under that name, it keeps.
    const int slot = *paths_.find(*into_);
    if (!batch.columns[static_cast<size_t>(slot)][row].is_missing()) return {};
    std::string object = "{";
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].is_missing()) continue;
      if (object.size() > 1) object += ',';
      write_json_string(table_.columns()[i], object);
      object += ':';
      write_json(values[i], object);
    }
    object += '}';
    return writer_->write(batch, row, Value::raw(Kind::kMap, batch.arena.copy(object)));
  }

  PathTable& paths_;
  const MemoryBudget& memory_;
  Warnings& warnings_;
  std::string name_;
  std::unique_ptr<Source> source_;
  Mode mode_;
  std::vector<expr::Program> keys_;
  std::vector<std::string> key_columns_;
  std::unique_ptr<Path> into_;
  Table table_;
  std::unique_ptr<FieldAppender> appender_;
  std::unique_ptr<FieldWriter> writer_;
};

/// More pairs than anyone joins on; the table's index takes 2 to the power of it.
constexpr size_t kMostPairs = 8;

/// Splits at the commas that stand outside of parentheses: a field may be a call.
std::vector<std::string> split_pairs(std::string_view text) {
  std::vector<std::string> pairs(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' || c == '[' ? 1 : 0;
    depth -= c == ')' || c == ']' ? 1 : 0;
    if (c == ',' && depth == 0) {
      pairs.emplace_back();
    } else {
      pairs.back() += c;
    }
  }
  return pairs;
}

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  const std::string& name = arguments.positionals[0];
  if (!arguments.has("--on")) {
    return usage_error("enrich: say which field equals which column: --on field=column");
  }
  if (arguments.has("--inner") && arguments.has("--anti")) {
    return usage_error("enrich: --inner and --anti exclude each other");
  }
  auto endpoint = parse_endpoint(name);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (endpoint->is_standard()) {
    return usage_error("enrich: the table is a file; standard input is for events");
  }
  const Mode mode = arguments.has("--inner")  ? Mode::kInner
                    : arguments.has("--anti") ? Mode::kAnti
                                              : Mode::kLeft;
  auto source = make_file_source({*endpoint}, SourceOptions{});
  if (!source) return std::unexpected(source.error());
  auto enrich = std::make_unique<Enrich>(plan, name, std::move(*source), mode);
  const std::vector<std::string> pairs = split_pairs(arguments.get("--on"));
  if (pairs.size() > kMostPairs) {
    return usage_error("enrich: --on takes at most " + std::to_string(kMostPairs) + " pairs");
  }
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    const std::string field = pair.substr(0, equals);
    const std::string column = equals == std::string::npos ? pair : pair.substr(equals + 1);
    if (field.empty() || column.empty()) {
      return usage_error("enrich: --on takes field=column, not '" + pair + "'");
    }
    if (auto added = enrich->add_pair(field, column); !added) return std::unexpected(added.error());
  }
  if (arguments.has("--into")) {
    auto into = expr::parse_assignment(std::string(arguments.get("--into")) + " = 0");
    if (!into || into->target.names.empty()) {
      return usage_error("enrich: --into takes the name of a field, not '" +
                         std::string(arguments.get("--into")) + "'");
    }
    enrich->set_into(into->target);
  }
  return enrich;
}

}  // namespace

const Verb kEnrich = {
    .command = {.name = "enrich",
                .summary = "look fields up in a table and add what stands there",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
};

}  // namespace weir
