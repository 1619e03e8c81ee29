// unzip: decompress the content of fields.
#include <optional>
#include <string>

#include "base/base64.h"
#include "base/latin1.h"
#include "base/units.h"
#include "base/utf8.h"
#include "codec/compression.h"
#include "event/json_value.h"
#include "expr/function.h"
#include "stage/each_field.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FIELDS",
     .at_least = 1,
     .at_most = -1,
     .help = "the fields to decompress, separated by commas or as several words"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--encoding",
     .type = OptionType::kChoice,
     .metavar = "ENCODING",
     .help = "how bytes stand in the event; base64 if left out",
     .detail = "raw reads a byte from each character, U+0000 to U+00FF.",
     .choices = "base64 raw"},
    {.name = "--max-size",
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "reject an event if more comes out of a field, written as JSON; 8MiB if left out"},
};

/// What may come out of a field, in bytes, if nothing else is said: as long as an event may be.
constexpr std::string_view kMaxSize = "8MiB";
/// Strings count their bytes in 32 bits.
constexpr uint64_t kLargestSize = uint64_t{1} << 30;
/// A few bytes can become as much as --max-size, so only few events are under way at once.
constexpr uint32_t kRowsAtOnce = 8;

class Unzip final : public EachField {
 public:
  Unzip(const PlanContext& plan, bool raw, size_t max_size)
      : EachField(plan), raw_(raw), max_size_(max_size) {}

  std::string makes() const override {
    return "up to " + format_size(max_size_) + " of each field (--max-size), in batches of " +
           std::to_string(kRowsAtOnce) + " events";
  }

 private:
  Value change(const Value& value, Arena& arena) const override {
    std::string json;
    const std::string problem = read(value, json);
    return problem.empty() ? read_json_value(arena.copy(json), arena)
                           : Value::error(arena.copy(problem));
  }

  /// Appends what is in the field, as a JSON string. Answers an empty text, or why it cannot be
  /// had.
  std::string read(const Value& value, std::string& json) const {
    if (value.kind != Kind::kString) {
      return "compressed content is a string, and this is " +
             std::string(expr::with_article(value));
    }
    const std::optional<std::string> packed =
        raw_ ? decode_latin1(value.text()) : decode_base64(value.text());
    if (!packed) {
      return raw_ ? "a character beyond U+00FF is no byte: is it --encoding base64?"
                  : "this is no base64: is it --encoding raw?";
    }
    const Compression method = detect_compression(*packed, true).value_or(Compression::kNone);
    if (method == Compression::kNone) return "neither gzip nor zstd data";
    auto content = decompress(method, *packed, max_size_);
    if (!content) return content.error();
    if (content->size() <= max_size_) {
      if (const size_t bad = find_bad_utf8(*content); bad != std::string_view::npos) {
        return "byte " + std::to_string(bad + 1) +
               " of what comes out: not well-formed UTF-8, which an event must be";
      }
      // A control character takes six bytes in JSON, and that is what has to be held.
      write_json_string(*content, json);
      if (json.size() - 2 <= max_size_) return {};
    }
    return "more than " + format_size(max_size_) + " come out of it; --max-size allows more";
  }

  bool raw_;
  size_t max_size_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  const uint64_t max_size = parse_size(arguments.get("--max-size", kMaxSize)).value_or(0);
  if (max_size == 0 || max_size > kLargestSize) {
    return usage_error("unzip: --max-size is at least 1 byte and at most " +
                       format_size(kLargestSize));
  }
  auto unzip =
      std::make_unique<Unzip>(plan, arguments.get("--encoding", "base64") == "raw", max_size);
  if (auto added = unzip->add(arguments.positionals); !added) return std::unexpected(added.error());
  return unzip;
}

}  // namespace

const Verb kUnzip = {
    .command = {.name = "unzip",
                .summary = "decompress the content of fields",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
    .batch_rows = kRowsAtOnce,
};

}  // namespace weir
