// What is printed of a tree reads as the same tree.
#pragma once

#include <bit>
#include <cstdint>

#include "expr/expr.h"
#include "expr/lexer.h"
#include "require.h"

namespace weir::expr {

inline bool same_tree(const Node& a, const Node& b) {
  const bool alike = a.kind == b.kind && a.op == b.op && a.has_receiver == b.has_receiver &&
                     a.boolean == b.boolean && a.optional == b.optional &&
                     a.optional_entry == b.optional_entry && a.root == b.root &&
                     a.integer == b.integer && a.unsigned_integer == b.unsigned_integer &&
                     std::bit_cast<uint64_t>(a.real) == std::bit_cast<uint64_t>(b.real) &&
                     a.text == b.text && a.children.size() == b.children.size();
  for (size_t i = 0; alike && i < a.children.size(); ++i) {
    if (!same_tree(*a.children[i], *b.children[i])) return false;
  }
  return alike;
}

inline void print_and_read(const Node& node, Dialect dialect = Dialect::kEvents) {
  const std::string text = to_text(node);
  if (text.size() > kMaxSource) return;
  const auto again = parse(text, dialect);
  require(again.has_value(), "what was printed cannot be read", text,
          again ? "" : again.error().message);
  require_same("the text of the tree changes", text, to_text(**again));
  require(same_tree(node, **again), "the tree changes", text);
}

}  // namespace weir::expr
