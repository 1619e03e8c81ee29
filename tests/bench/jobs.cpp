#include "bench/jobs.h"

#include <utility>

namespace weir::bench {

namespace {

using Words = std::vector<std::string>;

const char* const kFilter = "http.status >= 500";
const Words kGroups = {"aggregate",
                       "--by",
                       "service",
                       "n = count()",
                       "total = sum(http.latency_ms)",
                       "avg = mean(http.latency_ms)",
                       "worst = max(http.latency_ms)"};

const char* const kJqGroups =
    "reduce inputs as $e ({}; .[$e.service] |= {n: (.n + 1), sum: (.sum + $e.http.latency_ms), "
    "worst: ([.worst, $e.http.latency_ms] | max)}) | to_entries[] | {service: .key, n: .value.n, "
    "total: .value.sum, avg: (.value.sum / .value.n), worst: .value.worst}";

const Words kMillerGroups = {
    "flatten",
    "then",
    "stats1",
    "-a",
    "count,sum,mean,max",
    "-f",
    "http.latency_ms",
    "-g",
    "service",
    "then",
    "rename",
    "http.latency_ms_count,n,http.latency_ms_sum,total,http.latency_ms_mean,avg,"
    "http.latency_ms_max,worst"};

// An event without a user is in the group null. An object that grows takes them minutes.
const char* const kJqKeys =
    "[inputs | .user.id // \"\"] | group_by(.)[] | "
    "if .[0] == \"\" then {n: length} else {id: .[0], n: length} end";
const Words kMillerKeys = {"put",
                           "$id = is_map($user) ? $user[\"id\"] : \"\"",
                           "then",
                           "count",
                           "-g",
                           "id",
                           "-o",
                           "n",
                           "then",
                           "put",
                           "if ($id == \"\") {unset $id}"};

const char* const kJqEnrich =
    "([$users | split(\"\\n\")[1:-1][] | split(\",\") | "
    "{key: .[0], value: {plan: .[1], since: .[2]}}] | from_entries) as $known | "
    "inputs | .account = $known[.user.id // \"\"]";

/// weir on one thread and on two.
std::vector<Contender> weir(const Words& stages) {
  std::vector<Contender> both;
  for (const char* const threads : {"-j1", "-j2"}) {
    Words words = {"weir", threads, "from", "{in}", "then"};
    words.insert(words.end(), stages.begin(), stages.end());
    both.push_back({.name = std::string("weir ") + threads, .words = std::move(words)});
  }
  return both;
}

Contender simdjson(const char* name, const Words& job) {
  Words words = {"bench-simdjson"};
  words.insert(words.end(), job.begin(), job.end());
  return {.name = name, .words = std::move(words)};
}

Contender on_demand(const Words& job) { return simdjson("On-Demand", job); }

std::vector<Contender> duckdb(const char* job) {
  std::vector<Contender> both;
  for (const char* const threads : {"1", "2"}) {
    both.push_back({.name = std::string("DuckDB ") + threads,
                    .words = {"node", "{scripts}/duckdb.cjs", job, "{in}", threads, "{users}"}});
  }
  return both;
}

std::vector<Contender> jqs(const Words& words) {
  std::vector<Contender> both;
  for (const char* const name : {"jq", "gojq"}) {
    Words all = {name};
    all.insert(all.end(), words.begin(), words.end());
    both.push_back({.name = name, .words = std::move(all), .slow = true});
  }
  return both;
}

Contender miller(const char* output, const Words& words) {
  Words all = {"mlr", "--ijsonl", output};
  all.insert(all.end(), words.begin(), words.end());
  return {.name = "Miller", .words = std::move(all), .slow = true};
}

/// What reads everything and does nothing with it.
std::vector<Contender> floor() {
  return {{.name = "wc -l", .words = {"wc", "-l"}, .answers = false},
          {.name = "cat", .words = {"cat"}, .answers = false}};
}

std::vector<Contender> all_of(const std::vector<std::vector<Contender>>& groups) {
  std::vector<Contender> all;
  for (const std::vector<Contender>& group : groups) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

std::vector<Contender> decoders(Input input) {
  if (input == Input::kZstd) {
    return {{.name = "zstd -dc", .words = {"zstd", "-dcq"}, .answers = false}};
  }
  return {{.name = "gzip -dc", .words = {"gzip", "-dc"}, .answers = false},
          {.name = "igzip -dc", .words = {"igzip", "-dc"}, .answers = false}};
}

void add_compressed(std::vector<Job>& jobs) {
  for (const auto& [input, name] : {std::pair{Input::kZstd, "zstd"}, {Input::kGzip, "gzip"}}) {
    const bool has_duckdb = input == Input::kZstd;
    jobs.push_back({std::string("k-filter-") + name, std::string("filter, ") + name, input,
                    AnswerKind::kEvents,
                    all_of({weir({"filter", kFilter}), decoders(input),
                            has_duckdb ? duckdb("filter") : std::vector<Contender>{}})});
    jobs.push_back({std::string("k-group-") + name, std::string("group by, ") + name, input,
                    AnswerKind::kEvents,
                    all_of({weir(kGroups), decoders(input),
                            has_duckdb ? duckdb("aggregate") : std::vector<Contender>{}})});
  }
}

}  // namespace

std::vector<Job> jobs() {
  using enum Input;
  using enum AnswerKind;
  std::vector<Job> all;
  all.push_back({"a", "count", kUsual, kNumber,
                 all_of({weir({"aggregate", "n = count()"}),
                         floor(),
                         duckdb("count"),
                         {{.name = "mawk", .words = {"mawk", "END { print NR }"}}},
                         jqs({"-n", "reduce inputs as $e (0; . + 1)"}),
                         {miller("--ojsonl", {"count"})}})});
  all.push_back(
      {"b", "filter http.status >= 500", kUsual, kEvents,
       all_of({weir({"filter", kFilter}),
               {on_demand({"filter"})},
               floor(),
               duckdb("filter"),
               jqs({"-c", "select(.http.status >= 500)"}),
               {miller("--ojsonl", {"filter", "$http[\"status\"] >= 500"}),
                {.name = "leo-streams", .words = {"node", "{scripts}/leo.cjs"}, .slow = true}}})});
  all.push_back({"c", "filter message.contains(...), one in 10,000", kUsual, kEvents,
                 all_of({weir({"filter", "message.contains(\"xylophone-77\")"}),
                         {on_demand({"rare"}),
                          {.name = "grep -F", .words = {"grep", "-F", "xylophone-77"}},
                          {.name = "ripgrep", .words = {"rg", "-F", "xylophone-77"}},
                          {.name = "mawk", .words = {"mawk", "index($0, \"xylophone-77\")"}}},
                         duckdb("rare"),
                         jqs({"-c", "select(.message | contains(\"xylophone-77\"))"}),
                         {miller("--ojsonl", {"filter", "$message =~ \"xylophone-77\""})}})});
  all.push_back({"d", "filter http.status < 400, nine in ten", kUsual, kEvents,
                 all_of({weir({"filter", "http.status < 400"}),
                         {on_demand({"pass"}), simdjson("DOM", {"pass-checked"})},
                         duckdb("pass"),
                         jqs({"-c", "select(.http.status < 400)"}),
                         {miller("--ojsonl", {"filter", "$http[\"status\"] < 400"})}})});
  all.push_back(
      {"e", "service and http.status as CSV", kUsual, kCsv,
       all_of({weir({"to", "-", "--format", "csv", "--columns", "service,http.status"}),
               {on_demand({"project"})},
               duckdb("project"),
               jqs({"-r",
                    "\"service,http.status\", (., inputs | [.service, "
                    ".http.status] | @csv)"}),
               {miller("--ocsv", {"flatten", "then", "cut", "-of", "service,http.status"})}})});
  all.push_back({"f", "group by service: count, sum, mean, max", kUsual, kEvents,
                 all_of({weir(kGroups),
                         {on_demand({"aggregate"})},
                         duckdb("aggregate"),
                         jqs({"-nc", kJqGroups}),
                         {miller("--ojsonl", kMillerGroups)}})});
  all.push_back({"g", "group by user.id: count", kUsual, kEvents,
                 all_of({weir({"aggregate", "--by", "id = user.id", "n = count()"}),
                         {on_demand({"keys"})},
                         duckdb("keys"),
                         jqs({"-nc", kJqKeys}),
                         {miller("--ojsonl", kMillerKeys)}})});
  all.push_back({"h", "set secs = http.latency_ms / 1000", kUsual, kEvents,
                 all_of({weir({"set", "secs = http.latency_ms / 1000.0"}),
                         {on_demand({"set"})},
                         duckdb("set"),
                         jqs({"-c", ".secs = .http.latency_ms / 1000"}),
                         {miller("--ojsonl", {"put", "$secs = $http[\"latency_ms\"] / 1000"})}})});
  all.push_back({"i", "enrich from 100,000 rows", kUsual, kEvents,
                 all_of({weir({"enrich", "{users}", "--on", "user.id=id", "--into", "account"}),
                         {on_demand({"enrich", "{users}"})},
                         duckdb("enrich"),
                         jqs({"-nc", "--rawfile", "users", "{users}", kJqEnrich})})});
  all.push_back(
      {"j", "filter message.matches(...)", kUsual, kEvents,
       all_of({weir({"filter", "message.matches('retry.*(timeout|lagging)')"}),
               {on_demand({"regex"}),
                {.name = "grep -E", .words = {"grep", "-E", "retry.*(timeout|lagging)"}},
                {.name = "ripgrep", .words = {"rg", "retry.*(timeout|lagging)"}},
                {.name = "mawk", .words = {"mawk", "/retry.*(timeout|lagging)/"}}},
               duckdb("regex"),
               jqs({"-c", "select(.message | test(\"retry.*(timeout|lagging)\"))"}),
               {miller("--ojsonl", {"filter", "$message =~ \"retry.*(timeout|lagging)\""})}})});
  add_compressed(all);
  struct Shaped {
    Input input;
    const char* id;
    const char* name;
  };
  for (const Shaped& shape : {Shaped{kWide, "n-wide", "100 fields"},
                              {kTiny, "n-tiny", "40 bytes"},
                              {kLast, "n-last", "the field last"}}) {
    all.push_back({shape.id, std::string("filter, ") + shape.name, shape.input, kEvents,
                   all_of({weir({"filter", kFilter}),
                           {on_demand({"filter"}), {"wc -l", {"wc", "-l"}, false, false}}})});
  }
  return all;
}

std::vector<Mark> marks() {
  return {{"b", "weir -j1", {"On-Demand"}, 1.5},
          {"e", "weir -j1", {"On-Demand"}, 1.5},
          {"f", "weir -j1", {"On-Demand"}, 1.5},
          {"c", "weir -j1", {"On-Demand"}, 2.3},
          {"d", "weir -j1", {"DOM"}, 1.2},
          {"d", "weir -j2", {"weir -j1"}, 1.8},
          {"i", "weir -j2", {"weir -j1"}, 1.8},
          {"j", "weir -j2", {"weir -j1"}, 1.8},
          {"b", "weir -j2", {"weir -j1"}, 1.6},
          {"f", "weir -j2", {"weir -j1"}, 1.6},
          {"k-filter-zstd", "weir -j2", {"zstd -dc", "b/weir -j2"}, 0.9},
          {"k-filter-gzip", "weir -j2", {"igzip -dc", "b/weir -j2"}, 0.9},
          {"k-group-zstd", "weir -j2", {"zstd -dc", "f/weir -j2"}, 0.9},
          {"k-group-gzip", "weir -j2", {"igzip -dc", "f/weir -j2"}, 0.9},
          {"b", "weir -j1", {"DuckDB 1"}, 8},
          {"b", "weir -j2", {"DuckDB 2"}, 8},
          {"e", "weir -j1", {"DuckDB 1"}, 8},
          {"e", "weir -j2", {"DuckDB 2"}, 8},
          {"d", "weir -j1", {"DuckDB 1"}, 4},
          {"d", "weir -j2", {"DuckDB 2"}, 4},
          {"f", "weir -j1", {"DuckDB 1"}, 4},
          {"f", "weir -j2", {"DuckDB 2"}, 4},
          {"g", "weir -j1", {"DuckDB 1"}, 2},
          {"g", "weir -j2", {"DuckDB 2"}, 2},
          {"b", "weir -j1", {"jq"}, 70},
          {"b", "weir -j1", {"leo-streams"}, 70},
          {"q", "weir -j1", {"zstd -1"}, 0.75},
          {"q", "weir -j2", {"zstd -1"}, 1},
          {"r", "weir -j1", {"zstd -dc"}, 1},
          {"r", "weir -j2", {"zstd -dc"}, 1}};
}

}  // namespace weir::bench
