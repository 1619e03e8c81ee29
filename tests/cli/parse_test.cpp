#include "cli/parse.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cli/chain.h"
#include "cli/words.h"

using weir::Arguments;
using weir::Invocation;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "|") + word;
  return text;
}

/// Positionals, then options with their values; or the message.
std::string parse(const char* word, const std::vector<std::string>& words) {
  const auto arguments = weir::parse_arguments(*weir::find_word(word), words);
  if (!arguments) return arguments.error().message;
  std::string text = joined(arguments->positionals);
  for (const auto& [name, values] : arguments->values) text += " " + name + "=" + joined(values);
  return text;
}

std::string chain_error(const std::vector<std::string>& words) {
  const auto invocation = weir::read_command_line(words, {});
  return invocation ? "" : invocation.error().message;
}

}  // namespace

TEST_CASE("options and positionals stand in any order") {
  CHECK(parse("filter", {"a == 1", "--invert"}) == "a == 1 --invert=");
  CHECK(parse("filter", {"-v", "a == 1"}) == "a == 1 --invert=");
  CHECK(parse("head", {"-n5"}) == " --count=5");
  CHECK(parse("head", {"--count=5"}) == " --count=5");
  CHECK(parse("aggregate", {"--by", "a,b", "n = count()", "--by", "c"}) ==
        "n = count() --by=a,b|c");
}

TEST_CASE("a command without positionals takes none") {
  constexpr weir::Command kBare = {.name = "bare", .summary = "", .positionals = {}, .options = {}};
  const std::vector<std::string> words = {"x"};
  const auto arguments = weir::parse_arguments(kBare, words);
  REQUIRE(!arguments);
  CHECK(arguments.error().message ==
        "bare: 'x' is one argument too many: there are options only, and weir help bare lists "
        "them");
}

TEST_CASE("a value that may be left out stands behind an equals sign") {
  CHECK(parse("weir", {"--stats"}) == " --stats=json");
  CHECK(parse("weir", {"--stats=table"}) == " --stats=table");
  const std::vector<std::string> words = {"--stats", "table"};
  CHECK(weir::leading_options(*weir::find_word("weir"), words) == 1);
}

TEST_CASE("expressions may look like options or lists") {
  CHECK(parse("filter", {"-x < 3"}) == "-x < 3");
  CHECK(parse("filter", {"-1 < x"}) == "-1 < x");
  CHECK(parse("filter", {"[1,2] == l"}) == "[1,2] == l");
  CHECK(parse("filter", {"--", "-v"}) == "-v");
  CHECK(parse("aggregate", {"--by", "-x", "[1,2]"}) == "[1,2] --by=-x");
  CHECK(parse("from", {"-"}) == "-");
}

TEST_CASE("wrong words are met with the right ones") {
  CHECK(parse("filter", {"a", "--inver"}) ==
        "filter: there is no option '--inver': did you mean '--invert'?");
  CHECK(parse("filter", {"a", "--stats"}) ==
        "put --stats before the first stage: it belongs to weir, not to filter");
  CHECK(parse("filter", {}) == "filter: EXPRESSION is missing");
  CHECK(parse("filter", {"a", "==", "1"}) ==
        "filter: the expression came in 3 arguments: put it in quotes, filter 'a == 1'");
  CHECK(parse("to", {"a", "b"}) == "to: at most 1 ENDPOINT can be given, and 'b' is one too many");
  CHECK(parse("to", {"--format", "cvs"}) ==
        "to: --format takes one of ndjson, csv, tsv, table, text, not 'cvs': did you mean 'csv'?");
  CHECK(parse("to", {"--format"}) == "to: --format needs FORMAT");
  CHECK(parse("to", {"--level", "x"}) == "to: --level takes a whole number, not 'x'");
  CHECK(parse("filter", {"a", "--invert=1"}) == "filter: --invert takes no value");
}

TEST_CASE("then splits before anything else") {
  const std::vector<std::string> words = {"--strict", "filter", "a", "then", "filter", "\\then"};
  const auto invocation = weir::read_command_line(words, {});
  REQUIRE(invocation);
  CHECK(invocation->pipeline.strict);
  REQUIRE(invocation->pipeline.stages.size() == 2);
  CHECK(invocation->pipeline.stages[1].arguments.positionals[0] == "then");
}

TEST_CASE("a chain that cannot be is refused") {
  CHECK(chain_error({"fliter", "a"}) == "no verb 'fliter': did you mean 'filter'?");
  CHECK(chain_error({"access.ndjson"}) ==
        "no verb 'access.ndjson': to read a file, say: weir from access.ndjson");
  CHECK(chain_error({"head", "then", "from", "x"}) ==
        "'from' stands at the front of a pipeline only");
  CHECK(chain_error({"to", "x", "then", "head"}) == "'to' ends a pipeline: nothing can follow it");
  CHECK(chain_error({"head", "then"}) == "nothing stands behind the last 'then'");
  CHECK(chain_error({"then", "head"}) == "nothing stands in front of a 'then'");
}

TEST_CASE("options alone are a pipeline, no words are none") {
  const std::vector<std::string> only_options = {"-o", "csv"};
  const auto invocation = weir::read_command_line(only_options, {.batch_rows = "7", .jobs = "3"});
  REQUIRE(invocation);
  CHECK(invocation->kind == Invocation::Kind::kRun);
  CHECK(invocation->pipeline.ends.output_format == "csv");
  CHECK(invocation->pipeline.ends.batch_rows == 7);
  CHECK(invocation->pipeline.jobs == 3);
  CHECK(weir::read_command_line({}, {})->kind == Invocation::Kind::kUsage);
}
