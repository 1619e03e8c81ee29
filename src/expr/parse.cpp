// The ways in: sources as people give them, and messages that point into them.
#include <algorithm>

#include "expr/expr.h"
#include "expr/parser.h"
#include "expr/text.h"

namespace weir::expr {

namespace {

/// Code points shown around the place of an error when its line is long.
constexpr size_t kShownAround = 60;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

/// Tokens of `source`, or the message for a person.
Result<std::vector<Token>> read_tokens(std::string_view source) {
  if (source.size() > kMaxSource) return usage_error("the expression is longer than 1 MiB");
  auto tokens = tokenize(source);
  if (!tokens) return usage_error(point_at(source, tokens.error().span, tokens.error().message));
  return std::move(*tokens);
}

std::unexpected<Error> syntax_error(std::string_view source, const Parser& parser) {
  return usage_error(point_at(source, parser.error().span, parser.error().message));
}

/// The names of a path with dots between them: what a field made from it is called.
std::string dotted_name(const Path& path) {
  std::string name = path.root == Path::Root::kMeta ? "meta" : "";
  for (const Path::Name& part : path.names) {
    if (!name.empty()) name += '.';
    name += part.text;
  }
  return name.empty() ? "this" : name;
}

/// Parses `EXPRESSION` or `TARGET = EXPRESSION`. Spans of the node count in `source`.
Named parse_named(std::string_view source, Parser& parser) {
  Named named;
  const NodePtr target = parser.parse_target();
  const uint32_t begin = parser.next_begin();
  if (!parser.failed()) named.node = parser.parse_expression();
  if (parser.failed()) return named;
  named.source = source;
  named.has_name = target != nullptr;
  std::optional<Path> path = path_of(target != nullptr ? *target : *named.node);
  if (path) {
    named.name = dotted_name(*path);
    named.target = std::move(*path);
  } else {
    named.name = trim(source.substr(begin, parser.last_end() - begin));
    named.target = Path::single(named.name);
  }
  return named;
}

}  // namespace

Result<NodePtr> parse(std::string_view source) {
  auto tokens = read_tokens(source);
  if (!tokens) return std::unexpected(tokens.error());
  Parser parser(*tokens);
  NodePtr node = parser.parse_expression();
  if (!parser.failed() && !parser.at_end()) parser.fail_unexpected();
  if (parser.failed()) return syntax_error(source, parser);
  return node;
}

Result<Named> parse_assignment(std::string_view source) {
  auto tokens = read_tokens(source);
  if (!tokens) return std::unexpected(tokens.error());
  Parser parser(*tokens);
  Named named = parse_named(source, parser);
  if (!parser.failed() && !named.has_name) {
    const Span all = named.node->span;
    parser.fail({all.begin, all.begin + 1},
                path_of(*named.node) ? "expected '=' and a value behind the field"
                                     : "expected a field and '=' in front: NAME = EXPRESSION");
  }
  if (!parser.failed() && !parser.at_end()) parser.fail_unexpected();
  if (parser.failed()) return syntax_error(source, parser);
  return named;
}

Result<std::vector<Named>> parse_list(std::string_view source) {
  auto tokens = read_tokens(source);
  if (!tokens) return std::unexpected(tokens.error());
  Parser parser(*tokens);
  std::vector<Named> list;
  do {
    list.push_back(parse_named(source, parser));
  } while (!parser.failed() && parser.accept(","));
  if (!parser.failed() && !parser.at_end()) parser.fail_unexpected();
  if (parser.failed()) return syntax_error(source, parser);
  return list;
}

std::string point_at(std::string_view source, Span span, std::string_view message) {
  const size_t begin = std::min<size_t>(span.begin, source.size());
  const size_t line_start = begin == 0 ? 0 : source.rfind('\n', begin - 1) + 1;
  const size_t line_end = std::min(source.find('\n', begin), source.size());
  const std::string_view line = source.substr(line_start, line_end - line_start);
  const size_t column = count_code_points(line.substr(0, begin - line_start));
  const size_t end = std::clamp<size_t>(span.end, begin, line_end);
  const size_t marked = count_code_points(source.substr(begin, end - begin));

  // Of a long line the part around the place is shown.
  const size_t first = column > kShownAround ? column - kShownAround : 0;
  const size_t from = code_point_offset(line, first);
  const size_t to = from + code_point_offset(line.substr(from), 2 * kShownAround);
  std::string text(message);
  text += "\n  ";
  if (first > 0) text += "... ";
  for (const char c : line.substr(from, to - from)) {
    text += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c;
  }
  if (to < line.size()) text += " ...";
  text += "\n  ";
  text.append(column - first + (first > 0 ? 4 : 0), ' ');
  text.append(std::clamp<size_t>(marked, 1, kShownAround), '^');
  return text;
}

}  // namespace weir::expr
