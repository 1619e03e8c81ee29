#include <algorithm>

#include "expr/code.h"
#include "expr/expr.h"

namespace weir::expr {

namespace {

/// The longest piece of `text` that JSON spells in one way only, but for \u escapes.
std::string_view plain_piece(std::string_view text) {
  const auto special = [](char c) {
    return c == '"' || c == '\\' || c == '/' || static_cast<unsigned char>(c) < ' ';
  };
  std::string_view best;
  for (size_t start = 0; start <= text.size();) {
    size_t end = start;
    while (end < text.size() && !special(text[end])) ++end;
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

}  // namespace

struct Program::Compiled {
  std::unique_ptr<Compilation> compilation;
};

Program::Program(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Result<Program> Program::compile(const Node& node, std::string_view source, PathTable& paths,
                                 Dialect dialect) {
  auto compilation = compile_node(node, source, paths, dialect);
  if (!compilation) return std::unexpected(compilation.error());
  return Program(std::make_unique<Compiled>(Compiled{std::move(*compilation)}));
}

Value Program::eval(const Frame& frame) const {
  const Compilation& program = *compiled_->compilation;
  return evaluate(*program.root, frame, program.locals, program.dialect);
}

const std::vector<int>& Program::slots() const { return compiled_->compilation->slots; }

std::vector<std::string> Program::needles() const {
  std::vector<std::string> needles;
  gather(*compiled_->compilation->root, needles);
  return needles;
}

}  // namespace weir::expr
