// zip: compress the content of fields.
#include <charconv>
#include <string>

#include "base/base64.h"
#include "base/latin1.h"
#include "codec/compression.h"
#include "event/json_value.h"
#include "event/surrogate.h"
#include "stage/each_field.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FIELDS",
     .at_least = 1,
     .at_most = -1,
     .help = "the fields to compress, separated by commas or as several words"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--method",
     .short_name = 'm',
     .type = OptionType::kChoice,
     .metavar = "METHOD",
     .help = "how to compress; gzip if left out",
     .choices = "gzip zstd"},
    {.name = "--level",
     .type = OptionType::kNumber,
     .metavar = "N",
     .help = "how hard to compress: gzip 1 to 9, zstd 1 to 19"},
    {.name = "--encoding",
     .type = OptionType::kChoice,
     .metavar = "ENCODING",
     .help = "how bytes stand in the event; base64 if left out",
     .detail = "raw makes a character of each byte, U+0000 to U+00FF.",
     .choices = "base64 raw"},
};

class Zip final : public EachField {
 public:
  Zip(const PlanContext& plan, Compression method, int level, bool raw)
      : EachField(plan), method_(method), level_(level), raw_(raw) {}

 private:
  Value change(const Value& value, Arena& arena) const override {
    std::string content;
    std::string problem;
    if (has_lone_surrogate(value)) {
      problem = kLoneSurrogate;
    } else if (value.kind == Kind::kString) {
      content = value.text();
    } else {
      problem = write_json(value, content);
    }
    std::string packed;
    if (problem.empty()) {
      problem = make_encoder(method_, level_)->encode(content, Encoder::Mode::kEnd, packed);
    }
    if (!problem.empty()) return Value::error(arena.copy(problem));
    std::string text;
    if (raw_) {
      append_latin1(packed, text);
    } else {
      append_base64(packed, text);
    }
    return Value::of_string(arena.copy(text));
  }

  Compression method_;
  int level_;
  bool raw_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  const Compression method = *find_compression(arguments.get("--method", "gzip"));
  int level = 0;
  if (arguments.has("--level")) {
    const std::string_view text = arguments.get("--level");
    const auto read = std::from_chars(text.data(), text.data() + text.size(), level);
    if (read.ec != std::errc() || level < 1 || level > highest_level(method)) {
      return usage_error("zip: the levels of " + std::string(compression_name(method)) +
                         " are 1 to " + std::to_string(highest_level(method)));
    }
  }
  auto zip =
      std::make_unique<Zip>(plan, method, level, arguments.get("--encoding", "base64") == "raw");
  if (auto added = zip->add(arguments.positionals); !added) return std::unexpected(added.error());
  return zip;
}

}  // namespace

const Verb kZip = {
    .command = {.name = "zip",
                .summary = "compress the content of fields",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
};

}  // namespace weir
