// The words of an expression.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "expr/ast.h"

namespace weir::expr {

enum class TokenKind : uint8_t {
  kEnd,
  kName,        ///< an identifier; `text` is the name
  kReserved,    ///< a word that CEL keeps for itself: usable behind a dot only
  kQuotedName,  ///< `between backticks`: usable behind a dot only
  kTrue,
  kFalse,
  kNull,
  kIn,
  kInt,          ///< `magnitude`; the sign is the parser's
  kUint,         ///< `magnitude`
  kDouble,       ///< `real`
  kString,       ///< `text`, escapes resolved
  kBytes,        ///< `text`, escapes resolved
  kPunctuation,  ///< `text`: one of ( ) [ ] { } . , ? : + - * / % ! != == = < <= > >= && ||
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
  uint64_t magnitude = 0;
  double real = 0;
  std::string text;
};

/// Where a source is wrong, and how.
struct SyntaxError {
  Span span;
  std::string message;
};

/// The longest source that is read, in bytes.
inline constexpr size_t kMaxSource = size_t{1} << 20;

/// Splits `source` into tokens by the lexical rules of CEL (language definition, "Syntax"); white
/// space and // comments fall away. The last token is kEnd. Needs at most kMaxSource bytes.
std::expected<std::vector<Token>, SyntaxError> tokenize(std::string_view source);

}  // namespace weir::expr
