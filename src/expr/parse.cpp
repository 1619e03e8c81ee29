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

/// How a name with other characters than letters and digits is written as a field: this['a-b'].
std::string example_of(std::string_view name) {
  name = trim(name);
  const bool is_name = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-. /:@").find(c) != std::string_view::npos;
  });
  return is_name && !name.empty() ? "this['" + std::string(name) + "']" : "this['any name']";
}

/// The bytes of the source from `begin` up to the next comma or equals sign.
Span piece_at(std::string_view source, uint32_t begin) {
  return {begin, static_cast<uint32_t>(std::min(source.find_first_of(",=", begin), source.size()))};
}

std::string_view text_of(std::string_view source, Span span) {
  return source.substr(span.begin, span.end - span.begin);
}

/// Reports that no field stands at `span`.
std::unexpected<Error> no_field(std::string_view source, Span span, std::string_view name) {
  const std::string_view trimmed = trim(name);
  if (trimmed.ends_with('*')) {
    return usage_error(point_at(
        source, span, "fields are named one by one, without *; with an object goes all in it"));
  }
  if (trimmed.ends_with(']') && !trimmed.ends_with("']") && !trimmed.ends_with("\"]")) {
    return usage_error(point_at(source, span,
                                "a member of a list is no field: set 'NAME = " +
                                    std::string(trimmed) + "' in front makes one of it"));
  }
  return usage_error(
      point_at(source, span, "expected a field: a name, a.b, or " + example_of(name)));
}

/// What is wrong where no field and '=' stand in front.
std::string no_target(const Named& named, Parser& parser) {
  const Node& node = *named.node;
  if (parser.accept("=")) {
    return node.kind == NodeKind::kIndex
               ? "a member of a list cannot be set alone: name the field, and give it a whole list"
               : "a field stands in front of '=', and this is none: a name, a.b, or " +
                     example_of(text_of(named.source, node.span));
  }
  if (node.kind == NodeKind::kOperator && node.op == Operator::kEqual) {
    return "an assignment has one equals sign: NAME = EXPRESSION";
  }
  if (!path_of(node)) return "expected a field and '=' in front: NAME = EXPRESSION";
  const std::string_view source = named.source;
  const Span piece = piece_at(source, node.span.begin);
  if (text_of(source, piece).ends_with(':')) return "an assignment has no colon: NAME = EXPRESSION";
  const bool in_pieces = !parser.at_end() && source.substr(piece.end).starts_with('=');
  return in_pieces ? "expected a field in front of '=': a name, a.b, or " +
                         example_of(text_of(source, piece))
                   : "expected '=' and a value behind the field: NAME = EXPRESSION";
}

/// What is wrong with what should be NEW = OLD.
std::string no_renaming(std::string_view piece) {
  const std::string expected = "expected NEW = OLD: a new name, and the field it is for";
  const size_t equals = piece.find('=');
  for (const std::string_view arrow : {"->", "=>", " as ", " AS ", " to "}) {
    const size_t at = piece.find(arrow);
    if (at == std::string_view::npos || equals < at) continue;
    return expected + ", as in '" + std::string(trim(piece.substr(at + arrow.size()))) + " = " +
           std::string(trim(piece.substr(0, at))) + "'";
  }
  if (equals == std::string_view::npos) return expected;
  for (const std::string_view side : {piece.substr(0, equals), piece.substr(equals + 1)}) {
    if (trim(side).find_first_of(" -") == std::string_view::npos) continue;
    if (example_of(side) == example_of({})) continue;
    return expected + "; such a field is written " + example_of(side);
  }
  return expected;
}

}  // namespace

Result<NodePtr> parse(std::string_view source, Dialect dialect, const Limits& limits) {
  auto tokens = read_tokens(source);
  if (!tokens) return std::unexpected(tokens.error());
  Parser parser(*tokens, dialect, limits);
  NodePtr node = parser.parse_expression();
  if (!parser.failed() && !parser.at_end()) parser.fail_unexpected();
  if (parser.failed()) return syntax_error(source, parser);
  return node;
}

Result<Named> parse_assignment(std::string_view source, const Limits& limits) {
  auto tokens = read_tokens(source);
  if (!tokens) return std::unexpected(tokens.error());
  Parser parser(*tokens, Dialect::kEvents, limits);
  if (parser.at_end()) parser.fail({0, 1}, "expected NAME = EXPRESSION, and nothing is there");
  Named named = parse_named(source, parser);
  if (!parser.failed() && !named.has_name) {
    const uint32_t begin = named.node->span.begin;
    parser.fail({begin, begin + 1}, no_target(named, parser));
  }
  if (!parser.failed() && parser.accept(",")) {
    parser.fail({parser.last_end() - 1, parser.last_end()},
                "each assignment is an argument of its own: 'a = 1' 'b = 2'");
  }
  if (!parser.failed() && !parser.at_end()) parser.fail_unexpected();
  if (parser.failed()) return syntax_error(source, parser);
  return named;
}

Result<std::vector<Named>> parse_list(std::string_view source, const Limits& limits) {
  auto tokens = read_tokens(source);
  if (!tokens) return std::unexpected(tokens.error());
  Parser parser(*tokens, Dialect::kEvents, limits);
  std::vector<Named> list;
  do {
    list.push_back(parse_named(source, parser));
  } while (!parser.failed() && parser.accept(","));
  if (!parser.failed() && !parser.at_end()) parser.fail_unexpected();
  if (parser.failed()) return syntax_error(source, parser);
  return list;
}

Result<std::vector<Path>> parse_fields(std::string_view source) {
  auto tokens = read_tokens(source);
  if (!tokens) return std::unexpected(tokens.error());
  Parser parser(*tokens, Dialect::kEvents, {});
  std::vector<Path> fields;
  for (bool more = true; more;) {
    const uint32_t begin = parser.next_begin();
    const std::string_view piece = text_of(source, piece_at(source, begin));
    if (trim(piece).empty()) return no_field(source, {begin, begin + 1}, {});
    if (trim(piece).ends_with('*')) return no_field(source, piece_at(source, begin), piece);
    Named named = parse_named(source, parser);
    if (parser.failed()) return syntax_error(source, parser);
    const Span span = named.node->span;
    if (named.has_name) {
      return usage_error(point_at(source, span, "expected names of fields only, without '='"));
    }
    if (!path_of(*named.node)) return no_field(source, span, text_of(source, span));
    if (named.target.root != Path::Root::kEvent || named.target.is_whole()) {
      const bool is_event = named.target.root == Path::Root::kEvent;
      return usage_error(point_at(
          source, span,
          is_event ? "expected a field, and this is the whole event"
                   : "expected a field; where an event came from becomes one by set, as in set "
                     "'eid = meta.eid'"));
    }
    fields.push_back(std::move(named.target));
    more = parser.accept(",");
    if (!more && !parser.at_end()) return no_field(source, piece_at(source, begin), piece);
  }
  return fields;
}

Result<std::vector<Path>> parse_fields(std::span<const std::string> words) {
  std::vector<Path> all;
  for (std::string_view word : words) {
    // As in `a, b` without quotes.
    if (word.ends_with(',') && word.data() != words.back().data()) word.remove_suffix(1);
    auto fields = parse_fields(word);
    if (!fields) return fields;
    std::ranges::move(*fields, std::back_inserter(all));
  }
  return all;
}

Result<std::vector<Named>> parse_renamings(std::string_view source) {
  const Span whole = {0, static_cast<uint32_t>(source.size())};
  auto tokens = read_tokens(source);
  if (!tokens && source.contains("=>")) {
    return usage_error(point_at(source, whole, no_renaming(source)));
  }
  if (!tokens) return std::unexpected(tokens.error());
  Parser parser(*tokens, Dialect::kEvents, {});
  std::vector<Named> list;
  for (bool more = true; more;) {
    const uint32_t begin = parser.next_begin();
    Named named = parse_named(source, parser);
    more = !parser.failed() && parser.accept(",");
    const bool is_whole = more || (!parser.failed() && parser.at_end());
    if (is_whole && named.has_name && path_of(*named.node)) {
      list.push_back(std::move(named));
      continue;
    }
    const auto comma = std::min(source.find(',', begin), source.size());
    const Span piece = {begin, static_cast<uint32_t>(comma)};
    return usage_error(point_at(source, piece, no_renaming(text_of(source, piece))));
  }
  return list;
}

Result<Path> parse_field(std::string_view source) {
  auto fields = parse_fields(source);
  if (!fields) return std::unexpected(fields.error());
  if (fields->size() == 1) return std::move(fields->front());
  const auto size = static_cast<uint32_t>(source.size());
  return usage_error(point_at(source, {0, size}, "expected one field, and here are several"));
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
