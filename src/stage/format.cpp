// format: make text of fields.
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "codec/csv_row.h"
#include "codec/logfmt.h"
#include "event/edit.h"
#include "event/event_writer.h"
#include "event/json_value.h"
#include "expr/function.h"
#include "stage/text_arguments.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FORMAT",
     .at_least = 1,
     .at_most = 1,
     .help = "what the text shall be: json, csv or logfmt"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--field",
     .short_name = 'f',
     .type = OptionType::kText,
     .metavar = "FIELD",
     .help = "write what is in this field, instead of the whole event"},
    {.name = "--into",
     .type = OptionType::kText,
     .metavar = "FIELD",
     .help = "put the text into this field; else the event becomes a line (message)"},
    {.name = "--fields",
     .type = OptionType::kText,
     .metavar = "NAMES",
     .help = "of csv: the fields that become cells, separated by commas"},
    {.name = "--separator",
     .type = OptionType::kText,
     .metavar = "CHAR",
     .help = "of csv: what stands between the cells, instead of a comma",
     .detail = "One character, or the word tab."},
};

constexpr std::array<std::string_view, 3> kFormats = {"json", "csv", "logfmt"};

/// `name`, as one writes it on a command line, inside of `field`.
Path inside(const std::optional<Path>& field, const std::string& name) {
  Path path = Path::dotted(name);
  if (!field) return path;
  path.names.front().joins = true;
  path.names.insert(path.names.begin(), field->names.begin(), field->names.end());
  return path;
}

class TextMaker final : public Map {
 public:
  TextMaker(const PlanContext& plan, TextArguments arguments)
      : Map(plan), paths_(plan.paths), arguments_(std::move(arguments)) {
    slot_ = paths_.slot(arguments_.field.value_or(Path{}));
    reads_.push_back(slot_);
    if (arguments_.field) {
      expects_.push_back({.slot = slot_, .path = *arguments_.field, .by_itself = true});
    }
    for (const std::string& name : arguments_.fields) {
      cell_slots_.push_back(paths_.slot(inside(arguments_.field, name)));
      reads_.push_back(cell_slots_.back());
      expects_.push_back(
          {.slot = reads_.back(), .path = paths_.path(reads_.back()), .by_itself = true});
    }
  }

  Result<void> open() override {
    event_writer_ = std::make_unique<EventWriter>(paths_);
    if (arguments_.into) {
      field_writer_ = std::make_unique<FieldWriter>(*arguments_.into, paths_);
    }
    return {};
  }

  void apply(Batch& batch) const override {
    std::string text;
    batch.retain([&](uint32_t row) {
      const Value content = batch.columns[static_cast<size_t>(slot_)][row];
      if (content.is_missing() && !strict_) {
        batch.note(row, index_, Note::Kind::kMissing, missing());
        return true;
      }
      text.clear();
      std::string problem = content.is_missing() ? missing() : write(batch, row, content, text);
      if (problem.empty()) problem = put(batch, row, text);
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
  }

 private:
  std::string missing() const {
    return "the field '" + arguments_.field.value_or(Path{}).to_string() + "' is missing";
  }

  /// Appends the text. Answers an empty text, or why there is none.
  std::string write(Batch& batch, uint32_t row, const Value& content, std::string& text) const {
    if (arguments_.format == "json") return write_json(content, text);
    if (content.kind != Kind::kMap) {
      return arguments_.format + " is made of the fields of an object, and this is " +
             std::string(expr::with_article(content));
    }
    if (arguments_.format == "logfmt") {
      return write_logfmt(*decode_container(content, batch.arena).map, text);
    }
    for (size_t i = 0; i < cell_slots_.size(); ++i) {
      if (i > 0) text += arguments_.separator;
      const Value& cell = batch.columns[static_cast<size_t>(cell_slots_[i])][row];
      std::string problem =
          append_csv_value(cell, arguments_.separator, cell_slots_.size() == 1, text);
      if (problem.empty()) continue;
      return "field '" + arguments_.fields[i] + "' cannot be written: " + problem;
    }
    return {};
  }

  std::string put(Batch& batch, uint32_t row, const std::string& text) const {
    const Value value = Value::of_text(batch.arena.copy(text));
    if (arguments_.into) return field_writer_->write(batch, row, value);
    const Value key = Value::of_string("message");
    const MapValue line = {&key, &value, 1};
    event_writer_->replace(batch, row, Value::of_map(&line));
    return {};
  }

  PathTable& paths_;
  TextArguments arguments_;
  int slot_;                     ///< what is written
  std::vector<int> cell_slots_;  ///< of csv
  std::unique_ptr<EventWriter> event_writer_;
  std::unique_ptr<FieldWriter> field_writer_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  if (arguments.positionals[0] == "regex") {
    return usage_error(
        "format: a pattern can be read and not written: the formats are json, csv, logfmt");
  }
  auto read = read_text_arguments("format", kFormats, arguments);
  if (!read) return std::unexpected(read.error());
  return std::make_unique<TextMaker>(plan, std::move(*read));
}

}  // namespace

const Verb kFormat = {
    .command = {.name = "format",
                .summary = "make a line or a field of text: json, csv, logfmt",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
};

}  // namespace weir
