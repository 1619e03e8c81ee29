// Evaluating expressions on events: whatever they are it ends well, and within the limits; folding
// constants changes no result; a result has its JSON form; and a line that an expression is true
// for has its needles. The input is an expression, a line feed and an event; or a # and bytes that
// both are made of.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "event/batch.h"
#include "event/fill.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "expr/expr.h"
#include "expr/literal.h"
#include "make_expression.h"
#include "require.h"
#include "same_tree.h"

namespace {

using namespace weir;
using namespace weir::expr;

/// What the expression gives on the event, as a person and as JSON would see it.
std::string show(const Value& value) {
  std::string text = typed_line(value);
  std::string json;
  const std::string problem = write_json(value, json);
  if (problem.empty()) {
    // What stands in a list around it may be nested deeper than an event may be.
    const std::string wrong = check_json(json);
    require(wrong.empty() || wrong.contains("deep"), "a result is no JSON", json, wrong);
  }
  return text + "\n" + (problem.empty() ? json : problem);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Low enough that no input takes long.
constexpr Limits kLimits = {.steps = 100'000, .memory = uint64_t{8} << 20};

/// What the one operation that goes beyond the limit may make.
constexpr uint64_t kOvershoot = uint64_t{64} << 20;

bool is_limit(std::string_view shown) {
  return contains(shown, "the expression takes too long") ||
         contains(shown, "the expression makes too much");
}

void try_out(const Node& node, const std::string& source, const std::string& event,
             Dialect dialect) {
  PathTable paths;
  const auto folded = Program::compile(node, source, paths, dialect, kLimits);
  if (!folded) return;
  const auto plain = Program::compile(node, source, paths, dialect, kLimits, Folding::kOff);
  require(plain.has_value(), "it compiles only with its constants folded", source);

  Batch batch;
  batch.buffer = Buffer(event.size());
  std::ranges::copy(event, batch.buffer.data());
  batch.origin = std::make_shared<const Origin>(Origin{.name = "event"});
  batch.first_line = 1;
  batch.add_text({batch.buffer.data(), event.size()}, 0);
  ColumnFiller(paths, plain->slots()).fill(batch, 0);
  batch.columns.resize(static_cast<size_t>(paths.size()));
  require(batch.alive.size() == 1, "a checked event was rejected", event);
  for (std::vector<Value>& column : batch.columns) column.resize(1);

  Arena arena;
  const Value value = folded->eval({batch.columns, 0, arena});
  const std::string one = show(value);
  const std::string other = show(plain->eval({batch.columns, 0, arena}));
  require(arena.handed_out() <= 2 * (kLimits.memory + kOvershoot), "more memory than allowed",
          source, std::to_string(arena.handed_out()));
  // What is folded costs less, so a limit may be met by one of the two only.
  if (!is_limit(one) && !is_limit(other)) require_same(source, one, other);
  if (dialect != Dialect::kEvents || value.kind != Kind::kBool || !value.boolean) return;
  for (const std::string& needle : folded->needles()) {
    require(contains(event, needle) || contains(event, "\\u"), "a needle is not there", source,
            needle);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string source;
  std::string event;
  if (size > 0 && data[0] == '#') {
    Decisions decisions(data + 1, size - 1);
    event = EventMaker(decisions).event();
    source = Maker(decisions).expression();
  } else {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const size_t end = std::min(input.find('\n'), input.size());
    source = input.substr(0, end);
    event = input.substr(std::min(size, end + 1));
  }
  if (!check_json(event).empty()) event = "{}";
  for (const Dialect dialect : {Dialect::kEvents, Dialect::kStandard}) {
    const auto node = parse(source, dialect);
    if (!node) continue;
    print_and_read(**node, dialect);
    try_out(**node, source, event, dialect);
  }
  return 0;
}
