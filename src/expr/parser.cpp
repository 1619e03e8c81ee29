#include "expr/parser.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::expr {

namespace {

struct BinaryWord {
  std::string_view text;
  Operator op;
  int precedence;
};

constexpr std::array<BinaryWord, 13> kBinaryWords = {{
    {"||", Operator::kOr, 1},
    {"&&", Operator::kAnd, 2},
    {"<", Operator::kLess, 3},
    {"<=", Operator::kLessEqual, 3},
    {">", Operator::kGreater, 3},
    {">=", Operator::kGreaterEqual, 3},
    {"==", Operator::kEqual, 3},
    {"!=", Operator::kNotEqual, 3},
    {"+", Operator::kAdd, 4},
    {"-", Operator::kSubtract, 4},
    {"*", Operator::kMultiply, 5},
    {"/", Operator::kDivide, 5},
    {"%", Operator::kRemainder, 5},
}};
constexpr int kRelation = 3;

bool is_chain(Operator op) { return op == Operator::kAnd || op == Operator::kOr; }

}  // namespace

/// Counts how deep the parser is inside itself, which parentheses make deeper than the tree.
struct Parser::Level {
  explicit Level(Parser& parser) : parser_(parser) {
    if (++parser_.nesting_ > kMaxNodeDepth) {
      parser_.fail(parser_.peek().span,
                   "this is nested more than " + std::to_string(kMaxNodeDepth) + " levels deep");
    }
  }
  ~Level() { --parser_.nesting_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  Parser& parser_;
};

void Parser::fail(Span span, std::string message) {
  if (failed_) return;
  failed_ = true;
  error_ = {span, std::move(message)};
}

void Parser::fail_unexpected() {
  const Token& token = peek();
  const bool after_operand = at_ > 0;
  if (token.kind == TokenKind::kName && after_operand) {
    if (token.text == "and" || token.text == "AND") return fail(token.span, "and is written &&");
    if (token.text == "or" || token.text == "OR") return fail(token.span, "or is written ||");
    const Token& before = tokens_[at_ - 1];
    if (before.kind == TokenKind::kName && (before.text == "not" || before.text == "NOT")) {
      return fail(before.span, "not is written !");
    }
    if (token.text == "not" || token.text == "NOT") {
      return fail(token.span, "not is written !, as in !(x in list)");
    }
  }
  switch (token.kind) {
    case TokenKind::kEnd:
      return fail(token.span, "the expression ends too early");
    case TokenKind::kReserved:
      return fail(token.span, "'" + token.text +
                                  "' is a reserved word; a field of that name is "
                                  "written this." +
                                  token.text);
    case TokenKind::kQuotedName:
      return fail(token.span,
                  "a name in backticks stands behind a dot only: this.`" + token.text + "`");
    case TokenKind::kPunctuation:
      if (token.text == "=") return fail(token.span, "equality is written ==");
      return fail(token.span, "'" + token.text + "' is not expected here");
    case TokenKind::kIn:
      return fail(token.span,
                  "'in' is not expected here; a field of that name is "
                  "written this['in']");
    default:
      return fail(token.span, "expected an operator here, or the end");
  }
}

bool Parser::accept(std::string_view punctuation) {
  if (!is_punctuation(punctuation)) return false;
  ++at_;
  return true;
}

bool Parser::expect(std::string_view punctuation, std::string_view why) {
  if (failed_) return false;
  if (accept(punctuation)) return true;
  if (at_end()) {
    fail(peek().span, "expected '" + std::string(punctuation) + "'" + std::string(why));
  } else {
    const Token& token = peek();
    const bool hinted = token.kind == TokenKind::kName || is_punctuation("=");
    if (hinted) {
      fail_unexpected();
    } else {
      fail(token.span, "expected '" + std::string(punctuation) + "'" + std::string(why));
    }
  }
  return false;
}

NodePtr Parser::make(NodeKind kind, uint32_t begin) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  node->span = {begin, begin};
  node->mark = peek().span;
  return node;
}

/// Ends a node at the token before, and checks its depth.
NodePtr Parser::finish(NodePtr node) {
  if (failed_) return nullptr;
  node->span.end = last_end();
  int depth = 0;
  for (const NodePtr& child : node->children) depth = std::max<int>(depth, child->depth);
  if (++depth > kMaxNodeDepth) {
    fail(node->span, "this is nested more than " + std::to_string(kMaxNodeDepth) + " levels deep");
    return nullptr;
  }
  node->depth = static_cast<uint16_t>(depth);
  return node;
}

NodePtr Parser::parse_expression() {
  const Level level(*this);
  if (failed_) return nullptr;
  const uint32_t begin = next_begin();
  NodePtr condition = parse_binary(1);
  if (failed_ || !is_punctuation("?")) return condition;
  NodePtr node = make(NodeKind::kConditional, begin);
  ++at_;
  NodePtr yes = parse_binary(1);
  if (!expect(":", " and what to answer otherwise")) return nullptr;
  NodePtr no = parse_expression();
  if (failed_) return nullptr;
  node->children.push_back(std::move(condition));
  node->children.push_back(std::move(yes));
  node->children.push_back(std::move(no));
  return finish(std::move(node));
}

Operator Parser::binary_operator(int& precedence) const {
  if (peek().kind == TokenKind::kIn) {
    precedence = kRelation;
    return Operator::kIn;
  }
  if (peek().kind != TokenKind::kPunctuation) return Operator::kNone;
  for (const BinaryWord& word : kBinaryWords) {
    if (word.text != peek().text) continue;
    precedence = word.precedence;
    return word.op;
  }
  return Operator::kNone;
}

NodePtr Parser::parse_binary(int least) {
  const uint32_t begin = next_begin();
  NodePtr left = parse_unary();
  while (!failed_) {
    int precedence = 0;
    const Operator op = binary_operator(precedence);
    if (op == Operator::kNone || precedence < least) break;
    NodePtr node = make(NodeKind::kOperator, begin);
    node->op = op;
    node->children.push_back(std::move(left));
    do {
      ++at_;
      NodePtr right = parse_binary(precedence + 1);
      if (failed_) return nullptr;
      node->children.push_back(std::move(right));
      // A chain of && or || is one node, so that a long one is not deep.
    } while (is_chain(op) && is_punctuation(spelling(op)));
    left = finish(std::move(node));
  }
  return left;
}

NodePtr Parser::parse_unary() {
  // A loop, not a recursion: the signs are counted by the depth of the tree they make.
  const size_t first = at_;
  while (is_punctuation("!") || is_punctuation("-")) {
    const bool literal = is_punctuation("-") &&
                         (peek(1).kind == TokenKind::kInt || peek(1).kind == TokenKind::kDouble);
    if (literal) break;
    if (at_ - first > static_cast<size_t>(kMaxNodeDepth)) {
      fail(peek().span, "too many signs in a row");
      return nullptr;
    }
    ++at_;
  }
  size_t sign = at_;
  NodePtr node = parse_member();
  while (!failed_ && sign-- > first) {
    const Token& token = tokens_[sign];
    NodePtr outer = make(NodeKind::kOperator, token.span.begin);
    outer->op = token.text == "!" ? Operator::kNot : Operator::kNegate;
    outer->mark = token.span;
    outer->children.push_back(std::move(node));
    node = finish(std::move(outer));
  }
  return node;
}

NodePtr Parser::parse_member() {
  const uint32_t begin = next_begin();
  NodePtr node = parse_primary();
  while (!failed_) {
    if (is_punctuation(".")) {
      node = parse_selection(std::move(node), begin);
    } else if (is_punctuation("[")) {
      NodePtr index = make(NodeKind::kIndex, begin);
      ++at_;
      index->children.push_back(std::move(node));
      NodePtr inner = parse_expression();
      if (!expect("]", " behind the index")) return nullptr;
      index->children.push_back(std::move(inner));
      node = finish(std::move(index));
    } else {
      break;
    }
  }
  return node;
}

NodePtr Parser::parse_selection(NodePtr receiver, uint32_t begin) {
  ++at_;
  const Token& name = peek();
  const bool word = name.kind == TokenKind::kName || name.kind == TokenKind::kReserved;
  if (!word && name.kind != TokenKind::kQuotedName) {
    const bool keyword = name.kind == TokenKind::kIn || name.kind == TokenKind::kTrue ||
                         name.kind == TokenKind::kFalse || name.kind == TokenKind::kNull;
    fail(name.span, keyword ? "this word cannot stand behind a dot: write ['...'] around it"
                            : "expected a name behind the dot");
    return nullptr;
  }
  NodePtr node = make(NodeKind::kSelect, begin);
  node->text = name.text;
  node->children.push_back(std::move(receiver));
  ++at_;
  if (word && is_punctuation("(")) {
    node->kind = NodeKind::kCall;
    node->has_receiver = true;
    ++at_;
    if (!parse_arguments(*node, ")")) return nullptr;
  }
  return finish(std::move(node));
}

/// Parses expressions between commas up to `close`.
bool Parser::parse_arguments(Node& call, std::string_view close) {
  if (accept(close)) return true;
  do {
    NodePtr argument = parse_expression();
    if (failed_) return false;
    call.children.push_back(std::move(argument));
  } while (accept(","));
  return expect(close, " or ','");
}

NodePtr Parser::parse_primary() {
  const uint32_t begin = next_begin();
  switch (peek().kind) {
    case TokenKind::kName:
      return parse_name();
    case TokenKind::kPunctuation:
      break;
    case TokenKind::kEnd:
      fail(peek().span, at_ == 0 ? "there is no expression" : "the expression ends too early");
      return nullptr;
    case TokenKind::kIn:
    case TokenKind::kReserved:
    case TokenKind::kQuotedName:
      fail_unexpected();
      return nullptr;
    default:
      return parse_literal();
  }
  if (accept("(")) {
    NodePtr node = parse_expression();
    return expect(")", " to close the parenthesis") ? std::move(node) : nullptr;
  }
  if (is_punctuation("[")) return parse_list();
  if (is_punctuation("{")) return parse_map();
  if (is_punctuation("-")) return parse_literal();
  if (is_punctuation(".")) {
    const bool name = peek(1).kind == TokenKind::kName;
    fail({begin, name ? peek(1).span.end : begin + 1},
         name ? "a field has no dot in front: write " + peek(1).text
              : "there is nothing in front of the dot (the whole event is written this)");
    return nullptr;
  }
  if (is_punctuation("=")) {
    fail(peek().span, "'=' is not expected here");
    return nullptr;
  }
  fail(peek().span, "'" + peek().text + "' is not expected here: a value is missing");
  return nullptr;
}

NodePtr Parser::parse_literal() {
  NodePtr node = make(NodeKind::kNull, next_begin());
  const bool negative = accept("-");
  const Token& token = peek();
  ++at_;
  switch (token.kind) {
    case TokenKind::kTrue:
    case TokenKind::kFalse:
      node->kind = NodeKind::kBool;
      node->boolean = token.kind == TokenKind::kTrue;
      break;
    case TokenKind::kInt: {
      node->kind = NodeKind::kInt;
      const uint64_t limit = static_cast<uint64_t>(INT64_MAX) + (negative ? 1 : 0);
      if (token.magnitude > limit) {
        fail(token.span,
             "this number does not fit in an int; with a u behind it it is a uint, with a "
             "point (.0) a double");
      }
      node->integer = static_cast<int64_t>(negative ? 0 - token.magnitude : token.magnitude);
      break;
    }
    case TokenKind::kUint:
      node->kind = NodeKind::kUint;
      node->unsigned_integer = token.magnitude;
      break;
    case TokenKind::kDouble:
      node->kind = NodeKind::kDouble;
      node->real = negative ? -token.real : token.real;
      break;
    case TokenKind::kString:
      node->kind = NodeKind::kString;
      node->text = token.text;
      break;
    case TokenKind::kBytes:
      node->kind = NodeKind::kBytes;
      node->text = token.text;
      break;
    default:
      break;
  }
  return finish(std::move(node));
}

NodePtr Parser::parse_name() {
  NodePtr node = make(NodeKind::kName, next_begin());
  node->text = peek().text;
  ++at_;
  if (is_punctuation("(")) {
    node->kind = NodeKind::kCall;
    ++at_;
    if (!parse_arguments(*node, ")")) return nullptr;
  }
  return finish(std::move(node));
}

NodePtr Parser::parse_list() {
  NodePtr node = make(NodeKind::kList, next_begin());
  ++at_;
  while (!failed_ && !is_punctuation("]")) {
    NodePtr item = parse_expression();
    if (failed_) return nullptr;
    node->children.push_back(std::move(item));
    if (!accept(",")) break;
  }
  return expect("]", " or ',' in the list") ? finish(std::move(node)) : nullptr;
}

NodePtr Parser::parse_map() {
  NodePtr node = make(NodeKind::kMap, next_begin());
  ++at_;
  while (!failed_ && !is_punctuation("}")) {
    NodePtr key = parse_expression();
    if (!expect(":", " behind the key")) return nullptr;
    NodePtr value = parse_expression();
    if (failed_) return nullptr;
    node->children.push_back(std::move(key));
    node->children.push_back(std::move(value));
    if (!accept(",")) break;
  }
  return expect("}", " or ',' in the map") ? finish(std::move(node)) : nullptr;
}

NodePtr Parser::parse_target() {
  const size_t start = at_;
  if (peek().kind != TokenKind::kName && peek().kind != TokenKind::kReserved) return nullptr;
  NodePtr node = make(NodeKind::kName, next_begin());
  const uint32_t begin = next_begin();
  node->text = peek().text;
  ++at_;
  node = finish(std::move(node));
  while (!failed_) {
    const TokenKind next = peek(1).kind;
    const bool name =
        next == TokenKind::kName || next == TokenKind::kReserved || next == TokenKind::kQuotedName;
    if (is_punctuation(".") && name && !is_punctuation("(", 2)) {
      node = parse_selection(std::move(node), begin);
    } else if (is_punctuation("[") && next == TokenKind::kString && is_punctuation("]", 2)) {
      NodePtr index = make(NodeKind::kIndex, begin);
      ++at_;
      index->children.push_back(std::move(node));
      index->children.push_back(parse_literal());
      ++at_;
      node = finish(std::move(index));
    } else {
      break;
    }
  }
  if (!failed_ && accept("=")) return node;
  if (!failed_) at_ = start;
  return nullptr;
}

}  // namespace weir::expr
