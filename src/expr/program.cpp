#include <algorithm>
#include <limits>

#include "event/json_bytes.h"
#include "expr/code.h"
#include "expr/expr.h"

namespace weir::expr {

namespace {

/// The longest piece of `text` that JSON spells in one way only, but for \u escapes.
std::string_view plain_piece(std::string_view text) {
  std::string_view best;
  for (size_t start = 0; start <= text.size();) {
    size_t end = start;
    while (end < text.size() && !has_short_escape(text[end])) ++end;
    if (end - start > best.size()) best = text.substr(start, end - start);
    start = end + 1;
  }
  return best;
}

bool is_string(const Code& code) {
  return code.step == Step::kConstant && code.constant.kind == Kind::kString;
}

bool is_field(const Code& code) { return code.step == Step::kField && code.is_event_field; }

/// The text that a field must contain for `code` to be true; empty if there is none.
std::string_view needle(const Code& code) {
  if (code.children.size() != 2) return {};
  const Code& left = *code.children[0];
  const Code& right = *code.children[1];
  if (code.step == Step::kEqual) {
    if (is_field(left) && is_string(right)) return plain_piece(right.constant.text());
    if (is_string(left) && is_field(right)) return plain_piece(left.constant.text());
  }
  if (code.step == Step::kCall && is_field(left) && is_string(right)) {
    const std::string_view name = code.function->name;
    if (name == "contains" || name == "startsWith" || name == "endsWith") {
      return plain_piece(right.constant.text());
    }
  }
  return {};
}

void gather(const Code& code, std::vector<std::string>& needles) {
  if (code.step == Step::kAnd) {
    for (const Code* const child : code.children) gather(*child, needles);
    return;
  }
  const std::string_view found = needle(code);
  if (found.empty() || std::ranges::find(needles, found) != needles.end()) return;
  needles.emplace_back(found);
}

/// A constant that costs little to compare with.
bool is_scalar(const Code& code) {
  const Kind kind = code.constant.kind;
  return code.step == Step::kConstant && kind != Kind::kList && kind != Kind::kMap;
}

/// The numbers between which `field op number`, or `number op field`, is true.
std::optional<Program::NumberTest> comparison_test(const Code& code) {
  if (code.step != Step::kOrder && code.step != Step::kEqual) return {};
  const bool is_turned = is_field(*code.children[1]);
  const Code& field = *code.children[is_turned ? 1 : 0];
  const Code& constant = *code.children[is_turned ? 0 : 1];
  const bool is_whole = constant.step == Step::kConstant && constant.constant.kind == Kind::kInt;
  if (!is_field(field) || !is_whole) return {};
  constexpr auto kLeast = std::numeric_limits<int64_t>::min();
  constexpr auto kMost = std::numeric_limits<int64_t>::max();
  const int64_t number = constant.constant.integer;
  if (code.op == Operator::kEqual) return Program::NumberTest{field.slot, number, number};
  const bool is_up = code.op == Operator::kGreater || code.op == Operator::kGreaterEqual;
  const bool has_number = code.op == Operator::kLessEqual || code.op == Operator::kGreaterEqual;
  const Program::NumberTest none = {field.slot, kMost, kLeast};
  if (is_up != is_turned) {
    if (has_number) return Program::NumberTest{field.slot, number, kMost};
    return number == kMost ? none : Program::NumberTest{field.slot, number + 1, kMost};
  }
  if (has_number) return Program::NumberTest{field.slot, kLeast, number};
  return number == kLeast ? none : Program::NumberTest{field.slot, kLeast, number - 1};
}

std::optional<Program::NumberTest> number_test(const Code& code) {
  if (code.step != Step::kAnd) return comparison_test(code);
  std::optional<Program::NumberTest> all;
  for (const Code* const child : code.children) {
    const auto test = number_test(*child);
    if (!test || (all && all->slot != test->slot)) return {};
    all = all ? Program::NumberTest{all->slot, std::max(all->least, test->least),
                                    std::min(all->most, test->most)}
              : *test;
  }
  return all;
}

bool only_compares(const Code& code) {
  const auto has = [&](auto&& first, auto&& second) {
    return first(*code.children[0]) && second(*code.children[1]);
  };
  const auto is_constant = [](const Code& side) { return side.step == Step::kConstant; };
  switch (code.step) {
    case Step::kConstant:
      return true;
    case Step::kField:
      return code.is_event_field;
    case Step::kOrder:
    case Step::kEqual:
    case Step::kNotEqual:
      return has(is_field, is_scalar) || has(is_scalar, is_field);
    case Step::kIn:
      return has(is_field, is_constant);
    case Step::kAnd:
    case Step::kOr:
    case Step::kNot:
      return std::ranges::all_of(code.children,
                                 [](const Code* child) { return only_compares(*child); });
    default:
      return false;
  }
}

}  // namespace

struct Program::Compiled {
  std::unique_ptr<Compilation> compilation;
};

Program::Program(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Result<Program> Program::compile(const Node& node, std::string_view source, PathTable& paths,
                                 Dialect dialect, const Limits& limits, Folding folding) {
  auto compilation = compile_node(node, source, paths, dialect, limits, folding);
  if (!compilation) return std::unexpected(compilation.error());
  return Program(std::make_unique<Compiled>(Compiled{std::move(*compilation)}));
}

Result<Program> Program::of(std::string_view source, PathTable& paths, const Limits& limits) {
  auto node = parse(source, Dialect::kEvents, limits);
  if (!node) return std::unexpected(node.error());
  return compile(**node, source, paths, Dialect::kEvents, limits);
}

Value Program::eval(const Frame& frame) const {
  const Compilation& program = *compiled_->compilation;
  return evaluate(program, *program.root, frame);
}

const std::vector<int>& Program::slots() const { return compiled_->compilation->slots; }

std::vector<int> Program::expected_slots() const {
  const auto uses = [&](int slot, Step step) {
    return std::ranges::any_of(compiled_->compilation->codes, [&](const Code& code) {
      return code.slot == slot && code.step == step &&
             (step != Step::kField || code.is_event_field);
    });
  };
  std::vector<int> expected;
  for (const int slot : slots()) {
    if (uses(slot, Step::kField) && !uses(slot, Step::kHasField)) expected.push_back(slot);
  }
  return expected;
}

bool Program::only_compares() const { return expr::only_compares(*compiled_->compilation->root); }

std::optional<Program::NumberTest> Program::number_test() const {
  return expr::number_test(*compiled_->compilation->root);
}

std::vector<std::string> Program::needles() const {
  std::vector<std::string> needles;
  gather(*compiled_->compilation->root, needles);
  return needles;
}

}  // namespace weir::expr
