// parse: read fields out of text.
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "event/edit.h"
#include "event/event_writer.h"
#include "event/json_value.h"
#include "expr/function.h"
#include "stage/text_arguments.h"
#include "stage/text_parser.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FORMAT",
     .at_least = 1,
     .at_most = 1,
     .help = "what the text is: json, csv, logfmt or regex"},
    {.metavar = "PATTERN",
     .at_least = 0,
     .at_most = 1,
     .help = "of regex: a pattern (RE2) whose named groups, (?P<name>...), are the fields"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--field",
     .short_name = 'f',
     .type = OptionType::kText,
     .metavar = "FIELD",
     .help = "read this field and add what it says; else the line (message) becomes the event"},
    {.name = "--into",
     .type = OptionType::kText,
     .metavar = "FIELD",
     .help = "put what was read into this field, and leave the rest of the event as it is"},
    {.name = "--keep",
     .type = OptionType::kFlag,
     .help = "pass on unchanged what is not of the format, instead of rejecting it"},
    {.name = "--fields",
     .type = OptionType::kText,
     .metavar = "NAMES",
     .help = "of csv: what the cells are called, separated by commas"},
    {.name = "--separator",
     .type = OptionType::kText,
     .metavar = "CHAR",
     .help = "of csv: what stands between the cells, instead of a comma",
     .detail = "One character, or the word tab."},
};

constexpr std::array<std::string_view, 4> kFormats = {"json", "csv", "logfmt", "regex"};

class Parse final : public Map {
 public:
  Parse(const PlanContext& plan, std::unique_ptr<TextParser> parser, bool keep)
      : Map(plan), paths_(plan.paths), parser_(std::move(parser)), keep_(keep) {}

  /// Reads `field`; without one, the line.
  void set_field(std::optional<Path> field) {
    slot_ = paths_.slot(field ? *field : Path::single("message"));
    reads_.push_back(slot_);
    if (!field) return;
    name_ = field->to_string();
    expects_.push_back({.slot = slot_, .path = std::move(*field), .by_itself = true});
  }

  void set_into(std::optional<Path> into) { into_ = std::move(into); }

  Result<void> open() override {
    event_writer_ = std::make_unique<EventWriter>(paths_);
    if (into_) field_writer_ = std::make_unique<FieldWriter>(*into_, paths_);
    return {};
  }

  void apply(Batch& batch) const override {
    batch.retain([&](uint32_t row) {
      const Value text = batch.columns[static_cast<size_t>(slot_)][row];
      if (text.is_missing() && !name_.empty() && !strict_) {
        batch.note(row, index_, Note::Kind::kMissing, missing());
        return true;
      }
      const Value parsed = read(text, batch.arena);
      if (parsed.is_error() && keep_) return true;
      std::string problem =
          parsed.is_error() ? std::string(parsed.text()) : put(batch, row, parsed);
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
  }

 private:
  std::string missing() const {
    return name_.empty()
               ? "the event has no field 'message', as a line has: say with --field what to parse"
               : "the field '" + name_ + "' is missing";
  }

  /// What the text says, or kError.
  Value read(const Value& text, Arena& arena) const {
    if (text.is_missing()) return Value::error(arena.copy(missing()));
    Value parsed = text;
    if (text.kind != Kind::kString) {
      parsed = expr::make_error(
          arena, {"only text can be parsed, and this is ", expr::with_article(text)});
    } else {
      parsed =
          parser_->parse(text.text(), into_ ? static_cast<int>(into_->names.size()) : 0, arena);
    }
    const bool adds_fields = !into_ && !name_.empty();
    if (adds_fields && !parsed.is_error() && parsed.kind != Kind::kMap) {
      parsed = expr::make_error(arena, {expr::with_article(parsed),
                                        " has no fields to add: put it into a field with --into"});
    }
    if (!parsed.is_error() || name_.empty()) return parsed;
    return expr::make_error(arena, {name_, ": ", parsed.text()});
  }

  /// Puts what was read where it belongs. Answers an empty text, or why it cannot stand there.
  std::string put(Batch& batch, uint32_t row, const Value& parsed) const {
    if (into_) {
      std::string problem = field_writer_->write(batch, row, parsed);
      if (problem.empty()) event_writer_->mark_text(batch, row, *into_, parsed);
      return problem;
    }
    if (!name_.empty()) {
      const Value fields = decode_container(parsed, batch.arena);
      return event_writer_->merge(batch, row, *fields.map);
    }
    event_writer_->replace(batch, row, parsed);
    return {};
  }

  PathTable& paths_;
  std::unique_ptr<TextParser> parser_;
  bool keep_;
  int slot_ = 0;
  std::string name_;  ///< the field that is read; empty: the line
  std::optional<Path> into_;
  std::unique_ptr<EventWriter> event_writer_;
  std::unique_ptr<FieldWriter> field_writer_;
};

Result<std::unique_ptr<TextParser>> make_parser(const Arguments& arguments, TextArguments& read,
                                                int64_t pattern_memory) {
  const bool has_pattern = arguments.positionals.size() > 1;
  if (read.format == "regex") {
    if (has_pattern) return make_regex_parser(arguments.positionals[1], pattern_memory);
    return usage_error(
        "parse: regex needs a pattern with named groups: parse regex "
        "'(?P<user>\\w+)@(?P<host>.*)'");
  }
  if (has_pattern) {
    return usage_error("parse: " + read.format + " takes no pattern, and '" +
                       arguments.positionals[1] + "' is one word too many");
  }
  if (read.format == "json") return make_json_parser();
  if (read.format == "logfmt") return make_logfmt_parser();
  return make_csv_parser(std::move(read.fields), read.separator);
}

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto read = read_text_arguments("parse", kFormats, arguments);
  if (!read) return std::unexpected(read.error());
  auto parser = make_parser(arguments, *read, plan.limits.pattern);
  if (!parser) return std::unexpected(parser.error());
  auto parse = std::make_unique<Parse>(plan, std::move(*parser), arguments.has("--keep"));
  parse->set_field(std::move(read->field));
  parse->set_into(std::move(read->into));
  return parse;
}

}  // namespace

const Verb kParse = {
    .command = {.name = "parse",
                .summary = "read fields out of text: json, csv, logfmt, regex",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
    .reads_lines = [](const Arguments& arguments) { return !arguments.has("--field"); },
};

}  // namespace weir
