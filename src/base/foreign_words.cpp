#include "base/foreign_words.h"

#include <algorithm>
#include <cctype>
#include <span>

namespace weir {

namespace {

struct Word {
  std::string_view foreign;
  std::string_view ours;
};

// SQL, Miller, dplyr, pandas, the shell.
constexpr Word kVerbs[] = {
    {"where", "filter"},
    {"grep", "filter"},
    {"find", "filter"},
    {"having", "filter"},
    {"put", "set"},
    {"map", "set"},
    {"mutate", "set"},
    {"assign", "set"},
    {"eval", "set"},
    {"add", "set"},
    {"update", "set"},
    {"group", "aggregate --by"},
    {"group_by", "aggregate --by"},
    {"groupby", "aggregate --by"},
    {"group-by", "aggregate --by"},
    {"summarize", "aggregate"},
    {"summarise", "aggregate"},
    {"stats", "aggregate"},
    {"stats1", "aggregate"},
    {"count", "aggregate \"n = count()\""},
    {"wc", "aggregate \"n = count()\""},
    {"sum", "aggregate \"s = sum(FIELD)\""},
    {"avg", "aggregate \"m = mean(FIELD)\""},
    {"mean", "aggregate \"m = mean(FIELD)\""},
    {"join", "enrich TABLE --on"},
    {"lookup", "enrich TABLE --on"},
    {"limit", "head"},
    {"take", "head"},
    {"cut", "select"},
    {"project", "select"},
    {"fields", "select"},
    {"remove", "drop"},
    {"delete", "drop"},
    {"unset", "drop"},
    {"write", "to"},
    {"save", "to"},
    {"read", "from"},
    {"cat", "from"},
    {"load", "from"},
};

constexpr std::string_view kSorted =
    "events are sorted, and the greatest taken, as weir-batch(1) shows";
constexpr std::string_view kDoubled =
    "what comes more than once tells aggregate --by KEYS 'n = count()' then filter 'n > 1'";

// What no single verb does.
constexpr Word kTasks[] = {
    {"sort", kSorted},
    {"sort-by", kSorted},
    {"sort_by", kSorted},
    {"order", kSorted},
    {"order-by", kSorted},
    {"order_by", kSorted},
    {"orderby", kSorted},
    {"arrange", kSorted},
    {"top", kSorted},
    {"uniq", kDoubled},
    {"unique", kDoubled},
    {"distinct", kDoubled},
    {"dedup", kDoubled},
    {"dedupe", kDoubled},
    {"histogram", "how often each value comes tells aggregate --by KEYS 'n = count()'"},
    {"version", "say weir --version"},
};

constexpr Word kFunctions[] = {
    {"avg", "mean(x)"},
    {"average", "mean(x)"},
    {"length", "size(x)"},
    {"len", "size(x)"},
    {"strlen", "size(x)"},
    {"toLower", "lower(text)"},
    {"toLowerCase", "lower(text)"},
    {"lcase", "lower(text)"},
    {"downcase", "lower(text)"},
    {"ascii_downcase", "lower(text)"},
    {"toUpper", "upper(text)"},
    {"toUpperCase", "upper(text)"},
    {"ucase", "upper(text)"},
    {"upcase", "upper(text)"},
    {"ascii_upcase", "upper(text)"},
    {"match", "text.matches(pattern)"},
    {"regex", "text.matches(pattern)"},
    {"regexp_like", "text.matches(pattern)"},
    {"regex_match", "text.matches(pattern)"},
    {"test", "text.matches(pattern)"},
    {"includes", "text.contains(part)"},
    {"instr", "text.contains(part)"},
    {"strpos", "text.indexOf(part)"},
    {"startswith", "text.startsWith(prefix)"},
    {"starts_with", "text.startsWith(prefix)"},
    {"endswith", "text.endsWith(suffix)"},
    {"ends_with", "text.endsWith(suffix)"},
    {"substr", "text.substring(from, to)"},
    {"sub", "text.replace(old, new)"},
    {"gsub", "text.replace(old, new)"},
    {"str", "string(x)"},
    {"tostring", "string(x)"},
    {"to_string", "string(x)"},
    {"toString", "string(x)"},
    {"float", "double(x)"},
    {"number", "double(x)"},
    {"tonumber", "double(x)"},
    {"to_number", "double(x)"},
    {"parseFloat", "double(x)"},
    {"toint", "int(x)"},
    {"parseInt", "int(x)"},
    {"integer", "int(x)"},
    {"typeof", "type(x)"},
    {"any", "list.exists(x, condition)"},
    {"defined", "has(a.field)"},
    {"isset", "has(a.field)"},
    {"isnull", "x == null, and !has(x) for a missing field"},
    {"is_null", "x == null, and !has(x) for a missing field"},
    {"coalesce", "has(x) ? x : other"},
    {"ifnull", "has(x) ? x : other"},
    {"nvl", "has(x) ? x : other"},
    {"default", "has(x) ? x : other"},
    {"concat", "a + b"},
    {"strftime", "date(time, format)"},
    {"date_format", "date(time, format)"},
    {"format_date", "date(time, format)"},
    {"formatDate", "date(time, format)"},
    {"to_char", "date(time, format)"},
    {"date_trunc", "date(time, format)"},
    {"truncate", "date(time, format)"},
    {"strptime", "timestamp(text, format)"},
    {"fromdate", "timestamp(x)"},
    {"parse_date", "timestamp(text, format)"},
    {"to_timestamp", "timestamp(x)"},
    {"strip", "text.trim()"},
    {"iif", "condition ? yes : no"},
    {"ifelse", "condition ? yes : no"},
    {"if_else", "condition ? yes : no"},
    {"select", "the condition alone, as filter takes it"},
};

constexpr std::string_view kDifferent =
    "different values are counted in two stages: aggregate --by KEYS,x then aggregate --by KEYS "
    "'n = count()'";
constexpr std::string_view kQuantiles =
    "there are no quantiles; how values are spread tells aggregate --by 'bin = int(x / 10)' "
    "'n = count()'";
constexpr std::string_view kCollected =
    "values are not collected: over many events there are count, sum, mean, min, max, first and "
    "last";
constexpr std::string_view kHowOften =
    "how often each value comes tells aggregate --by KEYS,x 'n = count()'";
constexpr std::string_view kDeviation = "math.sqrt(mean(x * x) - mean(x) * mean(x))";
constexpr std::string_view kVariance = "mean(x * x) - mean(x) * mean(x)";

// Functions over many events: what to write, or one of the sentences above.
constexpr Word kAggregates[] = {
    {"avg", "mean(x)"},
    {"average", "mean(x)"},
    {"distinct", kDifferent},
    {"count_distinct", kDifferent},
    {"countdistinct", kDifferent},
    {"distinct_count", kDifferent},
    {"distinctcount", kDifferent},
    {"approx_distinct", kDifferent},
    {"approx_count_distinct", kDifferent},
    {"n_distinct", kDifferent},
    {"nunique", kDifferent},
    {"countd", kDifferent},
    {"count_unique", kDifferent},
    {"unique", kDifferent},
    {"uniq", kDifferent},
    {"cardinality", kDifferent},
    {"median", kQuantiles},
    {"quantile", kQuantiles},
    {"percentile", kQuantiles},
    {"percentiles", kQuantiles},
    {"approx_percentile", kQuantiles},
    {"approx_quantile", kQuantiles},
    {"percentile_cont", kQuantiles},
    {"percentile_disc", kQuantiles},
    {"list", kCollected},
    {"collect", kCollected},
    {"collect_list", kCollected},
    {"collect_set", kCollected},
    {"array_agg", kCollected},
    {"json_agg", kCollected},
    {"group_concat", kCollected},
    {"string_agg", kCollected},
    {"listagg", kCollected},
    {"values", kCollected},
    {"mode", kHowOften},
    {"histogram", kHowOften},
    {"stddev", kDeviation},
    {"stdev", kDeviation},
    {"std", kDeviation},
    {"stddev_pop", kDeviation},
    {"variance", kVariance},
    {"var_pop", kVariance},
    {"cnt", "count()"},
    {"n", "count()"},
    {"tally", "count()"},
    {"countif", "count(condition)"},
    {"count_if", "count(condition)"},
    {"sumif", "sum(condition ? x : null)"},
    {"sum_if", "sum(condition ? x : null)"},
    {"total", "sum(x)"},
    {"maximum", "max(x)"},
    {"largest", "max(x)"},
    {"highest", "max(x)"},
    {"minimum", "min(x)"},
    {"smallest", "min(x)"},
    {"lowest", "min(x)"},
    {"range", "max(x) - min(x)"},
    {"any_value", "first(x)"},
    {"first_value", "first(x)"},
    {"earliest", "first(x)"},
    {"last_value", "last(x)"},
    {"latest", "last(x)"},
};

constexpr std::string_view kContains = "a part of a text is found by text.contains(part)";
constexpr std::string_view kMatch = "a match is written field.matches('...')";
constexpr std::string_view kNull =
    "null is tested by == null, and a field that is not there by !has(field)";

// Words behind an operand, in small letters.
constexpr Word kWords[] = {
    {"and", "and is written &&"},
    {"or", "or is written ||"},
    {"not", "not is written !, as in !(x in list)"},
    {"is", kNull},
    {"isnull", kNull},
    {"eq", "equality is written =="},
    {"equals", "equality is written =="},
    {"ne", "inequality is written !="},
    {"gt", "greater is written >"},
    {"ge", "greater or equal is written >="},
    {"lt", "less is written <"},
    {"le", "less or equal is written <="},
    {"like", "there is no LIKE: text.contains(part), text.startsWith(part), text.matches(pattern)"},
    {"ilike", "there is no LIKE: lower(text).contains(part), text.matches('(?i)...')"},
    {"contains", kContains},
    {"includes", kContains},
    {"startswith", "the start of a text is tested by text.startsWith(part)"},
    {"endswith", "the end of a text is tested by text.endsWith(part)"},
    {"matches", kMatch},
    {"regexp", kMatch},
    {"rlike", kMatch},
    {"between", "between is written a <= x && x <= b"},
    {"mod", "the remainder is written %"},
    {"div", "a division is written /"},
};

constexpr std::string_view kQuotes = "a text stands in straight quotes: \"...\" or '...'";

// Longer ones first, so that the first that fits is right.
constexpr Word kSigns[] = {
    {"===", "equality is written =="},
    {"!==", "inequality is written !="},
    {"=>", "greater or equal is written >="},
    {"=<", "less or equal is written <="},
    {"=~", kMatch},
    {"~=", kMatch},
    {"!~", "a match is denied by !field.matches('...')"},
    {"<>", "inequality is written !="},
    {"~", kMatch},
    {"\u201c", kQuotes},
    {"\u201d", kQuotes},
    {"\u201e", kQuotes},
    {"\u2018", kQuotes},
    {"\u2019", kQuotes},
    {"\u00ab", kQuotes},
    {"\u00bb", kQuotes},
    {"\u2264", "less or equal is written <="},
    {"\u2265", "greater or equal is written >="},
    {"\u2260", "inequality is written !="},
    {"$", "a field has no $ in front: write its name alone"},
};

constexpr Word kConstants[] = {
    {"True", "true"}, {"TRUE", "true"}, {"False", "false"}, {"FALSE", "false"},    {"None", "null"},
    {"nil", "null"},  {"Null", "null"}, {"NULL", "null"},   {"undefined", "null"},
};

constexpr Word kFormats[] = {
    {"json", "ndjson"}, {"jsonl", "ndjson"}, {"jsonlines", "ndjson"}, {"ldjson", "ndjson"},
    {"txt", "text"},    {"plain", "text"},   {"lines", "text"},       {"raw", "text"},
};

std::string_view find(std::span<const Word> words, std::string_view foreign) {
  const auto found = std::ranges::find(words, foreign, &Word::foreign);
  return found == words.end() ? std::string_view() : found->ours;
}

}  // namespace

std::string_view verb_for(std::string_view word) { return find(kVerbs, word); }
std::string_view task_remedy(std::string_view word) { return find(kTasks, word); }
std::string_view function_for(std::string_view name) { return find(kFunctions, name); }
std::string_view constant_for(std::string_view name) { return find(kConstants, name); }
std::string_view format_for(std::string_view name) { return find(kFormats, name); }

std::string aggregate_remedy(std::string_view name) {
  std::string small;
  for (const char c : name) small += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string_view ours = find(kAggregates, small);
  const bool is_number =
      small.size() > 1 && small.find_first_not_of("0123456789", 1) == std::string::npos;
  if (ours.empty() && small.starts_with('p') && is_number) ours = kQuantiles;  // p99
  if (ours.empty()) return {};
  const bool is_sentence =
      ours == kDifferent || ours == kQuantiles || ours == kCollected || ours == kHowOften;
  return is_sentence ? std::string(ours) : "did you mean " + std::string(ours) + "?";
}

std::string_view remedy_for_word(std::string_view word) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto found = std::ranges::find_if(
      kWords, [&](const Word& known) { return std::ranges::equal(word, known.foreign, same); });
  return found == std::end(kWords) ? std::string_view() : found->ours;
}

std::string_view remedy_for_sign(std::string_view text, size_t& length) {
  const auto found = std::ranges::find_if(
      kSigns, [&](const Word& known) { return text.starts_with(known.foreign); });
  if (found == std::end(kSigns)) return {};
  length = found->foreign.size();
  return found->ours;
}

}  // namespace weir
