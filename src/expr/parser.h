// From tokens to a tree.
#pragma once

#include <algorithm>
#include <expected>
#include <span>
#include <string_view>

#include "expr/ast.h"
#include "expr/lexer.h"
#include "expr/limits.h"

namespace weir::expr {

/// A recursive-descent parser for CEL's grammar (language definition, "Syntax"), on the tokens of
/// one source. The first error ends it: from then on every call gives null.
class Parser {
 public:
  /// `tokens` end with kEnd and outlive the parser.
  Parser(std::span<const Token> tokens, Dialect dialect, const Limits& limits)
      : tokens_(tokens), dialect_(dialect), deepest_(std::min(limits.depth, kMaxNodeDepth)) {}

  /// Parses an expression, as far as it goes.
  NodePtr parse_expression();

  /// Parses the field in front of an `=`, and the `=`. Null without error if there is no `=` behind
  /// something that could be a field: the position is then as before. Reserved words may be fields.
  NodePtr parse_target();

  /// Takes the punctuation if it comes next.
  bool accept(std::string_view punctuation);
  bool at_end() const { return peek().kind == TokenKind::kEnd; }
  /// The first byte of the next token; one past the last byte of the token before.
  uint32_t next_begin() const { return peek().span.begin; }
  uint32_t last_end() const { return at_ == 0 ? 0 : tokens_[at_ - 1].span.end; }

  /// Reports that the next token does not belong here.
  void fail_unexpected();
  void fail(Span span, std::string message);

  bool failed() const { return failed_; }
  const SyntaxError& error() const { return error_; }

 private:
  struct Level;

  const Token& peek(size_t ahead = 0) const {
    return tokens_[at_ + ahead < tokens_.size() ? at_ + ahead : tokens_.size() - 1];
  }
  bool is_punctuation(std::string_view text, size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::kPunctuation && peek(ahead).text == text;
  }
  bool is_name_in_pieces() const;
  void fail_deep(Span span);
  bool expect(std::string_view punctuation, std::string_view why);

  NodePtr make(NodeKind kind, uint32_t begin);
  NodePtr finish(NodePtr node);
  Operator binary_operator(int& precedence) const;
  NodePtr parse_binary(int least);
  NodePtr parse_unary();
  NodePtr parse_member();
  NodePtr parse_selection(NodePtr receiver, uint32_t begin);
  NodePtr parse_primary();
  NodePtr parse_literal();
  NodePtr parse_dot();
  NodePtr parse_name(uint32_t begin);
  NodePtr parse_list();
  NodePtr parse_map();
  bool parse_arguments(Node& call, std::string_view close);

  NodePtr parse_entry();
  bool is_message(const Node& node) const;

  std::span<const Token> tokens_;
  Dialect dialect_;
  int deepest_;
  size_t at_ = 0;
  int nesting_ = 0;
  bool failed_ = false;
  SyntaxError error_;
};

}  // namespace weir::expr
