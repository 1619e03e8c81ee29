#include "expr/parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/foreign_words.h"
#include "expr/function.h"

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

/// `math.greatest(1, 2)` is a call of the function math.greatest, and not of a method of `math`.
void resolve_namespace(Node& call) {
  const std::string name = qualified_name(call);
  const auto& names = function_names();
  if (name.empty() || std::ranges::find(names, name) == names.end()) return;
  call.mark.begin = call.span.begin;
  call.text = name;
  call.has_receiver = false;
  call.children.erase(call.children.begin());
}

}  // namespace

/// Counts how deep the parser is inside itself, which parentheses make deeper than the tree.
struct Parser::Level {
  explicit Level(Parser& parser) : parser_(parser) {
    if (++parser_.nesting_ > parser_.deepest_) parser_.fail_deep(parser_.peek().span);
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

void Parser::fail_deep(Span span) {
  fail(span, "this is nested more than " + std::to_string(deepest_) + " levels deep");
}

/// Has a name of two words been read to its middle: User Agent?
bool Parser::is_name_in_pieces() const {
  if (at_ == 0 || peek().kind != TokenKind::kName || is_punctuation("(", 1)) return false;
  const Token& before = tokens_[at_ - 1];
  const bool is_member = at_ > 1 && tokens_[at_ - 2].text == ".";
  return before.kind == TokenKind::kName && !is_member && before.span.end + 1 == peek().span.begin;
}

void Parser::fail_unexpected() {
  const Token& token = peek();
  const bool after_operand = at_ > 0;
  if (token.kind == TokenKind::kName && after_operand) {
    const Token& before = tokens_[at_ - 1];
    if (before.kind == TokenKind::kName && (before.text == "not" || before.text == "NOT")) {
      return fail(before.span, "not is written !");
    }
    const bool is_first = at_ > 1 && tokens_[at_ - 2].text == "(";
    if (is_first && (before.text == "distinct" || before.text == "DISTINCT")) {
      return fail(before.span, aggregate_remedy("distinct"));
    }
    const std::string_view remedy = remedy_for_word(token.text);
    if (!remedy.empty()) return fail(token.span, std::string(remedy));
  }
  switch (token.kind) {
    case TokenKind::kEnd:
      return fail(token.span, "the expression ends too early");
    case TokenKind::kReserved:
      if (token.text == "if") {
        return fail(token.span,
                    "a choice is written condition ? yes : no; a field called if is this.if");
      }
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
    default: {
      std::string message = "expected an operator here, or the end";
      if (is_name_in_pieces()) {
        message += "; a field of that name is written this['" + tokens_[at_ - 1].text + " " +
                   token.text + "']";
      }
      return fail(token.span, std::move(message));
    }
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
  if (++depth > deepest_) {
    fail_deep(node->span);
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
    if (at_ - first > static_cast<size_t>(deepest_)) {
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
      index->optional = accept("?");
      index->children.push_back(std::move(node));
      NodePtr inner = parse_expression();
      if (!failed_ && is_punctuation(":")) {
        fail(peek().span, "a part is written list.slice(0, 2), or text.substring(0, 2)");
      }
      if (!expect("]", " behind the index")) return nullptr;
      index->children.push_back(std::move(inner));
      node = finish(std::move(index));
    } else if (is_punctuation("{") && is_message(*node)) {
      fail({begin, peek().span.end},
           "there are no messages here, only maps: {'name': value, 'other': value}");
    } else {
      break;
    }
  }
  return node;
}

/// True if the node can be the name of a type in front of a brace, as in `a.B{c: 1}`.
bool Parser::is_message(const Node& node) const {
  const Node* at = &node;
  while (at->kind == NodeKind::kSelect && !at->optional) at = at->children[0].get();
  return at->kind == NodeKind::kName;
}

NodePtr Parser::parse_selection(NodePtr receiver, uint32_t begin) {
  ++at_;
  const bool optional = accept("?");
  const Token& name = peek();
  const bool word = name.kind == TokenKind::kName || name.kind == TokenKind::kReserved;
  if (!word && name.kind != TokenKind::kQuotedName) {
    const bool keyword = name.kind == TokenKind::kIn || name.kind == TokenKind::kTrue ||
                         name.kind == TokenKind::kFalse || name.kind == TokenKind::kNull;
    fail(name.span, keyword ? "this word cannot stand behind a dot: write ['...'] around it"
                    : name.kind == TokenKind::kString
                        ? "expected a name behind the dot: any name stands in ['...'], and texts "
                          "are joined by +"
                        : "expected a name behind the dot");
    return nullptr;
  }
  NodePtr node = make(NodeKind::kSelect, begin);
  node->text = name.text;
  node->optional = optional;
  node->children.push_back(std::move(receiver));
  ++at_;
  if (word && !optional && is_punctuation("(")) {
    node->kind = NodeKind::kCall;
    node->has_receiver = true;
    ++at_;
    if (!parse_arguments(*node, ")")) return nullptr;
    resolve_namespace(*node);
  }
  return finish(std::move(node));
}

/// Parses expressions between commas up to `close`.
bool Parser::parse_arguments(Node& call, std::string_view close) {
  if (accept(close)) return true;
  if (is_punctuation("*") && is_punctuation(close, 1)) {
    fail(peek().span, "write " + call.text + "() without the *");
    return false;
  }
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
      return parse_name(begin);
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
    if (!failed_ && is_punctuation(",")) {
      fail({begin, peek().span.end}, "a list stands in brackets: [1, 2]");
    }
    return expect(")", " to close the parenthesis") ? std::move(node) : nullptr;
  }
  if (is_punctuation("[")) return parse_list();
  if (is_punctuation("{")) return parse_map();
  if (is_punctuation("-")) return parse_literal();
  if (is_punctuation(".")) return parse_dot();
  if (is_punctuation("=")) {
    const Token* const before = at_ > 0 ? &tokens_[at_ - 1] : nullptr;
    if (before != nullptr && before->kind == TokenKind::kPunctuation &&
        std::string_view("+-*/%").find(before->text) != std::string_view::npos) {
      fail({before->span.begin, peek().span.end},
           "there is no '" + before->text + "=': name the field again, as in n = n + 1");
    }
    fail(peek().span, "'=' is not expected here");
    return nullptr;
  }
  fail(peek().span, "'" + peek().text + "' is not expected here: a value is missing");
  return nullptr;
}

/// A name with a dot in front: of the standard's outermost scope, and none over events.
NodePtr Parser::parse_dot() {
  const uint32_t begin = next_begin();
  if (dialect_ == Dialect::kStandard && peek(1).kind == TokenKind::kName) {
    ++at_;
    NodePtr node = parse_name(begin);
    if (node) node->root = node->kind == NodeKind::kName;
    return node;
  }
  // The whole path, as jq has it: .http.status
  std::string path;
  uint32_t end = begin + 1;
  for (; is_punctuation(".") && peek(1).kind == TokenKind::kName; at_ += 2) {
    path += (path.empty() ? "" : ".") + peek(1).text;
    end = peek(1).span.end;
  }
  fail({begin, end}, path.empty()
                         ? "there is nothing in front of the dot (the whole event is written this)"
                         : "a field has no dot in front: write " + path);
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

NodePtr Parser::parse_name(uint32_t begin) {
  NodePtr node = make(NodeKind::kName, begin);
  node->text = peek().text;
  ++at_;
  if (is_punctuation("(")) {
    node->kind = NodeKind::kCall;
    ++at_;
    if (!parse_arguments(*node, ")")) return nullptr;
  }
  return finish(std::move(node));
}

/// A member of a list, which may have a `?` in front.
NodePtr Parser::parse_entry() {
  const bool optional = accept("?");
  NodePtr entry = parse_expression();
  if (entry) entry->optional_entry = optional;
  return entry;
}

NodePtr Parser::parse_list() {
  NodePtr node = make(NodeKind::kList, next_begin());
  ++at_;
  while (!failed_ && !is_punctuation("]")) {
    // The grammar allows `[,]` as well.
    if (node->children.empty() && is_punctuation("]", 1) && accept(",")) break;
    NodePtr item = parse_entry();
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
    if (node->children.empty() && is_punctuation("}", 1) && accept(",")) break;
    const bool optional = accept("?");
    NodePtr key = parse_expression();
    if (!expect(":", " behind the key")) return nullptr;
    NodePtr value = parse_expression();
    if (failed_) return nullptr;
    value->optional_entry = optional;
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
