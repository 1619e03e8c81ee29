// Evaluating expressions on one event, for tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/batch.h"
#include "event/fill.h"
#include "event/json_value.h"
#include "expr/expr.h"
#include "expr/function.h"

namespace weir::expr {

/// A value as a test writes it: its type and its JSON, "missing", or "error: " and the reason.
inline std::string show(const Value& value) {
  if (value.is_missing()) return "missing";
  if (value.kind == Kind::kError) return "error: " + std::string(value.text());
  if (value.kind == Kind::kType) return "type " + std::string(value.text());
  std::string json;
  const std::string problem = write_json(value, json);
  return std::string(type_name(value)) + " " + (problem.empty() ? json : problem);
}

/// One event, as JSON text or as a record of text fields, and the columns that expressions ask for.
class OnEvent {
 public:
  explicit OnEvent(std::string_view json, Dialect dialect = Dialect::kEvents) : dialect_(dialect) {
    batch_.buffer = Buffer(json.size());
    json.copy(batch_.buffer.data(), json.size());
    batch_.origin = origin_;
    batch_.first_line = 812;
    batch_.add_text({batch_.buffer.data(), json.size()}, 0);
  }
  explicit OnEvent(const std::vector<std::pair<std::string, std::string>>& fields) {
    batch_.schemas.push_back(std::make_shared<Schema>());
    auto schema = std::make_shared<Schema>();
    auto* cells = batch_.arena.make_array<Value>(fields.size());
    for (size_t i = 0; i < fields.size(); ++i) {
      schema->names.push_back(fields[i].first);
      cells[i] = Value::of_text(batch_.arena.copy(fields[i].second));
    }
    batch_.schemas.push_back(schema);
    batch_.add_record(schema.get(), cells, {}, 0);
  }

  Result<Program> compile(std::string_view source) {
    auto node = parse(source, dialect_);
    if (!node) return std::unexpected(node.error());
    return Program::compile(**node, source, paths_, dialect_);
  }

  /// The result, or the message of the error that kept the expression from running.
  std::string operator()(std::string_view source) {
    auto program = compile(source);
    if (!program) return program.error().message;
    ColumnFiller(paths_, program->slots()).fill(batch_, 0);
    batch_.columns.resize(static_cast<size_t>(paths_.size()));
    return show(program->eval({batch_.columns, 0, batch_.arena}));
  }

  const PathTable& paths() const { return paths_; }

 private:
  Batch batch_;
  PathTable paths_;
  std::shared_ptr<const Origin> origin_ =
      std::make_shared<const Origin>(Origin{.name = "access.ndjson"});
  Dialect dialect_ = Dialect::kEvents;
};

}  // namespace weir::expr
