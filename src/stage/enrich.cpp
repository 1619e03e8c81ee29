// enrich: look fields up in a table.
#include <string>
#include <utility>

#include "event/append.h"
#include "event/edit.h"
#include "event/json_value.h"
#include "expr/expr.h"
#include "source/files.h"
#include "stage/lookup_table.h"
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
     .detail = "Several pairs are separated by commas, and all must match. The field may be an "
               "expression; the column is what stands behind the last equals sign."},
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

class Enrich final : public Map {
 public:
  Enrich(const PlanContext& plan, std::string name, std::unique_ptr<Source> source, Mode mode)
      : Map(plan),
        paths_(plan.paths),
        limits_(plan.limits),
        memory_(*plan.memory),
        warnings_(*plan.warnings),
        name_(std::move(name)),
        source_(std::move(source)),
        mode_(mode) {}

  /// Adds a pair of --on: the events' `field` equals the table's `column`.
  Result<void> add_pair(const std::string& field, const std::string& column) {
    auto program = expr::Program::of(field, paths_, limits_);
    if (!program) return std::unexpected(program.error());
    for (const int slot : program->slots()) reads_.push_back(slot);
    for (const int slot : program->expected_slots()) {
      expects_.push_back({slot, paths_.path(slot)});
    }
    keys_.push_back(std::move(*program));
    key_columns_.push_back(column);
    return {};
  }

  void set_into(Path into) {
    reads_.push_back(paths_.slot(into));
    into_ = std::make_unique<Path>(std::move(into));
  }

  std::string holds() const override { return "the table " + name_ + ", within --memory"; }

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
    Arena scratch;
    std::vector<Value> keys;
    keys.reserve(batch.alive.size() * keys_.size());
    for (const uint32_t row : batch.alive) {
      for (const expr::Program& key : keys_)
        keys.push_back(key.eval({batch.columns, row, scratch}));
    }
    const std::vector<const LookupTable::Cells*> found = table_.find_all(keys);
    size_t next = 0;
    batch.retain([&](uint32_t row) {
      const size_t i = next++;
      return take(batch, row, std::span(keys).subspan(i * keys_.size(), keys_.size()), found[i]);
    });
  }

 private:
  /// What becomes of a row, whose keys stand in `found` of the table. False if it does not go on.
  bool take(Batch& batch, uint32_t row, std::span<const Value> keys,
            const LookupTable::Cells* found) const {
    for (const Value& key : keys) {
      if (key.kind != Kind::kError && !(strict_ && key.is_missing())) continue;
      batch.reject(
          row, index_,
          key.is_missing() ? "the field of --on is missing" : "--on: " + std::string(key.text()));
      return false;
    }
    const bool stays = mode_ == Mode::kLeft || (mode_ == Mode::kInner) == (found != nullptr);
    if (!stays) {
      batch.end(row, index_, Fate::kFiltered);
      return false;
    }
    if (found == nullptr || mode_ == Mode::kAnti) return true;
    std::string problem = add_fields(batch, row, *found);
    if (problem.empty()) return true;
    batch.reject(row, index_, std::move(problem));
    return false;
  }

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
  expr::Limits limits_;
  const MemoryBudget& memory_;
  Warnings& warnings_;
  std::string name_;
  std::unique_ptr<Source> source_;
  Mode mode_;
  std::vector<expr::Program> keys_;
  std::vector<std::string> key_columns_;
  std::unique_ptr<Path> into_;
  LookupTable table_;
  std::unique_ptr<FieldAppender> appender_;
  std::unique_ptr<FieldWriter> writer_;
};

/// More pairs than anyone joins on; the table may look a key up 2 to the power of it times.
constexpr size_t kMostPairs = 8;

/// Splits at the commas that stand outside of quotes and brackets: a field may be a call.
std::vector<std::string> split_pairs(std::string_view text) {
  std::vector<std::string> pairs(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      quote = c == quote ? '\0' : quote;
    } else if (c == '"' || c == '\'') {
      quote = c;
    }
    depth += quote == 0 && (c == '(' || c == '[') ? 1 : 0;
    depth -= quote == 0 && (c == ')' || c == ']') ? 1 : 0;
    if (c == ',' && depth == 0 && quote == 0) {
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
  if (endpoint->is_socket()) return usage_error("enrich: the table is a file, and not a socket");
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
    const size_t equals = pair.rfind('=');
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
